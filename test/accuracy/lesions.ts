/**
 * Lesions that change between a scan and its follow-up: painted into a real CT at places of the liver, the lung, fat with nodes and
 * bone, then warped by the known map. The truth is the anatomical place: the lesion's centre under the map.
 * @module
 */
import { distanceMm, invert, lpsPoint, toVoxel } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { LesionChange } from '../../server/src/matching/index.ts';
import { createRandom } from '../../server/src/phantom/index.ts';
import type { Random } from '../../server/src/phantom/random.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUpCase } from '../support/followUp.ts';
import { withLesions } from '../support/lesions.ts';
import type { Lesion } from '../support/lesions.ts';
import type { Subject } from './files.ts';
import { seedOf, truthOf, VIEW_MM } from './followUps.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions, TruthPoint } from './scenes.ts';

/** The case of the protocol; its rows are `lesion-` and the change. */
export const LESIONS_CASE = 'lesions';
/** The row of lesions that have not changed. */
export const UNCHANGED_CASE = 'lesion-same';

/** What became of a lesion, and the diameters (mm) of the smaller one of the two scans; `gone` and `new`: of the only one. */
const CHANGES = {
  third: { before: 3, after: 1, diameterMm: [7, 12] },
  half: { before: 2, after: 1, diameterMm: [8, 15] },
  same: { before: 1, after: 1, diameterMm: [10, 30] },
  double: { before: 1, after: 2, diameterMm: [8, 15] },
  triple: { before: 1, after: 3, diameterMm: [7, 12] },
  gone: { before: 1, after: 0, diameterMm: [10, 30] },
  new: { before: 0, after: 1, diameterMm: [10, 30] },
} as const;
export type Change = keyof typeof CHANGES;
/** What an answer should say of each. */
const KINDS: Readonly<Record<Change, LesionChange['kind']>> = {
  third: 'smaller',
  half: 'smaller',
  same: 'unchanged',
  double: 'larger',
  triple: 'larger',
  gone: 'gone',
  new: 'appeared',
};
export const CHANGE_NAMES = Object.keys(CHANGES) as readonly Change[];

/** Where lesions grow: mean HU of the lesion, its texture and noise, and how much smaller than elsewhere it is. */
const TISSUES = {
  liver: { hu: [35, 75], textureHu: 8, noiseHu: 14, size: 1 },
  lung: { hu: [10, 60], textureHu: 12, noiseHu: 18, size: 1 },
  node: { hu: [40, 90], textureHu: 7, noiseHu: 12, size: 0.9 },
  bone: { hu: [20, 120], textureHu: 25, noiseHu: 18, size: 0.65 },
} as const;
export type Tissue = keyof typeof TISSUES;
const TISSUE_NAMES = Object.keys(TISSUES) as readonly Tissue[];

/** Pairs per volume, by the map of the follow-up in turn, and lesions in each as far as there is place for them. */
const PAIRS = 8;
const MAPS: readonly FollowUpCase[] = ['easy', 'strong'];
const LESIONS_OF_PAIR = 14;
/** Lesions are at least this far from one another, mm: twice what the largest pushes. */
const APART_MM = 60;
/** A lesion is at least this far inside both views, mm. */
const INSIDE_MM = VIEW_MM + 14;
/** Places that are looked at for each lesion. */
const CANDIDATES = 3000;
/** Share of the tissue's width that remains where a lesion pushes it. */
const MASS_EFFECT = 0.5;
/** Raised when the same seed must give other lesions. */
const VERSION = 2;

/** Shares of the voxels around a place by density, and their mean HU. */
interface Surroundings {
  readonly mean: number;
  readonly lung: number;
  readonly fat: number;
  readonly soft: number;
  readonly enhanced: number;
}

/** What lies within a radius (mm) of a place, sampled at the nearest voxels every third of it. */
function surroundingsOf(volume: Volume, place: LpsPoint, radiusMm: number): Surroundings {
  const inverse = invert(volume.voxelToLps);
  const [nx, ny, nz] = volume.dims;
  const steps = [-3, -2, -1, 0, 1, 2, 3].map((n) => (n * radiusMm) / 3);
  const values: number[] = [];
  for (const dz of steps)
    for (const dy of steps)
      for (const dx of steps) {
        if (Math.hypot(dx, dy, dz) > radiusMm) continue;
        const at = toVoxel(inverse, lpsPoint(place[0] + dx, place[1] + dy, place[2] + dz));
        const [i, j, k] = [Math.round(at[0]), Math.round(at[1]), Math.round(at[2])];
        if (i >= 0 && j >= 0 && k >= 0 && i < nx && j < ny && k < nz)
          values.push(volume.data[i + nx * (j + ny * k)] ?? NaN);
      }
  const share = (low: number, high: number): number =>
    values.filter((hu) => hu > low && hu <= high).length / values.length;
  return {
    mean: values.reduce((sum, hu) => sum + hu, 0) / values.length,
    lung: share(-1100, -500),
    fat: share(-160, -20),
    soft: share(0, 250),
    enhanced: share(50, 220),
  };
}

/** The tissue of a place where a lesion of a radius (mm) may be; undefined where none of them is. */
export function tissueAt(volume: Volume, place: LpsPoint, radiusMm: number): Tissue | undefined {
  const near = surroundingsOf(volume, place, 5);
  if (near.mean > 180 && near.mean < 800) return 'bone';
  const around = surroundingsOf(volume, place, Math.max(radiusMm, 10));
  if (around.lung > 0.9) return 'lung';
  if (around.enhanced > 0.93 && around.mean > 75) return 'liver';
  const isMixed = around.fat > 0.25 && around.fat < 0.85 && around.soft > 0.1 && around.lung < 0.02;
  return isMixed && around.mean < 60 ? 'node' : undefined;
}

