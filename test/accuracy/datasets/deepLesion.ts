/**
 * Deep longitudinal study (Cai et al., "Deep Lesion Tracker", CVPR 2021): lesions of DeepLesion (Yan et al., 2018) in two examinations.
 * Annotations are pixel columns, pixel rows and slices from 0 within the sub-volume that the NIfTI file of that name holds.
 * @module
 */
import { z } from 'zod';
import { spacingOf, toLps, voxelIndex } from '../../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../../server/src/geometry/index.ts';
import type { Grid } from '../../../server/src/volume/index.ts';
import { InputError } from '../files.ts';
import type { Scene, TruthPoint } from '../scenes.ts';
import type { Dataset, DatasetPair } from './dataset.ts';
import { byName, filesIn, niftiSubject, readJson } from './files.ts';
import { axialGrid, axisDistancesMm, indexOf, placeOf } from './indices.ts';
import type { Measures } from './metrics.ts';

/** The published splits that have their own file; train.json is for training. */
const SPLITS = ['valid', 'test'] as const;
/** Spacings of the annotations have six digits, those of a NIfTI file seven. */
const SPACING_TOLERANCE = 0.01;

const triple = z.tuple([z.number(), z.number(), z.number()]);

/** One lesion in two examinations, as far as it is needed. */
const lesionSchema = z.object({
  source: z.string().min(1),
  target: z.string().min(1),
  'source center': triple,
  'target center': triple,
  /** First column, row and slice, then their counts. */
  'target box': z.tuple([z.number(), z.number(), z.number(), z.number(), z.number(), z.number()]),
  'source spacing': triple,
  'target spacing': triple,
  /** Long and short axis, pixels. */
  'target recist diameter': z.tuple([z.number(), z.number()]),
  /** By the affine registration that the tracker starts from. */
  'predict target center': triple.optional(),
});

type Lesion = z.infer<typeof lesionSchema>;

const fileSchema = z.union([z.array(lesionSchema).min(1), z.record(z.string(), lesionSchema)]);

interface Annotation {
  /** Names the lesion in messages. */
  readonly what: string;
  readonly lesion: Lesion;
}

/** The grid in which the annotations count. */
function annotatedGrid(volume: Grid, spacing: readonly number[], path: string, json: string): Grid {
  const grid = axialGrid(volume);
  if (grid === undefined)
    throw new InputError(`${path} has oblique axes: make it with DL_save_nifti.py of DeepLesion`);
  const found = spacingOf(grid.voxelToLps);
  const differs = found.some((mm, axis) => Math.abs(mm - (spacing[axis] ?? NaN)) > SPACING_TOLERANCE * mm);
  if (differs)
    throw new InputError(
      `${path} has a spacing of ${found.map((mm) => mm.toFixed(3)).join(', ')} mm, ${json} says ${spacing.join(', ')}: ` +
        'make it with DL_save_nifti.py of DeepLesion',
    );
  return grid;
}

function measuresOf(grid: Grid, lesion: Lesion, truth: LpsPoint): (answer: LpsPoint) => Measures {
  const box = lesion['target box'];
  const radiusMm = (Math.max(...lesion['target recist diameter']) / 2) * spacingOf(grid.voxelToLps)[0];
  return (answer) => ({
    of: 'lesion',
    axesMm: axisDistancesMm(grid, answer, truth),
    radiusMm,
    isInBox: indexOf(grid, answer).every((at, axis) => {
      const first = box[axis] ?? NaN;
      return at >= first && at <= first + (box[axis + 3] ?? NaN);
    }),
  });
}

function truthOf({ what, lesion }: Annotation, source: Grid, target: Grid): TruthPoint {
  const truth = placeOf(target, lesion['target center'], `${what}, target center`);
  const initial = lesion['predict target center'];
  return {
    query: placeOf(source, lesion['source center'], `${what}, source center`),
    target: truth,
    measure: measuresOf(target, lesion, truth),
    ...(initial === undefined ? {} : { reference: toLps(target.voxelToLps, voxelIndex(...initial)) }),
  };
}

/** Lesions of the same two volumes are answered together. */
function grouped(annotations: readonly Annotation[]): readonly (readonly [Annotation, ...Annotation[]])[] {
  const groups = new Map<string, [Annotation, ...Annotation[]]>();
  for (const annotation of annotations) {
    const { source, target } = annotation.lesion;
    const group = groups.get(`${source} ${target}`);
    if (group === undefined) groups.set(`${source} ${target}`, [annotation]);
    else group.push(annotation);
  }
  return [...groups.values()];
}

async function splitOf(
  split: string,
  json: string,
  pathOf: (name: string) => string | undefined,
): Promise<DatasetPair[]> {
  const content = await readJson(json, fileSchema);
  const annotations = Object.entries(content).map(([id, lesion]) => ({ what: `${json}, ${id}`, lesion }));
  const names = new Set(annotations.flatMap(({ lesion: { source, target } }) => [source, target]));
  const missing = [...names].filter((name) => pathOf(name) === undefined);
  const [first] = missing;
  if (first !== undefined)
    throw new InputError(
      `${json} names ${first}, which is nowhere in the folder (${missing.length} of ${names.size} volumes are missing): ` +
        'make them with DL_save_nifti.py of DeepLesion',
    );
  return grouped(annotations).map((group) => ({
    case: split,
    open: () => sceneOf(split, group, json, pathOf),
  }));
}

async function sceneOf(
  split: string,
  group: readonly [Annotation, ...Annotation[]],
  json: string,
  pathOf: (name: string) => string | undefined,
): Promise<Scene> {
  const { lesion } = group[0];
  const [sourcePath, targetPath] = [pathOf(lesion.source) ?? '', pathOf(lesion.target) ?? ''];
  const [query, target] = [await niftiSubject(sourcePath), await niftiSubject(targetPath)];
  const source = annotatedGrid(await query.load(), lesion['source spacing'], sourcePath, json);
  const grid = annotatedGrid(await target.load(), lesion['target spacing'], targetPath, json);
  return {
    data: 'deeplesion',
    case: split,
    pair: `${lesion.source} ${lesion.target}`,
    query,
    target,
    points: group.map((annotation) => truthOf(annotation, source, grid)),
    reference: 'affine',
  };
}

/** Lesion pairs of the deep longitudinal study. */
export function deepLesion(): Dataset {
  return {
    name: 'deeplesion',
    summary: 'lesion pairs of the deep longitudinal study in DeepLesion (test.json, valid.json)',
    isPooled: false,
    read: async (folder) => {
      const paths = await filesIn(folder);
      const pathOf = byName(paths);
      const splits = SPLITS.flatMap((split) => {
        const json = pathOf(`${split}.json`);
        return json === undefined ? [] : [splitOf(split, json, pathOf)];
      });
      if (splits.length === 0)
        throw new InputError(
          `${folder} holds neither test.json nor valid.json: put them there from github.com/JimmyCai91/DLT, data/`,
        );
      return (await Promise.all(splits)).flat();
    },
  };
}
