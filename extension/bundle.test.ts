/**
 * The public file of the package: one file that a browser can import by URL, under the name that OHIF looks for.
 * The bundle is made anew, so that a stale dist/ cannot pass.
 */
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { build } from 'esbuild';
import { bundle } from './bundle.ts';
import type { Extension } from './src/extension.ts';
import { EXTENSION_ID } from './src/ids.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly keywords: readonly string[];
  readonly main: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly files: readonly string[];
  readonly dependencies?: object;
}

let folder: string;
let file: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-bundle-'));
  file = join(folder, 'samepoint.mjs');
  await bundle(file);
});

afterAll(async () => {
  await rm(folder, { recursive: true });
});

test('the file imports nothing', async () => {
  const text = await readFile(file, 'utf8');
  expect(text).not.toMatch(/(?:^|[;}])import[\s{*"']/m);
  expect(text).not.toMatch(/\bimport\s*\(/);
});

test('it brings no cornerstone, React or server code, and Preact with its licence', async () => {
  const map = JSON.parse(await readFile(`${file}.map`, 'utf8')) as { readonly sources: readonly string[] };
  const packages = map.sources.flatMap(
    (source) => /node_modules\/((?:@[^/]+\/)?[^/]+)/u.exec(source)?.[1] ?? [],
  );
  expect([...new Set(packages)].filter((name) => name !== 'preact')).toEqual([]);
  expect(map.sources.filter((source) => source.includes('server/'))).toEqual([]);
  expect(await readFile(file, 'utf8')).toContain('Copyright (c) 2015-present Jason Miller');
});

test('its default export is the extension', async () => {
  const loaded = (await import(pathToFileURL(file).href)) as { readonly default: Extension };
  expect(loaded.default.id).toBe(EXTENSION_ID);
  expect(Object.keys(loaded.default).sort()).toEqual([
    'getHangingProtocolModule',
    'getPanelModule',
    'id',
    'onModeEnter',
    'onModeExit',
    'preRegistration',
  ]);
});

/** What OHIF's build writes for the plugins of pluginConfig.json (platform/app/.webpack/writePluginImportsFile.js). */
function pluginImports(names: readonly string[]): string {
  return [
    'const extensions = [];',
    ...names.map((name) => `extensions.push(${JSON.stringify(name)});`),
    'async function loadModule(module) {',
    "  if (typeof module !== 'string') return module;",
    ...names.map((name) => {
      const quoted = JSON.stringify(name);
      return `  if (module === ${quoted}) { const imported = await import(${quoted}); return imported.default; }`;
    }),
    '}',
    'export default function importItems(modules) { return Promise.all(modules.map(loadModule)); }',
    'export { extensions };',
  ].join('\n');
}

test('a build of OHIF that names the packed package in pluginConfig.json gets the extension', async () => {
  const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
  const plugin = JSON.parse(/^\{ "packageName".*\}$/mu.exec(readme)?.[0] ?? 'null') as {
    readonly packageName: string;
    readonly version: string;
  };
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'package.json'), 'utf8')) as Manifest;
  expect(plugin).toEqual({ packageName: manifest.name, version: manifest.version });
  // What `npm pack` publishes: the manifest and the files that it names.
  const installed = join(folder, 'node_modules', manifest.name);
  await mkdir(join(installed, 'dist'), { recursive: true });
  await writeFile(join(installed, 'package.json'), JSON.stringify(manifest));
  await copyFile(file, join(installed, manifest.main));
  await writeFile(join(folder, 'pluginImports.js'), pluginImports([plugin.packageName]));
  const outfile = join(folder, 'viewer.mjs');
  await build({
    absWorkingDir: folder,
    entryPoints: ['pluginImports.js'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  const viewer = (await import(pathToFileURL(outfile).href)) as {
    readonly default: (modules: readonly string[]) => Promise<readonly Extension[]>;
    readonly extensions: readonly string[];
  };
  const [extension] = await viewer.default(viewer.extensions);
  expect(extension?.id).toBe(plugin.packageName);
  expect(extension?.getHangingProtocolModule()).toHaveLength(1);
  expect(manifest.keywords).toContain('ohif-extension');
});

test('package.json names the extension as OHIF does, and has no runtime dependency', async () => {
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'package.json'), 'utf8')) as Manifest;
  expect(manifest.name).toBe(EXTENSION_ID);
  expect(manifest.main).toBe('dist/samepoint.js');
  expect(manifest.exports['.']).toBe(`./${manifest.main}`);
  expect(manifest.files).toEqual(['dist']);
  expect(manifest.dependencies).toBeUndefined();
});
