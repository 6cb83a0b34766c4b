/**
 * Affine registration of two preview images: shifts along the body are tried at quarter the resolution of
 * the working grid, the best ones are refined by Gauss-Newton steps on the correlation (Evangelidis & Psarakis 2008).
 * @module
 */
import { setImmediate as breathe } from 'node:timers/promises';
import type { PreviewImage } from '../../embedding/types.ts';
import { affineFromColumns, lpsPoint, toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { levelsOf } from './levels.ts';
import type { Level } from './levels.ts';
import { Overlap } from './overlap.ts';
import type { Agreement } from './overlap.ts';

/** Where a registration ended. */
export interface Registration extends Agreement {
  /** LPS of the query series to LPS of the target series. */
  readonly queryToTarget: Affine;
}

/** Distance of the tried shifts along S, mm: within reach of the refinement on either side. */
const SHIFT_STEP_MM = 16;
/** Shifts that are refined; scans of one patient may show abdomen, or chest and abdomen. */
const STARTS = 4;
/** Starts closer than this end in the same place, mm. */
const STARTS_APART_MM = 40;
/** Least share of the shorter scan that the other one must hold: a prior rarely shows less. */
const LEAST_COMMON_SHARE = 0.35;
/** How much of a correlation a full overlap is worth: few common slices agree easily. */
const OVERLAP_WORTH = 0.15;
const SHIFT_STEPS = 4;
const HALF_STEPS = 6;
const FULL_STEPS = 6;

/** Ranks maps: the correlation, and a little for how much is common. */
export function scoreOf({ correlation, overlap }: Agreement): number {
  return correlation * (1 - OVERLAP_WORTH + OVERLAP_WORTH * overlap);
}

function shifted(by: readonly [number, number, number]): Affine {
  return affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], by);
}

/** Registers two series of one modality. Gives other work its turn between steps. */
export async function registerPreviews(
  query: PreviewImage,
  target: PreviewImage,
  signal?: AbortSignal,
): Promise<Registration> {
  const [q, t] = [levelsOf(query), levelsOf(target)];
  const coarse = new Overlap(q.half, t.half);
  let best: Registration | undefined;
  for (const start of startsOf(q.half, t.half, coarse)) {
    const moved = await descend(coarse, start, SHIFT_STEPS, false, signal);
    const ended = await descend(coarse, moved.queryToTarget, HALF_STEPS, true, signal);
    if (best === undefined || scoreOf(ended) > scoreOf(best)) best = ended;
  }
  const start = best?.queryToTarget ?? shifted([0, 0, 0]);
  return await descend(new Overlap(q.full, t.full), start, FULL_STEPS, true, signal);
}

/** Steps until the correlation falls; the best map on the way. */
export async function descend(
  overlap: Overlap,
  start: Affine,
  steps: number,
  linear: boolean,
  signal: AbortSignal | undefined,
): Promise<Registration> {
  let best: Registration = { queryToTarget: start, ...overlap.sample(start) };
  for (let step = 0; step < steps; step++) {
    await breathe();
    signal?.throwIfAborted();
    const next = overlap.step(best.queryToTarget, linear);
    if (next === undefined) break;
    const agreement = overlap.sample(next);
    if (scoreOf(agreement) <= scoreOf(best)) break;
    best = { queryToTarget: next, ...agreement };
  }
  return best;
}

/** The most promising shifts: body on body in plane, every place along S; and the coordinates unchanged. */
export function startsOf(query: Level, target: Level, overlap: Overlap): readonly Affine[] {
  const [from, to] = [centroid(query), centroid(target)];
  const [queryEnds, targetEnds] = [ends(query), ends(target)];
  const least = LEAST_COMMON_SHARE * Math.min(queryEnds[1] - queryEnds[0], targetEnds[1] - targetEnds[0]);
  const tried: { readonly map: Affine; readonly z: number; readonly score: number }[] = [];
  const attempt = (by: readonly [number, number, number]): void => {
    const map = shifted(by);
    tried.push({ map, z: by[2], score: scoreOf(overlap.sample(map)) });
  };
  attempt([0, 0, 0]);
  const last = targetEnds[1] - queryEnds[0] - least;
  for (let z = targetEnds[0] - queryEnds[1] + least; z <= last; z += SHIFT_STEP_MM)
    attempt([to[0] - from[0], to[1] - from[1], z]);
  tried.sort((a, b) => b.score - a.score);
  const kept: typeof tried = [];
  for (const candidate of tried) {
    if (kept.length === STARTS) break;
    if (kept.every(({ z }) => Math.abs(z - candidate.z) >= STARTS_APART_MM)) kept.push(candidate);
  }
  return kept.map(({ map }) => map);
}

/** Centre of the body, LPS mm; of the grid where there is none. */
function centroid({ grid, body }: Level): LpsPoint {
  const [nx, ny, nz] = grid.dims;
  if (body.length === 0) return toLps(grid.voxelToLps, voxelIndex((nx - 1) / 2, (ny - 1) / 2, (nz - 1) / 2));
  let [x, y, z] = [0, 0, 0];
  for (const voxel of body) {
    x += voxel % nx;
    y += Math.floor(voxel / nx) % ny;
    z += Math.floor(voxel / (nx * ny));
  }
  const { length } = body;
  return toLps(grid.voxelToLps, voxelIndex(x / length, y / length, z / length));
}

/** Lowest and highest place of the grid along S, mm. */
export function ends({ grid }: Level): readonly [number, number] {
  const low = toLps(grid.voxelToLps, voxelIndex(0, 0, -0.5));
  const high = toLps(grid.voxelToLps, voxelIndex(0, 0, grid.dims[2] - 0.5));
  return [low[2], high[2]];
}

/** A query point under the registration, LPS mm of the target series. */
export function carry({ queryToTarget: m }: Registration, [x, y, z]: LpsPoint): LpsPoint {
  return lpsPoint(
    m[0] * x + m[1] * y + m[2] * z + m[3],
    m[4] * x + m[5] * y + m[6] * z + m[7],
    m[8] * x + m[9] * y + m[10] * z + m[11],
  );
}
