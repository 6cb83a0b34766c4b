import { AXES, invert, lpsPoint, perAxis, toVoxel } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { Grid } from '../../volume/types.ts';

/** The eight nodes around a point with their trilinear weights; beyond the lattice, those of its faces. */
export interface Corners {
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
}

/** Finds the corners of points in a lattice. */
export function cornersIn({ dims, voxelToLps }: Grid): (lps: LpsPoint) => Corners {
  const lpsToVoxel = invert(voxelToLps);
  const [ni, nj] = dims;
  return (lps) => {
    const index = toVoxel(lpsToVoxel, lps);
    const at = perAxis((axis) => Math.min(Math.max(index[axis], 0), dims[axis] - 1));
    const base = perAxis((axis) => Math.min(Math.floor(at[axis]), Math.max(dims[axis] - 2, 0)));
    const [nodes, weights] = [new Array<number>(), new Array<number>()];
    for (let corner = 0; corner < 8; corner++) {
      const bits = perAxis((axis) => (corner >> axis) & 1);
      const weight = AXES.reduce<number>((product, axis) => {
        const fraction = at[axis] - base[axis];
        return product * (bits[axis] === 1 ? fraction : 1 - fraction);
      }, 1);
      if (weight === 0) continue;
      nodes.push(((base[2] + bits[2]) * nj + base[1] + bits[1]) * ni + base[0] + bits[0]);
      weights.push(weight);
    }
    return { nodes, weights };
  };
}

/** A point moved by the interpolated displacements of a lattice (three per node), times `scale`. */
export function movedBy(
  lps: LpsPoint,
  { nodes, weights }: Corners,
  values: Float32Array,
  scale: number,
): LpsPoint {
  return lpsPoint(
    ...perAxis((axis) =>
      nodes.reduce(
        (sum, node, n) => sum + scale * (weights[n] ?? NaN) * (values[3 * node + axis] ?? NaN),
        lps[axis],
      ),
    ),
  );
}
