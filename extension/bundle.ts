/**
 * Bundles the extension into one self-contained ES module: the same file is loaded by URL from app-config.js and imported
 * as an npm package by a conventional OHIF build.
 * @module
 */
import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { build } from 'esbuild';

/** The licence of the package whose code is in the bundle: it goes wherever the bundle goes. */
async function licences(): Promise<string> {
  const manifest = createRequire(import.meta.url).resolve('preact/package.json');
  const licence = await readFile(join(dirname(manifest), 'LICENSE'), 'utf8');
  return `/*! Samepoint: MIT. This file holds code of Preact:\n${licence}*/`;
}

/** Writes the bundle and its source map; fails when anything remains to be imported at run time. */
export async function bundle(outfile: string): Promise<void> {
  const { metafile } = await build({
    absWorkingDir: import.meta.dirname,
    entryPoints: ['src/index.ts'],
    outfile,
    bundle: true,
    format: 'esm',
    platform: 'browser',
    // What OHIF 3.11 itself requires of a browser (private class members, optional chaining).
    target: 'es2022',
    charset: 'utf8',
    minify: true,
    footer: { js: await licences() },
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
  });
  // A browser that imports the file by URL cannot resolve a bare module name.
  const externalImports = Object.values(metafile.outputs)
    .flatMap((output) => output.imports)
    .filter((entry) => entry.external === true);
  if (externalImports.length > 0) {
    throw new Error(
      `the bundle must be self-contained, but imports: ${externalImports.map(({ path }) => path).join(', ')}`,
    );
  }
}
