/**
 * Structured reports as another implementation of the standard reads and writes them: highdicom, of PyPI.
 * @module
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { Lps } from './api.ts';
import { ROOT, temporaryFolder } from './paths.ts';
import { HIGHDICOM_PYTHON } from './python.ts';

/** A measurement group as highdicom reads it (readReport.py). */
export interface ReadGroup {
  readonly trackingUid: string;
  readonly measurements: readonly { readonly name: string; readonly value: number; readonly unit: string }[];
}

/** What highdicom is to write: closed lines, points or the two diameters of a lesion, LPS mm, in axial images. */
export interface WrittenGroup {
  readonly name: string;
  readonly kind: 'point' | 'bidirectional' | 'planar' | 'volume';
  readonly contours: readonly (readonly Lps[])[];
}

async function run(script: string, args: readonly string[], input = ''): Promise<string> {
  const path = join(ROOT, 'test/support', script);
  const child = spawn(HIGHDICOM_PYTHON, [path, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const [output] = await Promise.all([text(child.stdout), once(child, 'close')]);
  if (child.exitCode !== 0) throw new Error(`${script} ended with status ${String(child.exitCode)}`);
  return output;
}

/** Writes files to a folder that is removed when they have been used. */
async function withFiles<Result>(
  files: readonly Uint8Array[],
  use: (paths: readonly string[], folder: string) => Promise<Result>,
): Promise<Result> {
  const folder = temporaryFolder('highdicom');
  try {
    const paths = files.map((part10, index) => {
      const path = join(folder, `${index}.dcm`);
      writeFileSync(path, part10);
      return path;
    });
    return await use(paths, folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** The measurement groups of each report. */
export async function readByHighdicom(
  reports: readonly Uint8Array[],
): Promise<readonly (readonly ReadGroup[])[]> {
  return await withFiles(
    reports,
    async (paths) => JSON.parse(await run('readReport.py', paths)) as ReadGroup[][],
  );
}

/** A report on images of a series. */
export async function writeByHighdicom(
  images: readonly Uint8Array[],
  groups: readonly WrittenGroup[],
): Promise<Uint8Array> {
  return await withFiles(images, async (paths, folder) => {
    const output = join(folder, 'report.dcm');
    await run('writeReport.py', [], JSON.stringify({ images: paths, output, groups }));
    return readFileSync(output);
  });
}
