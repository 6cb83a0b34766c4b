import { seededNumbers } from '../../geometry/index.ts';
import { paddingOf } from './index.ts';

const [NZ, NY, NX] = [3, 20, 20] as const;

/** A disc of tissue with noise in a square of `padding`. */
function disc(padding: (voxel: number) => number): {
  readonly values: Float32Array;
  readonly isInside: (voxel: number) => boolean;
} {
  const random = seededNumbers(3);
  const isInside = (voxel: number): boolean =>
    Math.hypot((voxel % NX) - 9.5, (Math.floor(voxel / NX) % NY) - 9.5) < 9;
  const values = Float32Array.from({ length: NZ * NY * NX }, (_, voxel) =>
    isInside(voxel) ? 40 + 10 * random() : padding(voxel),
  );
  return { values, isInside };
}

describe('paddingOf', () => {
  it.each([-1024, -2000, -3024, 0, 5000])('finds what was filled with %d, and no more', (value) => {
    const { values, isInside } = disc(() => value);
    const padding = paddingOf({ values, dims: [NZ, NY, NX] });
    expect([...padding].map(Boolean)).toEqual([...values].map((_, voxel) => !isInside(voxel)));
  });

  it('is not what lies inside: a bubble of the same value', () => {
    const { values } = disc(() => -1024);
    const middle = (NY / 2) * NX + NX / 2;
    values[middle] = -1024;
    expect(paddingOf({ values, dims: [NZ, NY, NX] })[middle]).toBe(0);
  });

  it('is not air, which has noise', () => {
    const random = seededNumbers(4);
    const { values } = disc(() => -1000 + random());
    expect(paddingOf({ values, dims: [NZ, NY, NX] }).includes(1)).toBe(false);
  });

  it('is not a volume of one value', () => {
    expect(
      paddingOf({ values: new Float32Array(NZ * NY * NX).fill(40), dims: [NZ, NY, NX] }).includes(1),
    ).toBe(false);
  });
});
