/**
 * Organ points between patients: centroids and outermost parts of the contours of `headneck/`.
 * @module
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { lpsPoint, toLps, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { isBlanked } from './blanked.ts';
import { InputError, subjectAt } from './files.ts';
import { dataRoot } from '../support/paths.ts';
import type { Subject } from './files.ts';
import type { Scene } from './scenes.ts';

/** Every tenth patient by name is kept for validation (README of the data; `split` of the training code). */
const EVERY = 10;
/** Brainstem, parotids, larynx, mandible: their ends are anatomy. Cord and oesophagus end where the contouring ended. */
const COMPACT_LABELS = [1, 3, 4, 6, 7];
/** An organ with fewer voxels is a stray contour. */
const MIN_VOXELS = 40;
/** The outermost point along an axis is the mean of the outermost tenth: a single voxel would be chance. */
const TAIL = 0.1;

/** Points of a label map: "1" is the centroid of label 1, "1 +x" its outermost part to the left of the patient. */
export type OrganPoints = ReadonlyMap<string, LpsPoint>;

function meanPoint(points: readonly LpsPoint[]): LpsPoint {
  const sum = [0, 0, 0];
  for (const point of points) point.forEach((value, axis) => (sum[axis] = (sum[axis] ?? NaN) + value));
  const [x = 0, y = 0, z = 0] = sum.map((value) => value / points.length);
  return lpsPoint(x, y, z);
}

function voxelsByLabel({ dims, data, voxelToLps }: Volume): Map<number, LpsPoint[]> {
  const [nx, ny] = dims;
  const found = new Map<number, LpsPoint[]>();
  for (let at = 0; at < data.length; at++) {
    const label = data[at] ?? NaN;
    if (label === 0) continue;
    const index = voxelIndex(at % nx, Math.floor(at / nx) % ny, Math.floor(at / (nx * ny)));
    const points = found.get(label) ?? [];
    if (points.push(toLps(voxelToLps, index)) === 1) found.set(label, points);
  }
  return found;
}

/** The centroids of all organs of a label map; LPS mm. */
export function centroids(labels: Volume): OrganPoints {
  return new Map([...voxelsByLabel(labels)].map(([label, points]) => [String(label), meanPoint(points)]));
}

/** The six outermost parts of every compact organ of a label map; LPS mm. */
export function extremes(labels: Volume): OrganPoints {
  const found = new Map<string, LpsPoint>();
  for (const [label, points] of voxelsByLabel(labels)) {
    if (!COMPACT_LABELS.includes(label) || points.length < MIN_VOXELS) continue;
    const tail = Math.max(1, Math.round(points.length * TAIL));
    for (const axis of [0, 1, 2] as const) {
      const sorted = [...points].sort((a, b) => a[axis] - b[axis]);
      const name = `${label} ${'xyz'[axis] ?? ''}`;
      found.set(`${name}-`, meanPoint(sorted.slice(0, tail)));
      found.set(`${name}+`, meanPoint(sorted.slice(-tail)));
    }
  }
  return found;
}

interface Patient {
  readonly subject: Subject;
  readonly centroids: OrganPoints;
  readonly extremes: OrganPoints;
  readonly isBlanked: boolean;
}

async function readPatient(file: string): Promise<Patient> {
  const subject = await subjectAt(file);
  const labels = await (await subjectAt(file.replace('_ct.', '_organs.'))).load();
  return {
    subject,
    centroids: centroids(labels),
    extremes: extremes(labels),
    isBlanked: isBlanked(await subject.load()),
  };
}

/** The points that both patients have. */
export function sharedPoints(query: OrganPoints, target: OrganPoints): Scene['points'] {
  return [...query].flatMap(([name, point]) => {
    const other = target.get(name);
    return other === undefined ? [] : [{ query: point, target: other }];
  });
}

/** Without the organs whose contour ends where a protocol says. */
export function compactOnly(points: OrganPoints): OrganPoints {
  return new Map([...points].filter(([name]) => COMPACT_LABELS.includes(Number(name))));
}

/** Every tenth file, the tenth first, as the training code holds them back. */
export function heldBack(names: readonly string[], every: number): string[] {
  return [...names].sort().filter((_, index) => index % every === every - 1);
}

/** All CT files of a folder of the data. */
export async function ctFiles(folder: string): Promise<string[]> {
  const path = join(dataRoot(), folder);
  const names = (await readdir(path).catch(() => [])).filter((name) => name.endsWith('_ct.nii.gz'));
  if (names.length === 0) throw new InputError(`no data: ${path}. Set SAMEPOINT_DATA`);
  return names.map((name) => join(path, name));
}

/** The CT files of a folder of the data that no training has seen. */
export async function heldBackFiles(folder: string, every: number): Promise<string[]> {
  return heldBack(await ctFiles(folder), every);
}

/** Some head-neck CT files of the training. */
export async function someTrainingFiles(count: number): Promise<string[]> {
  const files = (await ctFiles('headneck')).sort();
  const held = heldBack(files, EVERY);
  const trained = files.filter((file) => !held.includes(file));
  return trained.filter((_, index) => index % Math.ceil(trained.length / count) === 0);
}

/**
 * Each patient against the next one, in a ring; whole CTs and CTs that are cut around the target (blanked) in rings of their
 * own.
 * @param files head-neck CTs with their contours beside them; default: those held back
 */
export async function* organScenes(files?: readonly string[]): AsyncGenerator<Scene> {
  const patients: Patient[] = [];
  for (const file of files ?? (await heldBackFiles('headneck', EVERY)))
    patients.push(await readPatient(file));
  for (const data of ['headneck', 'headneck-blanked']) {
    const ring = patients.filter((patient) => patient.isBlanked === (data !== 'headneck'));
    for (const [index, query] of ring.entries()) {
      const target = ring[(index + 1) % ring.length];
      if (target === undefined || target === query) continue;
      const pair = { data, query: query.subject, target: target.subject, unregistrable: true };
      for (const [name, points] of [
        ['organ-centroids', sharedPoints(query.centroids, target.centroids)],
        ['compact-centroids', sharedPoints(compactOnly(query.centroids), target.centroids)],
        ['organ-extremes', sharedPoints(query.extremes, target.extremes)],
      ] as const)
        if (points.length > 0) yield { ...pair, case: name, points };
    }
  }
}
