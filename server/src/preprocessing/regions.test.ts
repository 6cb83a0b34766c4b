import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { TensorDims } from './preprocess.ts';
import { fillAxialHoles, forNeighbours, largeParts, partsOf, reachedFromBorders } from './regions.ts';

const size = fc.integer({ min: 1, max: 7 });
/** A mask whose share of ones varies: many small parts, or few large ones. */
const masks = fc.tuple(size, size, size, fc.integer({ min: 1, max: 9 })).chain(([nz, ny, nx, tenths]) =>
  fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: nz * ny * nx, maxLength: nz * ny * nx })
    .map((tens) => ({
      mask: Uint8Array.from(tens, (ten) => (ten < tenths ? 1 : 0)),
      dims: [nz, ny, nx] satisfies TensorDims,
    })),
);

/** Voxels that are reached from the seeds through voxels of a value: by the definition. */
function flooded(mask: Uint8Array, value: number, seeds: readonly number[], dims: TensorDims): Set<number> {
  const reached = new Set<number>();
  const open = seeds.filter((seed) => mask[seed] === value);
  for (let voxel = open.pop(); voxel !== undefined; voxel = open.pop()) {
    if (reached.has(voxel)) continue;
    reached.add(voxel);
    forNeighbours(voxel, dims, (next) => {
      if (mask[next] === value) open.push(next);
    });
  }
  return reached;
}

/** The parts of a mask in the order of their first voxels: by the definition. */
function definedParts(mask: Uint8Array, dims: TensorDims): number[][] {
  const seen = new Set<number>();
  const parts: number[][] = [];
  for (let voxel = 0; voxel < mask.length; voxel += 1) {
    if (mask[voxel] !== 1 || seen.has(voxel)) continue;
    const part = [...flooded(mask, 1, [voxel], dims)].sort((a, b) => a - b);
    part.forEach((member) => seen.add(member));
    parts.push(part);
  }
  return parts;
}

/** What the border of each axial slice reaches through a value, by the definition: slices are volumes of their own. */
function definedReach(mask: Uint8Array, value: number, [nz, ny, nx]: TensorDims): Set<number> {
  const reached = new Set<number>();
  for (let z = 0; z < nz; z += 1) {
    const first = z * ny * nx;
    const seeds = Array.from({ length: ny * nx }, (_, voxel) => voxel).filter((voxel) => {
      const [y, x] = [Math.floor(voxel / nx), voxel % nx];
      return y === 0 || y === ny - 1 || x === 0 || x === nx - 1;
    });
    const slice = mask.subarray(first, first + ny * nx);
    for (const voxel of flooded(slice, value, seeds, [1, ny, nx])) reached.add(first + voxel);
  }
  return reached;
}

describe('regions', () => {
  it('have the neighbours that share a face: one step along one axis', () => {
    fc.assert(
      fc.property(size, size, size, fc.nat(), (nz, ny, nx, n) => {
        const place = (voxel: number): number[] => [
          Math.floor(voxel / (ny * nx)),
          Math.floor(voxel / nx) % ny,
          voxel % nx,
        ];
        const voxel = n % (nz * ny * nx);
        const found: number[] = [];
        forNeighbours(voxel, [nz, ny, nx], (next) => found.push(next));
        const expected = Array.from({ length: nz * ny * nx }, (_, other) => other).filter((other) => {
          const at = place(voxel);
          return place(other).reduce((sum, index, axis) => sum + Math.abs(index - (at[axis] ?? 0)), 0) === 1;
        });
        expect(found.sort((a, b) => a - b)).toEqual(expected);
      }),
    );
  });

  it('are divided into their connected parts, with the label of each voxel', () => {
    fc.assert(
      fc.property(masks, ({ mask, dims }) => {
        const parts = partsOf(mask, dims);
        expect(parts.map(({ voxels }) => [...voxels])).toEqual(definedParts(mask, dims));
        const labels = new Array<number>(mask.length).fill(0);
        for (const { voxels, label } of parts) for (const voxel of voxels) labels[voxel] = label;
        expect(parts.every((part) => part.labels.join() === labels.join())).toBe(true);
        expect(new Set(parts.map(({ label }) => label)).size).toBe(parts.length);
      }),
    );
  });

  it('keep the parts that have a share of the largest one', () => {
    fc.assert(
      fc.property(masks, fc.integer({ min: 1, max: 100 }), ({ mask, dims }, percent) => {
        const parts = definedParts(mask, dims);
        const largest = Math.max(0, ...parts.map((part) => part.length));
        const kept = parts.filter((part) => part.length >= (percent / 100) * largest).flat();
        const expected = new Uint8Array(mask.length);
        for (const voxel of kept) expected[voxel] = 1;
        expect(largeParts(mask, percent / 100, dims)).toEqual(expected);
      }),
    );
  });

  it('are reached from the border of their slice, and filled where they are not', () => {
    fc.assert(
      fc.property(masks, ({ mask, dims }) => {
        const reached = definedReach(mask, 1, dims);
        expect(reachedFromBorders(mask, dims)).toEqual(mask.map((_, voxel) => (reached.has(voxel) ? 1 : 0)));
        const outside = definedReach(mask, 0, dims);
        const filled = mask.slice();
        fillAxialHoles(filled, dims);
        expect(filled).toEqual(mask.map((_, voxel) => (outside.has(voxel) ? 0 : 1)));
      }),
    );
  });

  it('grow with their number: a checkerboard has a part for every other voxel', () => {
    const dims: TensorDims = [8, 30, 31];
    const mask = Uint8Array.from({ length: 8 * 30 * 31 }, (_, voxel) => {
      const [z, y, x] = [Math.floor(voxel / 930), Math.floor(voxel / 31) % 30, voxel % 31];
      return (x + y + z) % 2;
    });
    expect(partsOf(mask, dims)).toHaveLength(3720);
  });
});
