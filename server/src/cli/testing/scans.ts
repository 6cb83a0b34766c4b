/**
 * Crops of two scans of a phantom as files, and the commands on them.
 * @module
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  invert,
  lpsPoint,
  perAxis,
  spacingOf,
  toVoxel,
  voxelIndex,
  withOriginAt,
} from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { createPhantom, writeSeries } from '../../phantom/index.ts';
import type { PhantomTimePoint } from '../../phantom/index.ts';
import { toCsv } from '../../points/index.ts';
import type { Volume } from '../../volume/index.ts';
import { runCli } from '../program.ts';

const HALF_EDGE_MM = 44;
export const phantom = createPhantom({ seed: 3, coarseness: 6 });
const lesion = liverLesion();
/** Places of the current scan around the lesion, which both crops show. */
const NAMED = [
  ['centre', [0, 0, 0]],
  ['behind', [0, 14, 4]],
  ['above', [-8, 2, 12]],
] as const;
export const POINTS = NAMED.map(([name, offset]) => ({ name, lps: moved(lesion.currentLps, offset) }));

/**
 *
 */
function liverLesion(): (typeof phantom.lesions)[number] {
  const found = phantom.lesions.find(({ label }) => label.includes('liver'));
  if (found === undefined) throw new Error('the phantom has no lesion in the liver');
  return found;
}

/** A point and an offset, mm. */
export function moved([x, y, z]: LpsPoint, [dx, dy, dz]: readonly [number, number, number]): LpsPoint {
  return lpsPoint(x + dx, y + dy, z + dz);
}

async function writeScan(
  path: string,
  { volume, ...tags }: PhantomTimePoint,
  centre: LpsPoint,
): Promise<void> {
  await mkdir(path, { recursive: true });
  const { patientId, patientName } = phantom;
  const files = writeSeries(cropAround(volume, centre, HALF_EDGE_MM), {
    ...tags,
    patientId,
    patientName,
    bodyPartExamined: 'LIVER',
  });
  for (const [index, part10] of [...files].entries()) await writeFile(join(path, `${index}.dcm`), part10);
}

/** The cube of a scan around a place (LPS, mm), by half its edge: a whole trunk needs an inference of 30 s. */
export function cropAround(volume: Volume, centre: LpsPoint, halfEdgeMm: number): Volume {
  const middle = toVoxel(invert(volume.voxelToLps), centre);
  const steps = spacingOf(volume.voxelToLps);
  const [[i0, i1], [j0, j1], [k0, k1]] = perAxis((axis) => [
    Math.max(0, Math.round(middle[axis] - halfEdgeMm / steps[axis])),
    Math.min(volume.dims[axis], Math.round(middle[axis] + halfEdgeMm / steps[axis])),
  ]) as unknown as readonly (readonly [number, number])[] as [
    [number, number],
    [number, number],
    [number, number],
  ];
  const data: number[] = [];
  for (let k = k0; k < k1; k++)
    for (let j = j0; j < j1; j++)
      for (let i = i0; i < i1; i++)
        data.push(volume.data[(k * volume.dims[1] + j) * volume.dims[0] + i] ?? NaN);
  return {
    ...volume,
    dims: [i1 - i0, j1 - j0, k1 - k0],
    data: Int16Array.from(data),
    voxelToLps: withOriginAt(volume.voxelToLps, voxelIndex(i0, j0, k0)),
    slices: volume.slices.slice(k0, k1),
  };
}

/** Writes the crops patient/current and patient/prior, and points.csv. */
export async function writeScans(folder: string): Promise<void> {
  const [current, prior] = phantom.timePoints;
  await writeScan(join(folder, 'patient/current'), current, lesion.currentLps);
  await writeScan(join(folder, 'patient/prior'), prior, lesion.priorLps);
  const rows = POINTS.map(({ name, lps }) => [name, ...lps]);
  await writeFile(join(folder, 'points.csv'), toCsv(['name', 'x', 'y', 'z'], rows));
}

/** Runs a command with a cache in the folder and gives what it prints. */
export async function runIn(
  folder: string,
  ...args: readonly string[]
): Promise<{ status: number; out: string; err: string }> {
  const text = { out: '', err: '' };
  const status = await runCli([...args, '--cache', join(folder, 'cache')], {
    stdout: { write: (chunk) => (text.out += chunk) },
    stderr: { write: (chunk) => (text.err += chunk) },
    env: {},
    signal: new AbortController().signal,
  });
  return { status, ...text };
}
