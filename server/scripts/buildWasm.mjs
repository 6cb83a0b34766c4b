/**
 * Compiles the AssemblyScript modules to `generated/` in the folder above each: base64 in a source file, so that tests (from
 * src), the built server (from dist) and worker threads import it in the same way; with it the type of the module's exports, read
 * from what asc declares of them.
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
  pyramid: 'pyramid/wasm',
  rays: 'lesion/wasm',
  resampling: 'resampling/wasm',
  packing: 'inference/wasm',
  intensity: 'preprocessing/wasm',
  smoothField: 'neighbourMap/wasm',
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
  rays: [],
  intensity: [],
  resampling: ['--importMemory'],
  packing: ['--importMemory'],
  smoothField: ['--importMemory'],
  pyramid: ['--importMemory'],
};

/** The module in base64, and asc's declarations of its exports. */
async function compile(name) {
  const files = new Map();
  const { error, stderr } = await asc.main(
    [
      `${FOLDERS[name]}/${name}.ts`,
      '--baseDir',
      SRC,
      '--outFile',
      `${name}.wasm`,
      '--bindings',
      'esm',
      ...COMMON,
      ...OPTIONS[name],
    ],
    { writeFile: (file, contents) => files.set(file, contents) },
  );
  if (error) {
    console.error(stderr.toString());
    throw error;
  }
  return {
    base64: Buffer.from(files.get(`${name}.wasm`)).toString('base64'),
    declarations: files.get(`${name}.d.ts`),
  };
}

/**
 * Members of an interface from asc's declarations: functions with the names and the types of their parameters, the addresses of
 * static memory, and the memory where the module has its own.
 */
function membersOf(name, declarations) {
  const pattern =
    /^export declare (?:function (\w+)(\(.*?\): \w+);|const (\w+): (?:\{[^}]*\}|WebAssembly\.Memory);?$)/gm;
  const found = [...declarations.matchAll(pattern)];
  if (found.length !== declarations.split('export declare').length - 1)
    throw new Error(
      `${name}: asc declares an export in a form that this script does not know\n${declarations}`,
    );
  return found.flatMap(([, method, signature, constant]) => {
    if (method !== undefined) return [`${method}${signature};`];
    if (constant !== 'memory') return [`readonly ${constant}: { readonly value: number };`];
    return OPTIONS[name].includes('--importMemory') ? [] : ['readonly memory: WebAssembly.Memory;'];
  });
}

function sourceOf(name, { base64, declarations }) {
  const title = `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
  const lines = base64.match(new RegExp(`.{1,${BYTES_PER_LINE}}`, 'g'));
  return `// Generated from server/src/${FOLDERS[name]}/${name}.ts by server/scripts/buildWasm.mjs.
import { Buffer } from 'node:buffer';

/** What the module imports, by module and name. */
type Imports = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** What the module exports; its source says what it does. */
export interface ${title}Exports {
${membersOf(name, declarations)
  .map((member) => `  ${member}`)
  .join('\n')}
}

const BASE64 =
${lines.map((line) => `  '${line}'`).join(' +\n')};

let module: WebAssembly.Module | undefined;

/** A new instance of the module, which is compiled once per thread. */
export function open${title}(imports: Imports): ${title}Exports {
  module ??= new WebAssembly.Module(Buffer.from(BASE64, 'base64'));
  return new WebAssembly.Instance(module, imports).exports as unknown as ${title}Exports;
}
`;
}

for (const [name, folder] of Object.entries(FOLDERS)) {
  const output = join(SRC, folder, '../generated');
  mkdirSync(output, { recursive: true });
  writeFileSync(join(output, `${name}Module.ts`), sourceOf(name, await compile(name)));
}
