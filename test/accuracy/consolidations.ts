/**
 * Follow-ups in which a part of an organ looks otherwise: consolidated lung, an effusion, a resected part of the liver. The points lie
 * inside; their places follow from the map of the follow-up, as everywhere.
 * @module
 */
import { distanceMm, invert, lpsPoint, toLps, toVoxel, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { ScannerNoise } from '../../server/src/phantom/index.ts';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUp } from '../support/followUp.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';
import { seedOf, truthOf, VIEW_MM } from './followUps.ts';
import type { Truth } from './followUps.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The case of the protocol. */
export const CONSOLIDATION_CASE = 'consolidation';

/** What replaces a tissue in a ball. */
export interface Change {
  readonly name: string;
  /** The tissue that is replaced, HU. */
  readonly from: readonly [lowest: number, highest: number];
  readonly radiusMm: number;
  /** True: in the posterior half of the ball only, as fluid lies in a supine patient. */
  readonly isDependent: boolean;
  /** Mean and standard deviation of what is there afterwards, HU. */
  readonly to: readonly [mean: number, deviation: number];
}

/** Consolidated lung with its air-filled bronchi, pleural fluid, and fat in the place of a part of the liver. */
export const CHANGES: readonly Change[] = [
  { name: 'consolidation', from: [-980, -500], radiusMm: 45, isDependent: false, to: [35, 35] },
  { name: 'effusion', from: [-1024, -300], radiusMm: 70, isDependent: true, to: [8, 12] },
  { name: 'resection', from: [60, 180], radiusMm: 40, isDependent: false, to: [-95, 15] },
];

/** Fluid in the fat of the abdomen, for volumes that show hardly any of these tissues. */
const COLLECTION: Change = {
  name: 'collection',
  from: [-140, -40],
  radiusMm: 45,
  isDependent: false,
  to: [8, 12],
};

/** Points among which the centre of a change is looked for, and how many of them must show its tissue. */
const [CANDIDATES, FEWEST] = [600, 40];

/** HU of the voxel at a point. */
function valueAt(volume: Volume, point: LpsPoint): number {
  const [nx, ny] = volume.dims;
  const [i, j, k] = toVoxel(invert(volume.voxelToLps), point).map(Math.round) as [number, number, number];
  return volume.data[(k * ny + j) * nx + i] ?? NaN;
}

function isFrom({ from: [lowest, highest] }: Change, hu: number): boolean {
  return hu >= lowest && hu <= highest;
}

/** True where a point lies in the part that a change may replace. */
export function isReached({ radiusMm, isDependent }: Change, centre: LpsPoint, point: LpsPoint): boolean {
  return distanceMm(point, centre) <= radiusMm && (!isDependent || point[1] >= centre[1]);
}

/** The place around which most of a change's tissue lies; undefined in a volume with hardly any of it. */
export function centreOf(
  volume: Volume,
  change: Change,
  candidates: readonly LpsPoint[],
): LpsPoint | undefined {
  const tissue = candidates.filter((point) => isFrom(change, valueAt(volume, point)));
  if (tissue.length < FEWEST) return undefined;
  const near = (centre: LpsPoint): number =>
    tissue.filter((point) => distanceMm(point, centre) <= change.radiusMm).length;
  const counts = tissue.map(near);
  return tissue[counts.indexOf(Math.max(...counts))];
}

/** The volume with the tissue replaced. Noise of the same seed is the same. */
export function changed(volume: Volume, change: Change, centre: LpsPoint, seed: number): Volume {
  const [nx, ny, nz] = volume.dims;
  const data = volume.data.slice();
  const noise = new ScannerNoise(change.to[1], seed, change.name);
  const deviations = new Float32Array(nx * ny);
  for (let k = 0, at = 0; k < nz; k++) {
    noise.slice(nx, ny, deviations);
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++, at++) {
        if (!isFrom(change, data[at] ?? NaN)) continue;
        const [x, y, z] = toLps(volume.voxelToLps, voxelIndex(i, j, k));
        if (!isReached(change, centre, lpsPoint(x, y, z))) continue;
        data[at] = Math.round(change.to[0] + (deviations[j * nx + i] ?? NaN));
      }
  }
  return { ...volume, data };
}

interface Made {
  readonly volume: Volume;
  readonly made: FollowUp;
  readonly body: DeepBody;
  readonly candidates: readonly LpsPoint[];
}

/** Points of the follow-up inside what has changed. */
function drawTruth(
  { volume, made, body }: Made,
  change: Change,
  centre: LpsPoint,
  count: number,
  seed: number,
): Truth {
  const accept = (y: LpsPoint): boolean =>
    isReached(change, centre, y) &&
    isFrom(change, valueAt(made.followUp, y)) &&
    isInside(made.followUp, y, VIEW_MM) &&
    isInside(volume, made.toOriginal(y), VIEW_MM);
  const drawn = body.draw(count, seed, accept);
  return { inView: drawn.map((y) => ({ query: made.toOriginal(y), target: y })), outside: [] };
}

interface Placed {
  readonly change: Change;
  readonly centre: LpsPoint;
}

/** Which changes a volume shows, and where. */
export type Placing = (volume: Volume, candidates: readonly LpsPoint[]) => readonly Placed[];

/** Of some changes those for which a volume has the tissue. */
function placed(changes: readonly Change[], ...[volume, candidates]: Parameters<Placing>): readonly Placed[] {
  return changes.flatMap((change) => {
    const centre = centreOf(volume, change, candidates);
    return centre === undefined ? [] : [{ change, centre }];
  });
}

/** The changes of the protocol: those for which a volume has the tissue; {@link COLLECTION} where it has none. */
export const placedIn: Placing = (volume, candidates) => {
  const own = placed(CHANGES, volume, candidates);
  return own.length > 0 ? own : placed([COLLECTION], volume, candidates);
};

/** Every change for which a volume has the tissue. */
export const everyPlacedIn: Placing = (volume, candidates) =>
  placed([...CHANGES, COLLECTION], volume, candidates);

/** Pairs of a CT and its easy follow-up with each of some changes, as a rule those of the protocol. */
export async function* consolidationScenes(
  data: string,
  source: Subject,
  { points, folder }: SceneOptions,
  placing: Placing = placedIn,
): AsyncGenerator<Scene> {
  const seed = seedOf(data, 'easy');
  const volume = await source.load();
  const made = makeFollowUp(volume, 'easy', seed);
  const body = new DeepBody(made.followUp);
  const everything: Made = { volume, made, body, candidates: body.draw(CANDIDATES, seed, () => true) };
  for (const { change, centre } of placing(made.followUp, everything.candidates)) {
    const identity = `${source.identity} easy ${seed} ${JSON.stringify(change)}`;
    const target: Subject = {
      identity,
      load: () => Promise.resolve(changed(made.followUp, change, centre, seed)),
    };
    const truth = await truthOf(`${identity} ${points} points`, folder, () =>
      Promise.resolve(drawTruth(everything, change, centre, points, seed)),
    );
    yield { data, case: CONSOLIDATION_CASE, query: source, target, points: truth.inView };
  }
}
