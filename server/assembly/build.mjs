/**
 * Compiles the AssemblyScript of this folder to server/src/matching/generated/: each module as base64 in a source file, so
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
const OUTPUT = join(HERE, '../src/matching/generated');
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

mkdirSync(OUTPUT, { recursive: true });
for (const name of Object.keys(OPTIONS)) {
  const lines = (await compile(name)).match(new RegExp(`.{1,${BYTES_PER_LINE}}`, 'g'));
  writeFileSync(
    join(OUTPUT, `${name}Module.ts`),
    `// Generated from server/assembly/${name}.ts by server/assembly/build.mjs.
/** The ${name} module, base64. */
export const ${name.toUpperCase()}_MODULE =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`,
  );
}
