import { setFlagsFromString } from 'node:v8';

/**
 * Stops V8 from collecting compiled WebAssembly code, for the whole process, its threads included. Node 24 may abort where two threads
 * compile and drop the code of imported functions ("Check failed: jit_page.has_value()", nodejs/node 64500), and HTTP (undici), codecs
 * and kernels all run such code. The code of a module that is dropped goes as before; what stays is a few kilobytes for each imported
 * function. Call it before threads are started.
 */
export function keepWasmCode(): void {
  setFlagsFromString('--no-wasm-code-gc');
}
