// What the generated glue (core.js) takes for `WebAssembly`: the build puts an import of this one before it.
// Every way into the wasm is an export (also a continuation after an await), so a guard around each export
// sees every trap: a panic, memory that ran out, a stack overflow. An instance that let an error escape is
// in an unknown state, whatever the error was. It is never entered again.

const Native = globalThis.WebAssembly;

/** Set by entry.mjs: called once for each instance that died. */
export const watch = { died() {} };

function guarded(exports) {
  let alive = true;
  const wrap = (call) => (...args) => {
    if (!alive) throw new Error("this wasm instance has trapped");
    try {
      return call(...args);
    } catch (error) {
      alive = false;
      watch.died(error);
      throw error;
    }
  };
  return Object.fromEntries(
    Object.entries(exports).map(([name, it]) => [name, typeof it === "function" ? wrap(it) : it]),
  );
}

function Instance(module, imports) {
  return { exports: guarded(new Native.Instance(module, imports).exports) };
}

export const WebAssembly = { Module: Native.Module, Instance };
