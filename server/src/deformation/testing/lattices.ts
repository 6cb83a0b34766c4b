/**
 * Lattices of known maps, for tests.
 * @module
 */
import { lpsPoint, perAxis } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo } from '../../affineRegistration/index.ts';
import { latticeOver, nodesOf, placeOf } from '../lattice.ts';
import type { LatticeShape } from '../lattice.ts';
import { determinantsOf } from '../regular.ts';
import type { FieldLattice } from '../types.ts';

export const BOX = { low: [-60, -40, 100] as const, high: [65, 50, 210] as const };
export const SHAPE = latticeOver(BOX, 10);

/** A lattice that samples a map. */
export function sampled(map: (lps: LpsPoint) => LpsPoint, shape: LatticeShape = SHAPE): FieldLattice {
  const displacements = new Float32Array(3 * nodesOf(shape));
  for (let node = 0; node < nodesOf(shape); node++) {
    const from = placeOf(shape, node);
    const to = map(from);
    displacements.set(
      perAxis((axis) => to[axis] - from[axis]),
      3 * node,
    );
  }
  const displaced = { ...shape, displacements };
  const errorRadii = new Float32Array(nodesOf(shape)).fill(2.1);
  return { ...displaced, determinants: determinantsOf(displaced), errorRadii };
}

export const AFFINE: Affine = [1.1, 0.05, 0, 12, -0.03, 0.95, 0.02, -7, 0.01, 0, 1.04, 300];
/** Waves of 6 mm over 120 mm: steep as breathing. */
export function wavy(lps: LpsPoint): LpsPoint {
  const [x, y, z] = applyTo(AFFINE, lps);
  const turn = (2 * Math.PI) / 120;
  return lpsPoint(
    x + 6 * Math.sin(turn * lps[2]),
    y + 6 * Math.sin(turn * lps[0]),
    z + 6 * Math.cos(turn * lps[1]),
  );
}
