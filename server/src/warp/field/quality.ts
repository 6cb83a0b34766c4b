/**
 * What a field is worth without a truth: how much of the body folds, and how far from the start the inverse field ends.
 * @module
 */
import { distanceMm, invert, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { DisplacementField } from '../types.ts';
import { placeIn, placeOfNode } from './displacementField.ts';
import { jacobiansOf } from './jacobian.ts';

/** The body of a series: 1 inside, on a grid. */
export interface Body {
  readonly grid: Grid;
  readonly mask: Uint8Array;
}

/** Figures of a field in the body of the fixed series. */
export interface FieldQuality {
  /** Nodes of the lattice in the body. */
  readonly bodyNodes: number;
  /** Share of these at which the determinant of the Jacobian is not positive, 0 to 1. */
  readonly negativeJacobians: number;
  readonly smallestJacobian: number;
  readonly largestJacobian: number;
  /** Distance of a point from where field and inverse field lead it, mm. */
  readonly inverseConsistencyMm: { readonly median: number; readonly p95: number };
}

/** True for a point (LPS, mm) in the body. */
export function isInBody({ grid, mask }: Body): (lps: LpsPoint) => boolean {
  const lpsToVoxel = invert(grid.voxelToLps);
  const [ni, nj, nk] = grid.dims;
  return (lps) => {
    const [i, j, k] = toVoxel(lpsToVoxel, lps).map(Math.round);
    if (i === undefined || j === undefined || k === undefined) return false;
    if (i < 0 || j < 0 || k < 0 || i >= ni || j >= nj || k >= nk) return false;
    return mask[(k * nj + j) * ni + i] === 1;
  };
}

/** @param inverse on a lattice of the moving series; points that the field puts outside of it are not counted */
export function qualityOf(field: DisplacementField, inverse: DisplacementField, body: Body): FieldQuality {
  const inBody = isInBody(body);
  const { grid, values } = jacobiansOf(field);
  const nodes = [...values.keys()].filter((node) => inBody(placeOfNode(grid, node)));
  const determinants = nodes.map((node) => values[node] ?? NaN);
  const errors = roundTrips(
    field,
    inverse,
    nodes.map((node) => placeOfNode(grid, node)),
  );
  return {
    bodyNodes: nodes.length,
    negativeJacobians: determinants.filter((value) => !(value > 0)).length / Math.max(nodes.length, 1),
    smallestJacobian: determinants.reduce((least, value) => Math.min(least, value), Infinity),
    largestJacobian: determinants.reduce((most, value) => Math.max(most, value), -Infinity),
    inverseConsistencyMm: { median: quantile(errors, 0.5), p95: quantile(errors, 0.95) },
  };
}

/** Distances of points from where the fields lead them back to, ascending, mm. */
function roundTrips(
  field: DisplacementField,
  inverse: DisplacementField,
  points: readonly LpsPoint[],
): Float64Array {
  const [there, back, isCovered] = [placeIn(field), placeIn(inverse), isWithin(inverse.grid)];
  const errors = points.flatMap((point) => {
    const place = there(point);
    return isCovered(place) ? [distanceMm(back(place), point)] : [];
  });
  return Float64Array.from(errors).sort();
}

function isWithin({ dims, voxelToLps }: Grid): (lps: LpsPoint) => boolean {
  const lpsToVoxel = invert(voxelToLps);
  return (lps) => toVoxel(lpsToVoxel, lps).every((x, axis) => x >= 0 && x <= (dims[axis] ?? 0) - 1);
}

/** Of ascending numbers; NaN where there are none. */
function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? NaN;
}
