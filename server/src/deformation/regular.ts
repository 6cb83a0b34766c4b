/**
 * Determinants of a lattice of displacements, and lattices without folds.
 * @module
 */
import { affineFromColumns, AXES, determinant, perAxis } from '../geometry/index.ts';
import { nodesOf } from './lattice.ts';
import type { LatticeShape } from './lattice.ts';

/** A volume may become so small: a lung that breathes out stays above 0.4. */
const LEAST_DETERMINANT = 0.15;
/** Each round moves what is folded by a few tenths of a step. */
const ROUNDS = 40;

type Displaced = LatticeShape & { readonly displacements: Float32Array };

/** Determinants of the map's derivative at all nodes: central differences, one-sided at the faces. */
export function determinantsOf(lattice: Displaced): Float32Array {
  const determinants = new Float32Array(nodesOf(lattice));
  for (let node = 0; node < determinants.length; node++) determinants[node] = determinantAt(lattice, node);
  return determinants;
}

function determinantAt(lattice: Displaced, node: number): number {
  const [x, y, z] = perAxis((axis) => derivativeAlong(lattice, node, axis));
  return determinant(affineFromColumns(x, y, z, [0, 0, 0]));
}

/** How the place of a node changes along one axis, per mm. */
function derivativeAlong(
  { dims, spacing, displacements }: Displaced,
  node: number,
  axis: 0 | 1 | 2,
): [number, number, number] {
  const step = stepAlong(dims, axis);
  const along = Math.floor(node / step) % dims[axis];
  const [before, after] = [along > 0 ? node - step : node, along < dims[axis] - 1 ? node + step : node];
  const mm = spacing[axis] * ((after - before) / step);
  return perAxis((part) => {
    const rise = (displacements[3 * after + part] ?? NaN) - (displacements[3 * before + part] ?? NaN);
    return (part === axis ? 1 : 0) + rise / mm;
  });
}

/** From a node to its neighbour along an axis. */
function stepAlong(dims: LatticeShape['dims'], axis: 0 | 1 | 2): number {
  return ([1, dims[0], dims[0] * dims[1]] as const)[axis];
}

/**
 * Smooths the displacements in place around nodes where the map nearly folds, until it does nowhere that counts, or for
 * {@link ROUNDS} rounds. The other displacements stay as they are.
 * @param counts 1 for the nodes that count
 */
export function unfold(lattice: Displaced, counts: Uint8Array): void {
  for (let round = 0; round < ROUNDS; round++) {
    const determinants = determinantsOf(lattice);
    const folded: number[] = [];
    for (const [node, determinant] of determinants.entries())
      if (counts[node] === 1 && determinant < LEAST_DETERMINANT) folded.push(node);
    if (folded.length === 0) return;
    smoothAround(lattice, folded);
  }
}

/** Moves the nodes and their neighbours half way to the mean of their own neighbours. */
function smoothAround(lattice: Displaced, folded: readonly number[]): void {
  const { displacements } = lattice;
  const before = displacements.slice();
  const moved = new Set(folded.flatMap((node) => [node, ...neighboursOf(lattice, node)]));
  for (const node of moved) {
    const around = neighboursOf(lattice, node);
    for (let part = 0; part < 3; part++) {
      const sum = around.reduce((all, other) => all + (before[3 * other + part] ?? NaN), 0);
      displacements[3 * node + part] = ((before[3 * node + part] ?? NaN) + sum / around.length) / 2;
    }
  }
}

/** The nodes beside a node along each axis. */
export function neighboursOf({ dims }: Pick<LatticeShape, 'dims'>, node: number): readonly number[] {
  return AXES.flatMap((axis) => {
    const step = stepAlong(dims, axis);
    const along = Math.floor(node / step) % dims[axis];
    return [...(along > 0 ? [node - step] : []), ...(along < dims[axis] - 1 ? [node + step] : [])];
  });
}
