import { blockMeans, bodyMask, otsuThreshold } from './bodyMask.ts';
import type { ValueGrid } from './preprocess.ts';

const DIMS = [6, 24, 24] as const;

/** Values from a formula of z, y, x. */
function grid(value: (z: number, y: number, x: number) => number): ValueGrid {
  const [nz, ny, nx] = DIMS;
  const values = Float32Array.from({ length: nz * ny * nx }, (_, index) =>
    value(Math.floor(index / ny / nx), Math.floor(index / nx) % ny, index % nx),
  );
  return { values, dims: DIMS };
}
const at = (mask: Uint8Array, z: number, y: number, x: number): number | undefined =>
  mask[(z * DIMS[1] + y) * DIMS[2] + x];

/** A chest: a wall of two voxels around a lung that goes through the whole volume, on a table of one voxel. */
function chest(z: number, y: number, x: number): number {
  if (y === 20) return -200;
  const distance = Math.max(Math.abs(y - 11), Math.abs(x - 11));
  if (distance > 8) return -1000;
  return distance > 6 ? 40 : -850;
}

describe('bodyMask', () => {
  it('keeps a lung behind a thin wall that is open at both ends of the scan, and omits the table', () => {
    const mask = bodyMask(grid(chest), 'CT');
    for (const z of [0, 3, 5]) {
      expect([at(mask, z, 11, 11), at(mask, z, 3, 11), at(mask, z, 11, 19)]).toEqual([1, 1, 1]);
      expect([at(mask, z, 20, 2), at(mask, z, 0, 0), at(mask, z, 2, 11)]).toEqual([0, 0, 0]);
    }
  });

  it('keeps two legs and drops a tube', () => {
    const legs = grid((_, y, x) => {
      const leg = Math.hypot(y - 11, x - 6) < 4.5 || Math.hypot(y - 11, x - 17) < 4.5;
      return leg || (y > 20 && x < 3) ? 50 : -1000;
    });
    const mask = bodyMask(legs, 'CT');
    expect([at(mask, 2, 11, 6), at(mask, 2, 11, 17), at(mask, 2, 22, 1)]).toEqual([1, 1, 0]);
  });

  it('finds dark muscle beside bright fat in MR, in any unit', () => {
    for (const unit of [1, 0.001, 500]) {
      const mr = grid((z, y, x) => {
        const distance = Math.hypot(y - 11, x - 11);
        const noise = (z * 7 + y * 3 + x) % 5;
        return unit * (distance > 9 ? noise : noise + (distance > 6 ? 300 : 90));
      });
      const mask = bodyMask(mr, 'MR');
      expect([at(mask, 2, 11, 11), at(mask, 2, 11, 18), at(mask, 2, 1, 1)]).toEqual([1, 1, 0]);
    }
  });

  it('is empty for air, and fills a field of view inside the body', () => {
    expect(
      bodyMask(
        grid(() => -1000),
        'CT',
      ).includes(1),
    ).toBe(false);
    expect(
      bodyMask(
        grid(() => 40),
        'CT',
      ).includes(0),
    ).toBe(false);
    expect(
      bodyMask(
        grid(() => 0),
        'MR',
      ).includes(1),
    ).toBe(false);
  });
});

describe('otsuThreshold', () => {
  it('lies between two classes', () => {
    const values = Float32Array.from(
      { length: 1000 },
      (_, index) => (index % 2 === 0 ? 10 : 90) + (index % 7),
    );
    expect(otsuThreshold(values)).toBeGreaterThan(16);
    expect(otsuThreshold(values)).toBeLessThan(90);
  });
});

describe('blockMeans', () => {
  it('averages the working voxels of each map voxel, clipped at the far end', () => {
    const working = { values: Float32Array.of(1, 3, 5, 7, 9), dims: [1, 1, 5] as const };
    const { values } = blockMeans(working, [1, 1, 3], [1, 1, 2], [0, 0, 0.5]);
    expect([...values]).toEqual([2, 6, 9]);
  });
});
