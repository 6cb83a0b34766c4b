/** The gates on the module boundaries of server/src and on unused names can fail, and threads load few packages. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, sep } from 'node:path';
import { pathToFileURL } from 'node:url';
import { NODE, ROOT, temporaryFolder } from './support/paths.ts';

type Files = Readonly<Record<string, string>>;

/** What a gate says of a repository that holds these files; empty where it holds. */
function complaints(files: Files, command: string, args: readonly string[]): string {
  const folder = temporaryFolder('gate');
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  try {
    execFileSync(join(ROOT, 'node_modules/.bin', command), args, { cwd: folder, encoding: 'utf8' });
    return '';
  } catch (error) {
    return (error as { readonly stdout: string }).stdout;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function ofModules(files: Files): string {
  const config = join(ROOT, 'config/dependencies.mjs');
  return complaints(files, 'depcruise', ['--config', config, '--output-type', 'err', 'server/src']);
}

const FACE = { 'server/src/report/index.ts': 'export const report = 1;\n' };

test.each<readonly [what: string, rule: string, files: Files]>([
  [
    'a module that imports a later one of the flow',
    'imports-of-search',
    {
      ...FACE,
      'server/src/search/a.ts': "import { report } from '../report/index.ts';\nexport default report;\n",
    },
  ],
  [
    'a foundation that imports a module, if only a type',
    'imports-of-geometry',
    {
      'server/src/volume/index.ts': 'export type Dims = readonly number[];\n',
      'server/src/geometry/a.ts': "import type { Dims } from '../volume/index.ts';\nexport type A = Dims;\n",
    },
  ],
  [
    'an import behind the public face',
    'public-face',
    {
      'server/src/report/inner.ts': 'export const inner = 1;\n',
      'server/src/http/a.ts': "import { inner } from '../report/inner.ts';\nexport default inner;\n",
    },
  ],
  [
    'a cycle of types',
    'no-cycles',
    {
      'server/src/report/a.ts': "import type { B } from './b.ts';\nexport type A = { b: B };\n",
      'server/src/report/b.ts': "import type { A } from './a.ts';\nexport type B = { a: A };\n",
    },
  ],
  [
    'product code that imports what is for tests',
    'no-test-code',
    {
      'server/src/report/testing/a.ts': 'export const a = 1;\n',
      'server/src/report/b.ts': "import { a } from './testing/a.ts';\nexport default a;\n",
    },
  ],
  [
    'a folder that the table does not name',
    'unknown-module',
    {
      'server/src/misc/a.ts': 'export default 1;\n',
      'server/src/misc/b.ts': "import a from './a.ts';\nexport default a;\n",
    },
  ],
])('%s is refused', (_, rule, files) => {
  expect(ofModules(files)).toContain(`error ${rule}:`);
});

test('what the table allows is not refused', () => {
  const files = {
    'server/src/matching/index.ts': 'export const match = 1;\n',
    'server/src/report/a.ts': "import { match } from '../matching/index.ts';\nexport default match;\n",
  };
  expect(ofModules(files)).toBe('');
});

/** Files that a module of server/src may have, tests included: whoever works on it reads their names at a glance. */
const MOST_FILES = 45;

/** Paths of the sources of the server, relative to server/src. */
function sources(): readonly string[] {
  const entries = readdirSync(join(ROOT, 'server/src'), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.parentPath.split(sep).includes('generated'))
    .map(({ parentPath, name }) => join(parentPath, name).slice(join(ROOT, 'server/src/').length));
}

/** Modules with more files than {@link MOST_FILES}, and how many they have. */
function largeModules(paths: readonly string[]): readonly string[] {
  const counts = new Map<string, number>();
  for (const path of paths) {
    const [name = ''] = path.split(sep);
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return [...counts]
    .filter(([, count]) => count > MOST_FILES)
    .map(([name, count]) => `${name}: ${count} files`);
}

test('no module has more than 45 files, tests included', () => {
  expect(largeModules(sources())).toEqual([]);
});

test.each<readonly [count: number, large: readonly string[]]>([
  [45, []],
  [46, ['report: 46 files']],
])('a module of %d files is counted with its tests', (count, large) => {
  const paths = Array.from({ length: count }, (_, n) => `report/testing/${n}.test.ts`);
  expect(largeModules(paths)).toEqual(large);
});

/** A repository whose server exports `used` and also `other`, which no module imports. */
function withExport(other: string): Files {
  return {
    'package.json': '{ "name": "gate", "private": true, "workspaces": ["server"] }\n',
    'server/package.json': '{ "name": "server", "type": "module", "exports": "./src/index.ts" }\n',
    'server/src/index.ts': "import { used } from './a.ts';\nexport const all = used;\n",
    'server/src/a.ts': `export const used = 1;\n${other}`,
  };
}

function ofNames(files: Files): string {
  const config = join(ROOT, 'config/knip.json');
  const kinds = ['--include', 'files,exports,types,duplicates', '--no-config-hints'];
  return complaints(files, 'knip', ['--config', config, ...kinds]);
}

test.each([
  ['a value', 'export const unused = 2;\n'],
  ['a type', 'export type Unused = number;\n'],
])('%s that no module imports is refused', (_, other) => {
  expect(ofNames(withExport(other))).toMatch(/unused/iu);
});

test('names that are used are not refused', () => {
  expect(ofNames(withExport(''))).toBe('');
});

/** Names of the npm packages that a file of the server loads, with everything that it imports. */
function packagesOf(file: string): readonly string[] {
  const program = `
    const { registerHooks } = await import('node:module');
    const found = new Set();
    registerHooks({
      resolve(specifier, context, next) {
        const resolved = next(specifier, context);
        const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(resolved.url)?.[1];
        if (name !== undefined) found.add(name);
        return resolved;
      },
    });
    await import(${JSON.stringify(pathToFileURL(join(ROOT, 'server/src', file)).href)});
    process.stdout.write(JSON.stringify([...found].sort()), () => process.exit());`;
  const args = ['--disable-warning=ExperimentalWarning', '--input-type=module', '--eval', program];
  return JSON.parse(execFileSync(NODE, args, { encoding: 'utf8', env: {} })) as readonly string[];
}

// Each of them loads in every thread: 60 ms for the schemas of zod, as much for onnxruntime.
test.each<readonly [file: string, packages: readonly string[]]>([
  ['inference/workerMain.ts', ['onnxruntime-common', 'onnxruntime-node', 'piscina']],
  ['preprocessing/resampleWorker.ts', ['piscina']],
  ['matching/pool/worker.ts', ['piscina']],
  ['instances/decoding/decodeWorker.ts', ['dicom-parser', 'piscina']],
])('the thread %s loads what it needs and nothing else', (file, packages) => {
  expect(packagesOf(file)).toEqual(packages);
});

test('a server loads what needs Redis, S3 or traces only where it has them', () => {
  const loaded = packagesOf('composition/index.ts');
  expect(loaded).toContain('undici');
  const optional = /^(?:bullmq|ioredis|@bull-board\/.*|@aws-sdk\/.*|@opentelemetry\/sdk-.*)$/;
  expect(loaded.filter((name) => optional.test(name))).toEqual([]);
});
