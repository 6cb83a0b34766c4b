/**
 * Compiles the AssemblyScript of this folder to server/src/matching/generated/searchModule.ts: the module as base64 in
 * a source file, so that tests (from src), the built server (from dist) and worker threads import it in the same way.
 *
 *   node assembly/build.mjs        part of `npm run build -w server`
 * @module
 */
import { Buffer } from 'node:buffer';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import asc from 'assemblyscript/asc';

const HERE = import.meta.dirname;
const OUTPUT = join(HERE, '../src/matching/generated/searchModule.ts');
const BYTES_PER_LINE = 72;

const OPTIONS = [
  ...['--optimizeLevel', '3', '--shrinkLevel', '0', '--noAssert', '--runtime', 'stub', '--use', 'abort='],
  ...['--enable', 'simd', '--enable', 'threads', '--importMemory', '--sharedMemory'],
  // Any embedding fits: 4 GiB is what 32-bit addresses reach.
  ...['--initialMemory', '1', '--maximumMemory', '65536'],
];

const files = new Map();
const { error, stderr } = await asc.main(
  ['search.ts', '--baseDir', HERE, '--outFile', 'search.wasm', ...OPTIONS],
  { writeFile: (name, contents) => files.set(name, contents) },
);
if (error) {
  console.error(stderr.toString());
  throw error;
}
const base64 = Buffer.from(files.get('search.wasm')).toString('base64');
const lines = base64.match(new RegExp(`.{1,${BYTES_PER_LINE}}`, 'g'));
mkdirSync(join(OUTPUT, '..'), { recursive: true });
writeFileSync(
  OUTPUT,
  `// Generated from server/assembly/search.ts by server/assembly/build.mjs.
/** The search module, base64. */
export const SEARCH_MODULE =
${lines.map((line) => `  '${line}'`).join(' +\n')};
`,
);
