/**
 * The public file of the package: one file that a browser can import by URL, under the name that OHIF looks for.
 * The bundle is made anew, so that a stale dist/ cannot pass.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { bundle } from './bundle.ts';
import type { Extension } from './src/extension.ts';
import { EXTENSION_ID } from './src/ids.ts';

interface Manifest {
  readonly name: string;
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

test('the file imports nothing and brings no cornerstone, React or server code', async () => {
  const text = await readFile(file, 'utf8');
  expect(text).not.toMatch(/^[ \t]*import\s/m);
  expect(text).not.toMatch(/\bimport\s*\(/);
  expect(text).not.toMatch(/@cornerstonejs\/|node_modules\/|server\/src/);
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

test('package.json names the extension as OHIF does, and has no runtime dependency', async () => {
  const manifest = JSON.parse(await readFile(join(import.meta.dirname, 'package.json'), 'utf8')) as Manifest;
  expect(manifest.name).toBe(EXTENSION_ID);
  expect(manifest.main).toBe('dist/samepoint.js');
  expect(manifest.exports['.']).toBe(`./${manifest.main}`);
  expect(manifest.files).toEqual(['dist']);
  expect(manifest.dependencies).toBeUndefined();
});
