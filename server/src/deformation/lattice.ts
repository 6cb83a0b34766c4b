/**
 * Lattices of displacements: where their nodes lie, and what they say between these.
 * @module
 */
import { lpsPoint, perAxis } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import type { FieldLattice, Three } from './types.ts';

/** Nodes without what they say. */
export type LatticeShape = Pick<FieldLattice, 'dims' | 'origin' | 'spacing'>;

/** Of a written lattice: three int16 of the displacement, one of the determinant, one byte of the radius. */
const BYTES_PER_NODE = 9;
/** Both lattices together, bytes: a browser loads a pair at once. */
const MAX_BYTES = 980_000;
/** The field bends over 28 mm: nodes that are closer say no more. */
const FINEST_MM = 6;
/** Step in which a wider spacing is looked for, mm. */
const SPACING_STEP_MM = 0.25;

/** A box along the axes of the patient, LPS mm. */
export interface Box {
  readonly low: Three;
  readonly high: Three;
}

/** The nodes that cover a box, the outer ones on its faces or just outside of them. */
export function latticeOver({ low, high }: Box, spacingMm: number): LatticeShape {
  const cells = perAxis((axis) => Math.max(Math.ceil((high[axis] - low[axis]) / spacingMm), 1));
  const dims = perAxis((axis) => cells[axis] + 1);
  const origin = perAxis((axis) => (low[axis] + high[axis] - cells[axis] * spacingMm) / 2);
  return { dims, origin, spacing: [spacingMm, spacingMm, spacingMm] };
}

/** The smallest spacing at which the lattices over the boxes are small enough, mm. */
export function spacingFor(boxes: readonly Box[]): number {
  let spacingMm = FINEST_MM;
  const bytes = (): number =>
    boxes.reduce((sum, box) => sum + BYTES_PER_NODE * nodesOf(latticeOver(box, spacingMm)), 0);
  while (bytes() > MAX_BYTES) spacingMm += SPACING_STEP_MM;
  return spacingMm;
}

/** How many nodes there are. */
export function nodesOf({ dims: [ni, nj, nk] }: Pick<LatticeShape, 'dims'>): number {
  return ni * nj * nk;
}

/** Place of a node, LPS mm. */
export function placeOf({ dims: [ni, nj], origin, spacing }: LatticeShape, node: number): LpsPoint {
  return lpsPoint(
    origin[0] + (node % ni) * spacing[0],
    origin[1] + (Math.floor(node / ni) % nj) * spacing[1],
    origin[2] + Math.floor(node / (ni * nj)) * spacing[2],
  );
}

/** Cells of a lattice have as many corners. */
const CORNERS = 8;

/** The nodes below and above a place along one axis: the first one, and the weight of the second. */
interface Along {
  readonly base: number;
  readonly share: number;
}

function alongAxis(index: number, count: number): Along {
  const inside = Math.min(Math.max(index, 0), count - 1);
  const base = Math.min(Math.floor(inside), Math.max(count - 2, 0));
  return { base, share: inside - base };
}

function shareOf({ share }: Along, bit: number): number {
  return bit === 1 ? share : 1 - share;
}

/** The nodes around a point and their trilinear weights; written anew for each point: a map has a hundred thousand of them. */
class CellAt {
  readonly nodes = new Int32Array(CORNERS);
  readonly weights = new Float64Array(CORNERS);

  /** Goes to a point (LPS, mm); beyond the lattice, to the nearest one of it. */
  moveTo({ dims, origin, spacing }: LatticeShape, lps: LpsPoint): void {
    const [i, j, k] = perAxis((axis) => alongAxis((lps[axis] - origin[axis]) / spacing[axis], dims[axis]));
    for (let corner = 0; corner < CORNERS; corner++) {
      const [a, b, c] = [corner & 1, (corner >> 1) & 1, corner >> 2] as const;
      const weight = shareOf(i, a) * shareOf(j, b) * shareOf(k, c);
      this.weights[corner] = weight;
      // A corner without weight may lie beyond a lattice of one layer.
      this.nodes[corner] = weight === 0 ? 0 : ((k.base + c) * dims[1] + j.base + b) * dims[0] + i.base + a;
    }
  }

  /** The weighted mean of a value of the nodes. */
  mean(values: Float32Array, stride = 1, offset = 0): number {
    let sum = 0;
    for (let corner = 0; corner < CORNERS; corner++) {
      const weight = this.weights[corner] ?? NaN;
      if (weight !== 0) sum += weight * (values[(this.nodes[corner] ?? NaN) * stride + offset] ?? NaN);
    }
    return sum;
  }
}

const cell = new CellAt();

/** Where a lattice puts a point (LPS, mm); beyond the lattice, moved as its nearest point. */
export function mappedBy(
  lattice: LatticeShape & Pick<FieldLattice, 'displacements'>,
  lps: LpsPoint,
): LpsPoint {
  cell.moveTo(lattice, lps);
  return lpsPoint(...perAxis((axis) => lps[axis] + cell.mean(lattice.displacements, 3, axis)));
}

/** The error radius at a point (LPS, mm); NaN where one of the nodes around it knows nothing, or beyond the lattice. */
export function errorRadiusAt(lattice: FieldLattice, lps: LpsPoint): number {
  if (!isWithin(lattice, lps)) return NaN;
  cell.moveTo(lattice, lps);
  return cell.mean(lattice.errorRadii);
}

/** A point on the outer nodes may miss them by rounding, in steps. */
const ROUNDING = 1e-6;

function isWithin({ dims, origin, spacing }: LatticeShape, lps: LpsPoint): boolean {
  const index = perAxis((axis) => (lps[axis] - origin[axis]) / spacing[axis]);
  return index.every((at, axis) => at >= -ROUNDING && at <= (dims[axis] ?? NaN) - 1 + ROUNDING);
}

/** Nodes that are marked, or beside one that is. */
export function widened(marked: Uint8Array, { dims }: Pick<LatticeShape, 'dims'>): Uint8Array {
  let plane = marked;
  for (const [axis, step] of [1, dims[0], dims[0] * dims[1]].entries()) {
    const before = plane;
    const count = dims[axis] ?? NaN;
    plane = before.map((value, node) => {
      const along = Math.floor(node / step) % count;
      const isBeside =
        (along > 0 && before[node - step] === 1) || (along < count - 1 && before[node + step] === 1);
      return value === 1 || isBeside ? 1 : 0;
    });
  }
  return plane;
}

/** Share of the second difference that the trilinear interpolation of samples is too large by, on average. */
const INTERPOLATION_EXCESS = 1 / 12;

/**
 * Displacements whose trilinear interpolation is nearest to a smooth map on the average, from samples of the map at the nodes:
 * interpolated, those themselves would be off to one side by up to an eighth of the second difference.
 */
export function fitted(samples: Float32Array, { dims }: Pick<LatticeShape, 'dims'>): Float32Array {
  const nodes = samples.slice();
  for (const [axis, step] of [1, dims[0], dims[0] * dims[1]].entries()) {
    const count = dims[axis] ?? NaN;
    for (let node = 0; node < samples.length / 3; node++) {
      const along = Math.floor(node / step) % count;
      if (along === 0 || along === count - 1) continue;
      for (let at = 3 * node; at < 3 * node + 3; at++) {
        const sides = (samples[at - 3 * step] ?? NaN) + (samples[at + 3 * step] ?? NaN);
        const second = sides - 2 * (samples[at] ?? NaN);
        nodes[at] = (nodes[at] ?? NaN) - INTERPOLATION_EXCESS * second;
      }
    }
  }
  return nodes;
}
