/**
 * Determinants of a lattice of displacements, and lattices without folds.
 * @module
 */
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

function determinantAt({ dims, spacing, displacements }: Displaced, node: number): number {
  const j = [0, 0, 0, 0, 0, 0, 0, 0, 0];
  let step = 1;
  for (let axis = 0; axis < 3; axis++) {
    const count = dims[axis] ?? NaN;
    const along = Math.floor(node / step) % count;
    const [before, after] = [along > 0 ? node - step : node, along < count - 1 ? node + step : node];
    const mm = (spacing[axis] ?? NaN) * ((after - before) / step);
    for (let part = 0; part < 3; part++) {
      const rise = (displacements[3 * after + part] ?? NaN) - (displacements[3 * before + part] ?? NaN);
      j[3 * part + axis] = (part === axis ? 1 : 0) + rise / mm;
    }
    step *= count;
  }
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0] = j;
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
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
  const steps = [1, dims[0], dims[0] * dims[1]];
  return steps.flatMap((step, axis) => {
    const count = dims[axis] ?? NaN;
    const along = Math.floor(node / step) % count;
    return [...(along > 0 ? [node - step] : []), ...(along < count - 1 ? [node + step] : [])];
  });
}