/** A lesion's place with its change: what both scans show of it. */
export interface ChangedLesion {
  readonly change: Change;
  readonly tissue: Tissue;
  readonly centre: LpsPoint;
  /** Undefined where that scan shows none. */
  readonly before: Lesion | undefined;
  readonly after: Lesion | undefined;
}

/** A lesion that changes at a place; what it looks like comes from the random stream. */
export function changedLesion(
  change: Change,
  tissue: Tissue,
  centre: LpsPoint,
  random: Random,
): ChangedLesion {
  const { hu, textureHu, noiseHu, size } = TISSUES[tissue];
  const [least, largest] = CHANGES[change].diameterMm;
  const radiusMm = (size * random.between(least, largest)) / 2;
  const massEffect = random.uniform() < 0.5 ? MASS_EFFECT : 0;
  const meanHu = random.between(hu[0], hu[1]);
  const of = (times: number): Lesion | undefined => {
    const seed = random.bits();
    if (times === 0) return undefined;
    return { centre, radiusMm: times * radiusMm, hu: meanHu, textureHu, noiseHu, massEffect, seed };
  };
  return { change, tissue, centre, before: of(CHANGES[change].before), after: of(CHANGES[change].after) };
}

/**
 * Lesions at random places of a volume: tissues and changes in turn, as far as there are places for them.
 * @param accept whether a centre may be there
 */
export function drawLesions(
  volume: Volume,
  count: number,
  seed: number,
  accept: (centre: LpsPoint) => boolean,
): ChangedLesion[] {
  const random = createRandom(seed, 'changed lesions');
  const places = new DeepBody(volume).draw(CANDIDATES, seed, accept);
  const first = random.bits();
  const found: ChangedLesion[] = [];
  for (let n = 0; n < TISSUE_NAMES.length * count && found.length < count; n++) {
    const change = CHANGE_NAMES[(first + found.length) % CHANGE_NAMES.length] ?? 'same';
    const tissue = TISSUE_NAMES[n % TISSUE_NAMES.length] ?? 'liver';
    const place = places.find((candidate) => {
      if (found.some(({ centre }) => distanceMm(centre, candidate) < APART_MM)) return false;
      const { diameterMm, before, after } = CHANGES[change];
      const radiusMm = (TISSUES[tissue].size * diameterMm[1] * Math.max(before, after)) / 2;
      return tissueAt(volume, candidate, radiusMm) === tissue;
    });
    if (place !== undefined) found.push(changedLesion(change, tissue, place, random));
  }
  return found;
}

/** What an answer should say of a lesion. The follow-up's map stretches it by less than what can be measured. */
function truthOfChange({ change, before, after }: Omit<ChangedLesion, 'centre'>): LesionChange {
  return {
    kind: KINDS[change],
    ...(before === undefined ? {} : { queryDiameterMm: 2 * before.radiusMm }),
    ...(after === undefined ? {} : { targetDiameterMm: 2 * after.radiusMm }),
  };
}

/** Both scans of a pair, and its lesions with their places in the follow-up. */
interface LesionPair {
  readonly query: Volume;
  readonly followUp: Volume;
  readonly lesions: readonly (ChangedLesion & { readonly place: LpsPoint })[];
}

function makePair(volume: Volume, map: FollowUpCase, seed: number, count: number): LesionPair {
  const drawn = drawLesions(volume, count, seed, (x) => isInside(volume, x, INSIDE_MM));
  const shown = (scan: 'before' | 'after'): Volume =>
    withLesions(
      volume,
      drawn.flatMap((lesion) => lesion[scan] ?? []),
    );
  const made = makeFollowUp(shown('after'), map, seed);
  const lesions = drawn
    .map((lesion) => ({ ...lesion, place: made.toFollowUp(lesion.centre) }))
    .filter(({ place }) => isInside(made.followUp, place, INSIDE_MM));
  return { query: shown('before'), followUp: made.followUp, lesions };
}

interface LesionSceneOptions extends Pick<SceneOptions, 'folder'> {
  readonly pairs?: number;
  /** Lesions of a pair at most. */
  readonly lesions?: number;
}

/** Pairs of a CT with lesions and its follow-up, in which they have changed; one scene per change. */
export async function* lesionScenes(
  data: string,
  source: Subject,
  { folder, pairs = PAIRS, lesions = LESIONS_OF_PAIR }: LesionSceneOptions,
): AsyncGenerator<Scene> {
  for (let n = 0; n < pairs; n++) {
    const map = MAPS[n % MAPS.length] ?? 'easy';
    const seed = seedOf(data, `lesions/${n}`);
    const count = lesions === LESIONS_OF_PAIR ? '' : `${lesions} `;
    const identity = `${source.identity} ${count}lesions ${map} ${seed} version ${VERSION}`;
    let making: Promise<LesionPair> | undefined;
    const make = (): Promise<LesionPair> =>
      (making ??= source.load().then((volume) => makePair(volume, map, seed, lesions)));
    const query: Subject = { identity: `${identity} before`, load: async () => (await make()).query };
    const target: Subject = { identity: `${identity} after`, load: async () => (await make()).followUp };
    for (const change of CHANGE_NAMES) {
      const { inView } = await truthOf(`${identity} ${change} with diameters`, folder, async () => {
        const ofChange = (await make()).lesions.filter((lesion) => lesion.change === change);
        const points: TruthPoint[] = ofChange.map(({ centre, place, ...lesion }) => ({
          query: centre,
          target: place,
          change: truthOfChange(lesion),
        }));
        return { inView: points, outside: [] };
      });
      if (inView.length > 0) yield { data, case: `lesion-${change}`, query, target, points: inView };
    }
  }
}
