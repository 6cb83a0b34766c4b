/**
 * The inverse of a map on a lattice.
 * @module
 */
import { distanceMm, invert, lpsPoint, perAxis } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { mappedBy } from './lattice.ts';
import type { LatticeShape } from './lattice.ts';

type Displaced = LatticeShape & { readonly displacements: Float32Array };

/** Found as exactly as the map is written, mm, or not found when it still misses by so much. */
const [FOUND_MM, LARGEST_MISS_MM] = [0.005, 0.1];
/** A map that does not fold needs ten. */
const ITERATIONS = 60;

/**
 * The point that a map puts at a place (LPS, mm), by fixed-point iteration around the affine part of the map (as Chen et al., Medical
 * Physics 2008).
 * @returns the nearest point found, and whether the map really puts it there
 */
export function pointOf(
  lattice: Displaced,
  affine: Affine,
  place: LpsPoint,
): { readonly lps: LpsPoint; readonly isFound: boolean } {
  const back = invert(affine);
  let lps = applyTo(back, place);
  let best = { lps, miss: Infinity };
  for (let turn = 0; turn < ITERATIONS; turn++) {
    const ends = mappedBy(lattice, lps);
    const miss = distanceMm(ends, place);
    if (miss < best.miss) best = { lps, miss };
    if (miss < FOUND_MM) break;
    // Halved steps where the map is much steeper than its affine part.
    lps = stepped(
      lps,
      back,
      perAxis((axis) => place[axis] - ends[axis]),
      turn < ITERATIONS / 2 ? 1 : 1 / 2,
    );
  }
  return { lps: best.lps, isFound: best.miss < LARGEST_MISS_MM };
}

function stepped(
  lps: LpsPoint,
  back: Affine,
  rest: readonly [number, number, number],
  length: number,
): LpsPoint {
  const [x, y, z] = rest;
  return lpsPoint(
    lps[0] + length * (back[0] * x + back[1] * y + back[2] * z),
    lps[1] + length * (back[4] * x + back[5] * y + back[6] * z),
    lps[2] + length * (back[8] * x + back[9] * y + back[10] * z),
  );
}
