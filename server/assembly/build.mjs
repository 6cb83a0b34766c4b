/**
 * Compiles the AssemblyScript of this folder to server/src/ROOM/generated/: each module as base64 in a source file, so
 * that tests (from src), the built server (from dist) and worker threads import it in the same way.
 *
 *   node assembly/build.mjs        part of `npm run build -w server`
 * @module
 */
import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const HERE = import.meta.dirname;
/** Which room's `generated` folder a module belongs to. */
const ROOMS = {
  search: 'matching',
  registration: 'matching',
  resampling: 'volume',
  packing: 'embedding',
  smoothField: 'matching',
  pyramid: 'matching',
};
const BYTES_PER_LINE = 72;

const COMMON = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd'],
];
const OPTIONS = {
  // Any embedding fits: 4 GiB is what 32-bit addresses reach.
  search: [
    '--enable',
    'threads',
    '--importMemory',
    '--sharedMemory',
    '--initialMemory',
    '1',
    '--maximumMemory',
    '65536',
  ],
  registration: [],
  resampling: ['--importMemory'],
  packing: ['--importMemory'],
  smoothField: ['--importMemory'],
  pyramid: ['--importMemory'],
};

async function compile(name) {
  const files = new Map();
  const { error, stderr } = await asc.main(
    [`${name}.ts`, '--baseDir', HERE, '--outFile', `${name}.wasm`, ...COMMON, ...OPTIONS[name]],
    { writeFile: (file, contents) => files.set(file, contents) },
  );
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  return Buffer.from(files.get(`${name}.wasm`)).toString('base64');
}

for (const [name, room] of Object.entries(ROOMS)) {
  const output = join(HERE, '../src', room, 'generated');
  mkdirSync(output, { recursive: true });
  const lines = (await compile(name)).match(new RegExp(`.{1,${BYTES_PER_LINE}}`, 'g'));
  writeFileSync(
    join(output, `${name}Module.ts`),
    `// Generated from server/assembly/${name}.ts by server/assembly/build.mjs.
import { Buffer } from 'node:buffer';

const BASE64 =
${lines.map((line) => `  '${line}'`).join(' +\n')};

let module: WebAssembly.Module | undefined;

/** The ${name} module, compiled once per thread. */
export function ${name}Module(): WebAssembly.Module {
  return (module ??= new WebAssembly.Module(Buffer.from(BASE64, 'base64')));
}
`,
  );
}
