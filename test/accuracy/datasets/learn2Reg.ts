/**
 * Learn2Reg (Hering et al., IEEE Trans Med Imaging 42:697, 2023): the validation pairs of a task with corresponding points, such as LungCT
 * and NLST. Points are voxel indices from 0, in the order of the axes in the NIfTI file; a point of the fixed image is to be found in
 * the moving one.
 * @module
 */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import type { VolumeModality } from '../../../server/src/volume/index.ts';
import { InputError } from '../files.ts';
import type { Scene } from '../scenes.ts';
import type { Dataset, DatasetPair } from './dataset.ts';
import { filesIn, niftiSubject, readJson } from './files.ts';
import { placeOf, readRows, sameIndex } from './indices.ts';

type Triple = readonly [number, number, number];

const KINDS = ['landmarks', 'keypoints'] as const;
type Kind = (typeof KINDS)[number];

const pairSchema = z.object({ fixed: z.string().min(1), moving: z.string().min(1) });

/** NAME_dataset.json, as far as it is needed. */
const datasetSchema = z.object({
  name: z.string().min(1),
  modality: z.record(z.string(), z.string()).optional(),
  registration_val: z.array(pairSchema).min(1),
});

type Description = z.infer<typeof datasetSchema>;
type Pair = z.infer<typeof pairSchema>;

/** imagesTr/TASK_0001_0000.nii.gz: patient and image. */
const IMAGE_NAME = /_(\d{4})_(\d{4})\.nii\.gz$/;

async function descriptionIn(folder: string): Promise<{ readonly path: string; readonly root: string }> {
  const found = (await filesIn(folder)).filter((path) => /_dataset\.json$/.test(basename(path)));
  const [path, other] = found;
  if (path === undefined)
    throw new InputError(
      `${folder} holds no TASK_dataset.json: give the unpacked folder of a task, e.g. LungCT`,
    );
  if (other !== undefined)
    throw new InputError(`${folder} holds ${found.length} tasks (${path}, ${other}): give the folder of one`);
  return { path, root: dirname(path) };
}

/** The number of an image within its patient, e.g. 0000: which scan, or which modality. */
function imageNumber(image: string): string {
  const [, , number] = IMAGE_NAME.exec(image) ?? [];
  if (number === undefined)
    throw new InputError(`${image} is not named TASK_0001_0000.nii.gz, as Learn2Reg names images`);
  return number;
}

/**
 * The folder of the points of a pair. Two images of different modalities have keypoints of their own, except the pair 0000 and 0001,
 * which is that of one modality in two breaths.
 */
function pointsFolder(kind: Kind, { fixed, moving }: Pair): string {
  const [f, m] = [imageNumber(fixed), imageNumber(moving)];
  const isPlain = kind === 'landmarks' || f === m || (f === '0000' && m === '0001');
  return isPlain
    ? kind
    : `${kind}${[f, m]
        .map(Number)
        .sort((a, b) => a - b)
        .join('')}`;
}

function pointsFile(root: string, image: string, folder: string): string {
  const file = basename(image).replace(/\.nii\.gz$/, '.csv');
  return join(root, dirname(image).replace('images', folder), file);
}

function modalityOf({ modality = {} }: Description, image: string, path: string): VolumeModality {
  const name = modality[String(Number(imageNumber(image)))] ?? modality['0'] ?? 'CT';
  if (/CT/i.test(name)) return 'CT';
  if (/^MR/i.test(name)) return 'MR';
  if (/^PE?T/i.test(name)) return 'PT';
  throw new InputError(`${path}: ${image} is "${name}", which is neither CT nor MR nor PET`);
}

/** The points of both images of a pair; undefined where the data have none of the kind. */
interface PairFiles {
  readonly pair: Pair;
  readonly fixed: string;
  readonly moving: string;
}

/** Pairs that have points of a kind: all of them or none, so that a mean is always over the published pairs. */
function pairsWith(kind: Kind, pairs: readonly Pair[], root: string): readonly PairFiles[] {
  const files = pairs.map((pair): PairFiles => {
    const folder = pointsFolder(kind, pair);
    return {
      pair,
      fixed: pointsFile(root, pair.fixed, folder),
      moving: pointsFile(root, pair.moving, folder),
    };
  });
  const paths = files.flatMap(({ fixed, moving }) => [fixed, moving]);
  const missing = paths.filter((path) => !existsSync(path));
  if (missing.length === paths.length) return [];
  const [first] = missing;
  if (first !== undefined)
    throw new InputError(
      `${first} does not exist, but other pairs have ${kind}: unpack the task again (${missing.length} missing)`,
    );
  return files;
}

async function rowsOf({
  fixed,
  moving,
}: PairFiles): Promise<readonly [readonly Triple[], readonly Triple[]]> {
  const [f, m] = [
    readRows(await readFile(fixed, 'utf8'), fixed),
    readRows(await readFile(moving, 'utf8'), moving),
  ];
  if (f.length !== m.length || f.length === 0)
    throw new InputError(
      `${fixed} has ${f.length} points and ${moving} has ${m.length}: they must correspond line by line`,
    );
  return [f, m];
}

async function datasetPair(
  kind: Kind,
  files: PairFiles,
  description: Description,
  at: { readonly path: string; readonly root: string },
): Promise<DatasetPair> {
  const [fixedRows, movingRows] = await rowsOf(files);
  const { fixed, moving } = files.pair;
  const modalities = [fixed, moving].map((image) => modalityOf(description, image, at.path));
  const [fixedPath, movingPath] = [join(at.root, fixed), join(at.root, moving)];
  for (const path of [fixedPath, movingPath])
    if (!existsSync(path)) throw new InputError(`${path} does not exist, but ${at.path} names it`);
  const open = async (): Promise<Scene> => {
    const query = await niftiSubject(fixedPath, modalities[0]);
    const target = await niftiSubject(movingPath, modalities[1]);
    const [queryGrid, targetGrid] = [await query.load(), await target.load()];
    const points = fixedRows.map((row, n) => {
      const point = placeOf(queryGrid, row, `${files.fixed}, point ${n + 1}`);
      return {
        query: point,
        target: placeOf(targetGrid, movingRows[n]!, `${files.moving}, point ${n + 1}`),
        measure: () => ({ of: 'keypoint' }) as const,
        reference: sameIndex(queryGrid, targetGrid, point),
      };
    });
    const data = `learn2reg-${description.name}`;
    const scene: Scene = {
      data,
      case: kind,
      pair: basename(fixed),
      query,
      target,
      points,
      reference: 'initial',
    };
    return modalities[0] === modalities[1] ? scene : { ...scene, unregistrable: true };
  };
  return { case: kind, open };
}

/** A task of Learn2Reg with points. */
export function learn2Reg(): Dataset {
  return {
    name: 'learn2reg',
    summary: 'validation pairs of a Learn2Reg task with landmarks or keypoints (LungCT, NLST, ThoraxCBCT)',
    isPooled: false,
    read: async (folder) => {
      const at = await descriptionIn(folder);
      const description = await readJson(at.path, datasetSchema);
      const pairs = await Promise.all(
        KINDS.flatMap((kind) =>
          pairsWith(kind, description.registration_val, at.root).map((files) =>
            datasetPair(kind, files, description, at),
          ),
        ),
      );
      if (pairs.length === 0)
        throw new InputError(
          `${at.root} has neither landmarksTr/ nor keypointsTr/ for the pairs of registration_val: ` +
            'download the points of the task too',
        );
      return pairs;
    },
  };
}
