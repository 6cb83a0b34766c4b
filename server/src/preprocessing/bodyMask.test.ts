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

  describe('beside a body that is more than five times as large', () => {
    const dims = [40, 60, 70] as const;
    const maskWith = (smallPart: (hu: number) => number): ((z: number, y: number, x: number) => number) => {
      const values = new Float32Array(dims[0] * dims[1] * dims[2]).fill(-1000);
      for (let n = 0; n < values.length; n += 1) {
        const [x, y] = [n % 70, Math.floor(n / 70) % 60];
        if (Math.hypot(x - 25, y - 30) < 22) values[n] = 40;
        const apart = Math.hypot(x - 60, y - 30);
        if (apart < 6) values[n] = smallPart(apart);
      }
      const mask = bodyMask({ values, dims }, 'CT');
      return (z, y, x) => mask[(z * dims[1] + y) * dims[2] + x] ?? NaN;
    };

    it.each<[string, (apart: number) => number, number]>([
      ['an arm', (apart) => (apart < 2 ? 600 : 55), 1],
      ['the arm of a child, of fat and muscle', (apart) => (apart < 4 ? 50 : -100), 1],
      ['a cushion', () => -300, 0],
      ['a metal rail', () => 2000, 0],
      ['a table of plastic', () => -60, 0],
    ])('%s counts by what it consists of', (_name, part, expected) => {
      const mask = maskWith(part);
      expect(mask(20, 30, 25)).toBe(1);
      expect(mask(20, 30, 60)).toBe(expected);
    });
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
