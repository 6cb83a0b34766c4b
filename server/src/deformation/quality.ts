import { distanceMm } from '../geometry/index.ts';
import { errorRadiusAt, mappedBy, placeOf } from './lattice.ts';
import type { BodyLattice, FieldLattice, FieldQuality } from './types.ts';

/** How regular a map is, at its nodes in the body. */
export function qualityOf(forward: BodyLattice, inverse: FieldLattice): FieldQuality {
  const [body, misses] = [{ nodes: 0, folded: 0, known: 0 }, [] as number[]];
  for (let node = forward.isBody.indexOf(1); node >= 0; node = forward.isBody.indexOf(1, node + 1)) {
    body.nodes += 1;
    if ((forward.determinants[node] ?? NaN) <= 0) body.folded += 1;
    if (Number.isNaN(forward.errorRadii[node])) continue;
    body.known += 1;
    const from = placeOf(forward, node);
    const to = mappedBy(forward, from);
    if (!Number.isNaN(errorRadiusAt(inverse, to))) misses.push(distanceMm(mappedBy(inverse, to), from));
  }
  const nodes = Math.max(body.nodes, 1);
  return {
    foldingShare: body.folded / nodes,
    inverseConsistencyMm: { median: quantile(misses, 0.5), p95: quantile(misses, 0.95) },
    coveredShare: body.known / nodes,
  };
}

/** The value that a share of all does not exceed; 0 where there are none. */
function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(Math.floor(share * sorted.length), sorted.length - 1)] ?? 0;
}
