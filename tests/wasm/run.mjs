// Runs one test binary that was compiled to wasm32: cargo calls this in place of the binary itself.
// The same runners and the same case files as natively; they may read the repository, and nothing else.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { WASI } from "node:wasi";

const [binary, ...words] = process.argv.slice(2);
const repository = fileURLToPath(new URL("../..", import.meta.url)).replace(/\/$/, "");
const wasi = new WASI({
  version: "preview1",
  args: [binary, ...words],
  env: { RUST_BACKTRACE: "0" },
  preopens: { [repository]: repository },
  returnOnExit: true,
});
const module = await WebAssembly.compile(await readFile(binary));
const instance = await WebAssembly.instantiate(module, wasi.getImportObject());
try {
  process.exitCode = wasi.start(instance);
} catch (trap) {
  // A failed assertion has printed its message by now; a trap is how wasm ends there.
  console.error(`wasm stopped: ${trap.message}`);
  process.exitCode = 101;
}
