/**
 * PanTrack (Kirchhoff, Rokuss et al., arXiv 2605.23118, 2026): lesions of 45 patients with pancreatic cancer, followed from scan to scan.
 * The files are those of LongiSeg's lesion tracking; points are voxel indices from 0, in the order of the axes in the NIfTI file.
 * @module
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { LpsPoint } from '../../../server/src/geometry/index.ts';
import { toLps, voxelIndex } from '../../../server/src/geometry/index.ts';
import type { Grid, Volume } from '../../../server/src/volume/index.ts';
import { InputError } from '../files.ts';
import type { Scene, TruthPoint } from '../scenes.ts';
import type { Dataset, DatasetPair } from './dataset.ts';
import { niftiSubject, readJson } from './files.ts';
import { indexOf, placeOf } from './indices.ts';
import type { Measures } from './metrics.ts';

type Triple = readonly [number, number, number];

/** Endings of the names of file and folders: the published dataset has none, those in LongiSeg's form have Tr or Ts. */
const ENDINGS = ['', 'Tr', 'Ts'] as const;
type Ending = (typeof ENDINGS)[number];

/** In merged_lesions: the lesion is gone. */
const GONE = 0;
/** Labels of 8 bits: those of more wrap. */
const BYTE_VALUES = 256;

/** A missing point is NaN (read as null), as a number or in its coordinates. */
const point = z
  .union([z.null(), z.tuple([z.number().nullable(), z.number().nullable(), z.number().nullable()])])
  .optional()
  .transform((value): Triple | undefined => {
    const [x, y, z_] = value ?? [];
    return typeof x === 'number' && typeof y === 'number' && typeof z_ === 'number' ? [x, y, z_] : undefined;
  });

const lesionSchema = z.object({
  img_bl: z.string().min(1),
  img_fu: z.string().min(1),
  bl_point: point,
  fu_point: point,
  fu_point_prop: point,
  merged_lesions: z.array(z.number().int().nonnegative()).optional(),
});

/** Lesions by the label of the baseline, of one pair of scans. */
const scansSchema = z.record(z.string().regex(/^\d+$/u, 'expected the label of a lesion'), lesionSchema);
const trackingSchema = z.record(z.string(), z.union([scansSchema, z.array(scansSchema)]));

type LesionEntry = z.infer<typeof lesionSchema>;

/** A lesion that is there in both scans, with its points. */
interface Tracked {
  /** For messages. */
  readonly what: string;
  readonly baseline: string;
  readonly followUp: string;
  readonly from: Triple;
  readonly to: Triple;
  readonly propagated: Triple | undefined;
  readonly labels: readonly number[];
}

function trackedOf(what: string, label: string, entry: LesionEntry): Tracked | undefined {
  const { bl_point: from, fu_point: to, fu_point_prop: propagated, merged_lesions: merged } = entry;
  const labels = merged ?? [Number(label)];
  if (from === undefined || to === undefined || labels[0] === GONE) return undefined;
  return { what, baseline: entry.img_bl, followUp: entry.img_fu, from, to, propagated, labels };
}

/** Lesions by their pair of scans. */
function pairsOf(tracking: z.infer<typeof trackingSchema>, json: string): ReadonlyMap<string, Tracked[]> {
  const pairs = new Map<string, Tracked[]>();
  for (const [patient, content] of Object.entries(tracking)) {
    for (const [label, entry] of [content].flat().flatMap((lesions) => Object.entries(lesions))) {
      const tracked = trackedOf(`${json}, ${patient}, lesion ${label}`, label, entry);
      if (tracked === undefined) continue;
      const name = `${tracked.baseline} ${tracked.followUp}`;
      pairs.set(name, [...(pairs.get(name) ?? []), tracked]);
    }
  }
  return pairs;
}

