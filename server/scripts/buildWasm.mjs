/**
 * Compiles the AssemblyScript modules to `generated/` in the folder above each: base64 in a source file, so that tests (from
 * src), the built server (from dist) and worker threads import it in the same way.
 *
 *   node scripts/buildWasm.mjs        part of `npm run build -w server`
 * @module
 */
import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import asc from 'assemblyscript/asc';

const SRC = resolve(import.meta.dirname, '../src');
/** The folder of each module's source; what is generated lies beside it. */
const FOLDERS = {
  search: 'search/wasm',
  registration: 'registration/wasm',
  pyramid: 'registration/wasm',
  resampling: 'volume/wasm',
  packing: 'embedding/wasm',
  smoothField: 'matching/neighbourMap/wasm',
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
    [
      `${FOLDERS[name]}/${name}.ts`,
      '--baseDir',
      SRC,
      '--outFile',
      `${name}.wasm`,
      ...COMMON,
      ...OPTIONS[name],
    ],
    { writeFile: (file, contents) => files.set(file, contents) },
  );
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  return Buffer.from(files.get(`${name}.wasm`)).toString('base64');
}

for (const [name, folder] of Object.entries(FOLDERS)) {
  const output = join(SRC, folder, '../generated');
  mkdirSync(output, { recursive: true });
  const lines = (await compile(name)).match(new RegExp(`.{1,${BYTES_PER_LINE}}`, 'g'));
  writeFileSync(
    join(output, `${name}Module.ts`),
    `// Generated from server/src/${folder}/${name}.ts by server/scripts/buildWasm.mjs.
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
