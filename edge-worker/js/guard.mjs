// What the generated glue (core.js) takes for `WebAssembly`: the build puts an import of this one before it.
// Every way into the wasm is an export (also a continuation after an await), so a guard around each export
// sees every trap: a panic, memory that ran out, a stack overflow. An instance that let an error escape is
// in an unknown state, whatever the error was. It is never entered again.

const Native = globalThis.WebAssembly;

/** Set by entry.mjs: called once for each instance that died. */
export const watch = { died() {} };

function guarded(exports) {
  let alive = true;
  const enter = () => {
    if (!alive) throw new Error("this wasm instance has trapped");
  };
  const died = (error) => {
    alive = false;
    watch.died(error);
    return error;
  };
  // Written out for the lengths that nearly all exports have: a request goes through here some hundred times.
  const kinds = [
    (call) => () => { enter(); try { return call(); } catch (error) { throw died(error); } },
    (call) => (a) => { enter(); try { return call(a); } catch (error) { throw died(error); } },
    (call) => (a, b) => { enter(); try { return call(a, b); } catch (error) { throw died(error); } },
    (call) => (a, b, c) => { enter(); try { return call(a, b, c); } catch (error) { throw died(error); } },
  ];
  const any = (call) => (...all) => { enter(); try { return call(...all); } catch (error) { throw died(error); } };
  const wrap = (it) => (typeof it === "function" ? (kinds[it.length] ?? any)(it) : it);
  return Object.fromEntries(Object.entries(exports).map(([name, it]) => [name, wrap(it)]));
}

function Instance(module, imports) {
  return { exports: guarded(new Native.Instance(module, imports).exports) };
}

export const WebAssembly = { Module: Native.Module, Instance };

/** The platform's own is a way out of JavaScript and back; the microtask of a promise is the same one without it. */
const settled = Promise.resolve();
export const queueMicrotask = (work) => void settled.then(work);

/** Rust drops its closures itself: nothing is left to be told of by the garbage collector, which takes its time. */
export const FinalizationRegistry = undefined;
