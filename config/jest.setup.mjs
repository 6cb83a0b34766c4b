// The tests compile and drop WebAssembly modules in many contexts; V8 may abort when it collects their code (server/src/wasm/keepCode.ts).
import { setFlagsFromString } from 'node:v8';

setFlagsFromString('--no-wasm-code-gc');
