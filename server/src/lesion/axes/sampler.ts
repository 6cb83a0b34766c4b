import { perAxis } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { NOT_ACQUIRED } from '../../pyramid/layout.ts';
import { LEVEL_STEP } from '../../pyramid/index.ts';
import type { Level } from '../../pyramid/index.ts';

/** An image around a point: registration units at an offset from it, mm; NaN where nothing was acquired. */
export type Sampled = (x: number, y: number, z: number) => number;

/**
 * Trilinear value of a level at a continuous voxel index, registration units; NaN beyond the outer voxel centres, and beside what the
 * scanner has not acquired.
 */
function valueAt({ dims, values }: Level, x: number, y: number, z: number): number {
  // By index, and without closures: most points are answered before this is compiled.
  const nx = dims[0];
  const ny = dims[1];
  const nz = dims[2];
  if (!(x >= 0 && y >= 0 && z >= 0 && x <= nx - 1 && y <= ny - 1 && z <= nz - 1)) return NaN;
  const i = Math.min(Math.floor(x), Math.max(nx - 2, 0));
  const j = Math.min(Math.floor(y), Math.max(ny - 2, 0));
  const k = Math.min(Math.floor(z), Math.max(nz - 2, 0));
  const toI = nx > 1 ? 1 : 0;
  const toJ = ny > 1 ? nx : 0;
  const toK = nz > 1 ? nx * ny : 0;
  const first = i + nx * (j + ny * k);
  const near = planeAt(values, first, toI, toJ, x - i, y - j);
  const far = planeAt(values, first + toK, toI, toJ, x - i, y - j);
  return LEVEL_STEP * (near * (1 - (z - k)) + far * (z - k));
}

function planeAt(values: Int16Array, at: number, toI: number, toJ: number, fx: number, fy: number): number {
  const near = stepsAt(values, at) * (1 - fx) + stepsAt(values, at + toI) * fx;
  const far = stepsAt(values, at + toJ) * (1 - fx) + stepsAt(values, at + toJ + toI) * fx;
  return near * (1 - fy) + far * fy;
}

function stepsAt(values: Int16Array, at: number): number {
  const steps = values[at] ?? NaN;
  return steps === NOT_ACQUIRED ? NaN : steps;
}

/** A level around a point (LPS, mm). */
export function aroundPoint(level: Level, point: LpsPoint): Sampled {
  const { origin, spacing } = level;
  const [i, j, k] = perAxis((axis) => (point[axis] - origin[axis]) / spacing[axis]);
  const [si, sj, sk] = spacing;
  return (x, y, z) => valueAt(level, i + x / si, j + y / sj, k + z / sk);
}
