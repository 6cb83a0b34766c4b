/**
 * Gross pose of a pair: how the patient of one scan is turned, shifted or mirrored against that of the other. All rotations and their
 * mirror images are tried in voxels of 32 mm, and the best of them refined.
 * @module
 */
import { setImmediate as breathe } from 'node:timers/promises';
import { affineFromColumns, axisStep, compose, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { halfOf } from '../affine/levels.ts';
import type { Level, Levels } from '../affine/levels.ts';
import { Overlap } from '../affine/overlap.ts';
import { descend, ends, scoreOf } from '../affine/register.ts';
import type { Registration } from '../affine/register.ts';
import {
  angleBetweenDeg,
  axisRotations,
  isMirroring,
  linearPart,
  MIRROR,
  spreadRotations,
} from './rotations.ts';

/** Bound once: a global look-up for every voxel is slow in test sandboxes. */
const { abs, ceil, floor, hypot, max, min } = Math;

/** Rotations that are tried beside the 24 of the axes: no rotation is farther than about 25 degrees from one of them. */
const SPREAD_ROTATIONS = 500;
/** Distance of the tried shifts along the patient, mm: one voxel. */
const SHIFT_MM = 32;
/** Least share of the query's body that the target has to show. */
const LEAST_OVERLAP = 0.3;
/**
 * Poses that are refined in voxels of 32 mm, and then of 16 mm, proper and mirrored ones apart: 15 degrees beside the true pose the score
 * of a body that fills its field of view is below that of wrong poses.
 */
const STARTS = 40;
const FINALISTS = 3;
/** Two starts are farther apart than this, degrees and mm. */
const APART_DEG = 15;
const APART_MM = 60;
/** Steps of the refinement: shifts and affine maps in voxels of 32 mm, affine maps in those of 16 mm and of 8 mm. */
const SHIFT_STEPS = 3;
const TRIAL_STEPS = 5;
const HALF_STEPS = 8;
const FULL_STEPS = 6;
/** Tried rotations after which other work has its turn. */
const ROTATIONS_PER_TURN = 20;

/** The best poses of a pair. */
export interface PoseSearch {
  /** The end of the refinement that began where it was given. */
  readonly plain: Registration;
  readonly proper: Registration | undefined;
  /** The best one that makes a mirror image. */
  readonly mirrored: Registration | undefined;
}

interface Candidate {
  readonly map: Affine;
  readonly rotation: Affine;
  readonly shift: number;
  readonly score: number;
}

/**
 * The best pose and the best mirrored one of a pair of one modality; 0.5 to 1 s, with turns for other work.
 * @param start a first guess, LPS of the query to LPS of the target, which is refined as well
 * @throws the signal's reason when it is aborted
 */
export async function searchPoses(
  query: Levels,
  target: Levels,
  start: Affine,
  signal?: AbortSignal,
): Promise<PoseSearch> {
  const [q, t] = [halfOf(query.half), halfOf(target.half)];
  const overlap = new Overlap(q, t);
  const tried = await trial(q, t, overlap, signal);
  const coarse = new Overlap(query.half, target.half);
  const fine = new Overlap(query.full, target.full);
  const refined = async (maps: readonly Affine[]): Promise<Registration | undefined> => {
    const rough: Registration[] = [];
    for (const map of maps) {
      const moved = await descend(overlap, map, SHIFT_STEPS, false, signal);
      rough.push(await descend(overlap, moved.queryToTarget, TRIAL_STEPS, true, signal));
    }
    const ended: Registration[] = [];
    for (const { queryToTarget } of bestFirst(rough).slice(0, FINALISTS))
      ended.push(await descend(coarse, queryToTarget, HALF_STEPS, true, signal));
    const [best] = bestFirst(ended);
    return best && (await descend(fine, best.queryToTarget, FULL_STEPS, true, signal));
  };
  const starts = (isMirrored: boolean): readonly Affine[] =>
    apart(tried.filter(({ rotation }) => isMirroring(rotation) === isMirrored)).map(({ map }) => map);
  const plain = await refined([start]);
  if (plain === undefined) throw new RangeError('a refinement has a start');
  return { plain, proper: await refined(starts(false)), mirrored: await refined(starts(true)) };
}

function bestFirst(registrations: readonly Registration[]): Registration[] {
  return [...registrations].sort((a, b) => scoreOf(b) - scoreOf(a));
}

/** A map after the query was mirrored, left for right, about the middle of its mass. */
export function mirroredAt(queryToTarget: Affine, query: Level): Affine {
  const middle = massCentre(query);
  return compose(queryToTarget, around(MIRROR, middle, middle));
}

/** Every rotation and its mirror image, with each shift along the patient, the best first. */
async function trial(
  query: Level,
  target: Level,
  overlap: Overlap,
  signal: AbortSignal | undefined,
): Promise<Candidate[]> {
  const attempt = { overlap, from: massCentre(query), to: massCentre(target), reach: reachOf(query, target) };
  const rotations = [...axisRotations(), ...spreadRotations(SPREAD_ROTATIONS)];
  const found: Candidate[] = [];
  for (const [n, proper] of rotations.entries()) {
    if (n % ROTATIONS_PER_TURN === 0) {
      await breathe();
      signal?.throwIfAborted();
    }
    found.push(...shiftsOf(proper, attempt), ...shiftsOf(compose(proper, MIRROR), attempt));
  }
  return found.sort((a, b) => b.score - a.score);
}

interface Attempt {
  readonly overlap: Overlap;
  readonly from: LpsPoint;
  readonly to: LpsPoint;
  /** Largest shift, mm. */
  readonly reach: number;
}

/** Centre of mass on centre of mass, and the shifts along the patient from there. */
function shiftsOf(rotation: Affine, { overlap, from, to, reach }: Attempt): Candidate[] {
  const along = axisStep(rotation, 2);
  const turned = around(rotation, from, to);
  const found: Candidate[] = [];
  for (let shift = -reach; shift <= reach; shift += SHIFT_MM) {
    const map = affineFromColumns(axisStep(turned, 0), axisStep(turned, 1), axisStep(turned, 2), [
      turned[3] + shift * along[0],
      turned[7] + shift * along[1],
      turned[11] + shift * along[2],
    ]);
    const agreement = overlap.sample(map);
    if (agreement.overlap >= LEAST_OVERLAP) found.push({ map, rotation, shift, score: scoreOf(agreement) });
  }
  return found;
}

/** Half of the longer of both scans, in whole shifts. */
function reachOf(query: Level, target: Level): number {
  const [low, high] = ends(query);
  return ceil(max(high - low, longest(target)) / 2 / SHIFT_MM) * SHIFT_MM;
}

/**
 * Centre of mass: intensities above the darkest, LPS mm. Not the centre of the body mask, whose holes are filled slice by slice and
 * which a turned scan may lose, or gain the table.
 */
function massCentre({ grid, values }: Level): LpsPoint {
  const [nx, ny, nz] = grid.dims;
  const darkest = values.reduce((least, value) => min(least, value), Infinity);
  let [x, y, z, mass] = [0, 0, 0, 0];
  for (const [voxel, value] of values.entries()) {
    const own = value - darkest;
    mass += own;
    x += own * (voxel % nx);
    y += own * (floor(voxel / nx) % ny);
    z += own * floor(voxel / (nx * ny));
  }
  if (mass === 0) return toLps(grid.voxelToLps, voxelIndex((nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2));
  return toLps(grid.voxelToLps, voxelIndex(x / mass, y / mass, z / mass));
}

/** The longest edge of a grid, mm. */
function longest({ grid: { dims, voxelToLps } }: Level): number {
  return max(...([0, 1, 2] as const).map((axis) => dims[axis] * hypot(...axisStep(voxelToLps, axis))));
}

/** The map that turns around one point and puts it on another. */
function around(
  rotation: Affine,
  [x, y, z]: readonly [number, number, number],
  to: readonly [number, number, number],
): Affine {
  const m = linearPart(rotation);
  return affineFromColumns(axisStep(m, 0), axisStep(m, 1), axisStep(m, 2), [
    to[0] - (m[0] * x + m[1] * y + m[2] * z),
    to[1] - (m[4] * x + m[5] * y + m[6] * z),
    to[2] - (m[8] * x + m[9] * y + m[10] * z),
  ]);
}

function apart(candidates: readonly Candidate[]): Candidate[] {
  const kept: Candidate[] = [];
  for (const candidate of candidates) {
    if (kept.length === STARTS) break;
    const isNew = kept.every(
      ({ rotation, shift }) =>
        angleBetweenDeg(rotation, candidate.rotation) >= APART_DEG ||
        abs(shift - candidate.shift) >= APART_MM,
    );
    if (isNew) kept.push(candidate);
  }
  return kept;
}
