/**
 * CT and MR of one patient (`limb/`). Their stated common frame is wrong for some patients, so that the truth is a rigid registration
 * (`models/training/registrations/limb.json`). Both images are cropped at random: the position in the image must not give the answer.
 * @module
 */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { lpsPoint, voxelIndex, withOriginAt } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { createRandom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { isInside } from '../support/followUp.ts';
import { ROOT } from '../support/paths.ts';
import { InputError, subjectAt } from './files.ts';
import type { Subject } from './files.ts';
import { ctFiles, heldBackFiles } from './organs.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** Name of the case. */
export const LIMB_CASE = 'mr-to-ct';

/** Every fifth patient by name is kept for validation (README of the data; `split` of the training code). */
const EVERY = 5;
/** A point must be this far inside both fields of view, mm. */
const VIEW_MM = 6;
/** Each side of an image is cut by up to this share of its length. */
const CUT_SHARE = 0.2;
const REGISTRATIONS = join(ROOT, 'models/training/registrations/limb.json');

type Triple = readonly [number, number, number];

/** Rigid map of CT points to the MR; scanner coordinates (z, y, x) along S, P, L, mm. */
export interface Registration {
  readonly accepted: boolean;
  readonly matrix: readonly [Triple, Triple, Triple];
  readonly shift: Triple;
}

/** The place in the MR of a CT point; LPS mm. */
export function placeInMr({ matrix, shift }: Registration, [x, y, z]: LpsPoint): LpsPoint {
  const [s, p, l] = matrix.map(
    (row, axis) => row[0] * z + row[1] * y + row[2] * x + (shift[axis] ?? NaN),
  ) as unknown as Triple;
  return lpsPoint(l, p, s);
}

/** The registrations by patient, such as STS_006. */
export async function readRegistrations(file = REGISTRATIONS): Promise<ReadonlyMap<string, Registration>> {
  const { pairs } = JSON.parse(await readFile(file, 'utf8')) as { pairs: Record<string, Registration> };
  return new Map(Object.entries(pairs));
}

/** The same seed for the same name in every run. */
function seedOfName(name: string): number {
  return createHash('sha256').update(name).digest().readUInt32BE(0) >>> 1;
}

/** A random part of a volume: each side is cut by up to {@link CUT_SHARE}, the same for the same name. */
export function randomCrop(volume: Volume, name: string): Volume {
  const random = createRandom(seedOfName(name), 'crop');
  const cut = (length: number): number => Math.floor(random.between(0, CUT_SHARE) * length);
  const bounds = volume.dims.map((length) => [cut(length), length - cut(length)] as const);
  const [[x0, x1], [y0, y1], [z0, z1]] = bounds as unknown as readonly [Triple, Triple, Triple];
  const dims = [x1 - x0, y1 - y0, z1 - z0] as const;
  const data = volume.data.slice(0, dims[0] * dims[1] * dims[2]);
  const [nx, ny] = volume.dims;
  for (let k = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++) {
      const from = ((k + z0) * ny + j + y0) * nx + x0;
      data.set(volume.data.subarray(from, from + dims[0]), (k * dims[1] + j) * dims[0]);
    }
  return { ...volume, dims, data, voxelToLps: withOriginAt(volume.voxelToLps, voxelIndex(x0, y0, z0)) };
}

/** A subject whose volume is a random part, the same for the same name. */
function cropped({ identity, load }: Subject, name: string): Subject {
  return {
    identity: `${identity} cropped by ${CUT_SHARE}`,
    load: async () => randomCrop(await load(), name),
  };
}

/** The MR file of a CT file. */
export function mrBeside(ct: string): string {
  return ct.replace('_ct.', '_t1.');
}

/** The MR scans that no training has seen. */
export async function heldBackMr(): Promise<string[]> {
  return (await heldBackFiles('limb', EVERY)).map(mrBeside);
}

/** The CT files of the patients that the training has seen. */
export async function trainingLimbs(): Promise<string[]> {
  const held = await heldBackFiles('limb', EVERY);
  return (await ctFiles('limb')).sort().filter((file) => !held.includes(file));
}

/**
 * Points of each MR to be found in the CT of the same patient; patients whose registration is in doubt are omitted.
 * @param files CTs with their MR beside them; default: those held back
 */
export async function* limbScenes(
  { points: count }: Pick<SceneOptions, 'points'>,
  files?: readonly string[],
): AsyncGenerator<Scene> {
  const registrations = await readRegistrations();
  for (const file of files ?? (await heldBackFiles('limb', EVERY))) {
    const patient = basename(file).replace('_ct.nii.gz', '');
    const registration = registrations.get(patient);
    if (registration === undefined) throw new InputError(`${REGISTRATIONS}: ${patient} is missing`);
    if (!registration.accepted) continue;
    const ct = cropped(await subjectAt(file), `${patient} CT`);
    const mr = cropped(await subjectAt(mrBeside(file), 'MR'), `${patient} MR`);
    const [ctVolume, mrVolume] = [await ct.load(), await mr.load()];
    const isShared = (point: LpsPoint): boolean =>
      isInside(ctVolume, point, VIEW_MM) && isInside(mrVolume, placeInMr(registration, point), VIEW_MM);
    const drawn = new DeepBody(ctVolume).draw(count, seedOfName(patient), isShared);
    const points = drawn.map((point) => ({ query: placeInMr(registration, point), target: point }));
    yield {
      data: 'limb',
      case: LIMB_CASE,
      query: mr,
      target: ct,
      points,
      unregistrable: true,
      hasControl: true,
    };
  }
}