/** The lesion's labels are at the voxel of a point. */
function isHit(segmentation: Volume, labels: readonly number[], answer: LpsPoint): boolean {
  const [i, j, k] = indexOf(segmentation, answer).map(Math.round) as [number, number, number];
  const [columns, rows] = segmentation.dims;
  if ([i, j, k].some((at, axis) => at < 0 || at >= (segmentation.dims[axis] ?? 0))) return false;
  const value = segmentation.data[i + columns * (j + rows * k)] ?? 0;
  return value !== 0 && labels.some((label) => value === label || value === label % BYTE_VALUES);
}

function truthOf(tracked: Tracked, source: Grid, target: Grid, segmentation: Volume): TruthPoint {
  const { what, from, to, propagated, labels } = tracked;
  const measure = (answer: LpsPoint): Measures => ({
    of: 'segmented lesion',
    isHit: isHit(segmentation, labels, answer),
  });
  return {
    query: placeOf(source, from, `${what}, bl_point`),
    target: placeOf(target, to, `${what}, fu_point`),
    measure,
    ...(propagated === undefined ? {} : { reference: toLps(target.voxelToLps, voxelIndex(...propagated)) }),
  };
}

function assertSameGrid(image: Volume, segmentation: Volume, path: string): void {
  const isSame = image.dims.every((size, axis) => size === segmentation.dims[axis]);
  if (!isSame)
    throw new InputError(
      `${path} has ${segmentation.dims.join(' x ')} voxels, its image ${image.dims.join(' x ')}: download it again`,
    );
}

/** Paths of the scans of a pair. */
interface Paths {
  readonly baseline: string;
  readonly followUp: string;
  readonly labels: string;
}

function pathsOf(folder: string, ending: Ending, { baseline, followUp }: Tracked, json: string): Paths {
  const image = (scan: string): string => join(folder, `images${ending}`, `${scan}_0000.nii.gz`);
  const paths = {
    baseline: image(baseline),
    followUp: image(followUp),
    labels: join(folder, `labels${ending}`, `${followUp}.nii.gz`),
  };
  for (const path of Object.values(paths))
    if (!existsSync(path)) throw new InputError(`${path} does not exist, but ${json} names it: download it`);
  return paths;
}

async function sceneOf(pair: string, lesions: readonly Tracked[], paths: Paths): Promise<Scene> {
  const [query, target] = [await niftiSubject(paths.baseline), await niftiSubject(paths.followUp)];
  const [source, followUp] = [await query.load(), await target.load()];
  const segmentation = await (await niftiSubject(paths.labels)).load();
  assertSameGrid(followUp, segmentation, paths.labels);
  // The label image counts in its own voxels, in the frame of its image.
  const labels = { ...segmentation, voxelToLps: followUp.voxelToLps };
  return {
    data: 'pantrack',
    case: 'lesions',
    pair,
    query,
    target,
    points: lesions.map((tracked) => truthOf(tracked, source, followUp, labels)),
    reference: 'propagated',
  };
}

/** Lesions of PanTrack. */
export function panTrack(): Dataset {
  return {
    name: 'pantrack',
    summary: 'lesions of PanTrack, or of another dataset in the form of LongiSeg lesion tracking',
    isPooled: false,
    read: async (folder) => {
      const found = ENDINGS.filter((ending) => existsSync(join(folder, `tracking${ending}.json`)));
      const [ending, other] = found;
      if (ending === undefined)
        throw new InputError(`${folder} holds no tracking.json: give the folder of the dataset`);
      if (other !== undefined)
        throw new InputError(`${folder} holds tracking${ending}.json and tracking${other}.json: remove one`);
      const json = join(folder, `tracking${ending}.json`);
      const pairs = pairsOf(await readJson(json, trackingSchema), json);
      if (pairs.size === 0) throw new InputError(`${json} has no lesion with a bl_point and a fu_point`);
      return [...pairs].map(([name, lesions]): DatasetPair => {
        const paths = pathsOf(folder, ending, lesions[0]!, json);
        return { case: 'lesions', open: () => sceneOf(name, lesions, paths) };
      });
    },
  };
}
