import fc from 'fast-check';
import { affineFromColumns, determinant } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { evenly } from '../../geometry/testing/evenly.ts';
import { bytesOf, niftiHeader, readNifti } from '../../nifti/index.ts';
import { fieldOfMap } from '../field/displacementField.ts';
import { warpedImage, warpedIntegers } from './images.ts';
import { itkTransform, matrixOf } from './itkTransform.ts';
import { fieldFile } from './fieldFile.ts';

const angle = evenly(-Math.PI, Math.PI);
const spacing = evenly(0.3, 6);
/** Right-angled grids of any orientation, of either handedness. */
const grids = fc
  .tuple(angle, angle, angle, spacing, spacing, spacing, fc.boolean())
  .map(([a, b, c, si, sj, sk, isFlipped]): Affine => {
    const [ca, sa, cb, sb, cc, sc] = [a, b, c].flatMap((x) => [Math.cos(x), Math.sin(x)]) as [
      number, number, number, number, number, number,
    ]; // prettier-ignore
    const k = isFlipped ? -sk : sk;
    return affineFromColumns(
      [si * ca * cb, si * sa * cb, -si * sb],
      [sj * (ca * sb * sc - sa * cc), sj * (sa * sb * sc + ca * cc), sj * cb * sc],
      [k * (ca * sb * cc + sa * sc), k * (sa * sb * cc - ca * sc), k * cb * cc],
      [12, -340, 77],
    );
  });

function image(voxelToLps: Affine): Buffer {
  const header = niftiHeader({ dims: [3, 2, 2], voxelToLps, type: 'int16' });
  return Buffer.concat([header, bytesOf(Int16Array.from({ length: 12 }, (_, n) => n - 5))]);
}

/** A quaternion of float32 without its real part is off by up to sqrt(2^-23) where that part is small: 0.0003 of 6 mm. */
const TOLERANCE_MM = 5e-3;

function expectSame(found: Affine, expected: Affine): void {
  found.forEach((value, n) => {
    expect(Math.abs(value - expected[n]!)).toBeLessThan(TOLERANCE_MM);
  });
}

describe('a NIfTI file', () => {
  it('has values and place of what was written, by its sform and by its qform', () => {
    fc.assert(
      fc.property(grids, (voxelToLps) => {
        const file = image(voxelToLps);
        const read = readNifti(file);
        expect([...read.data]).toEqual([-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6]);
        expectSame(read.voxelToLps, voxelToLps);
        file.writeInt16LE(0, 254);
        expectSame(readNifti(file).voxelToLps, voxelToLps);
      }),
    );
  });

  it('has no qform where the axes are skewed', () => {
    const tilted = affineFromColumns([1, 0, 0], [0, 1, 0.4], [0, 0, 3], [0, 0, 0]);
    const file = image(tilted);
    expect(file.readInt16LE(252)).toBe(0);
    expectSame(readNifti(file).voxelToLps, tilted);
  });

  it('of a field holds vectors in five dimensions, the components one after the other', () => {
    const grid = {
      dims: [2, 2, 2] as const,
      voxelToLps: affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [0, 0, 0]),
    };
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [1, 2, 3]);
    const file = Buffer.concat(fieldFile(fieldOfMap(grid, shift, undefined), 'x'));
    expect([0, 1, 2, 3, 4, 5].map((n) => file.readInt16LE(40 + 2 * n))).toEqual([5, 2, 2, 2, 1, 3]);
    expect(file.readInt16LE(68)).toBe(1007);
    const values = Array.from({ length: 24 }, (_, n) => file.readFloatLE(352 + 4 * n));
    expect(values).toEqual([
      ...Array<number>(8).fill(1),
      ...Array<number>(8).fill(2),
      ...Array<number>(8).fill(3),
    ]);
  });
});

describe('an ITK transform', () => {
  it('lists the linear part by rows, then the translation', () => {
    const m = affineFromColumns([1, 4, 7], [2, 5, 8], [3, 6, 9], [10, 11, 12]);
    expect(itkTransform(m)).toContain('\nParameters: 1 2 3 4 5 6 7 8 9 10 11 12\nFixedParameters: 0 0 0\n');
    expect(matrixOf(m)).toEqual([[1, 2, 3, 10], [4, 5, 6, 11], [7, 8, 9, 12], [0, 0, 0, 1]]); // prettier-ignore
    expect(determinant(m)).toBeCloseTo(0, 9);
  });
});

describe('a warped image', () => {
  const grid = {
    dims: [4, 3, 2] as const,
    voxelToLps: affineFromColumns([2, 0, 0], [0, 2, 0], [0, 0, 5], [0, 0, 0]),
  };
  const volume = {
    ...grid,
    data: Int16Array.from({ length: 24 }, (_, n) => 100 * (n % 4) + 10 * Math.floor(n / 12)),
    modality: 'CT',
  } as unknown as Parameters<typeof warpedIntegers>[1];
  const moved = (x: number, z: number): number[] => {
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [x, 0, z]);
    return [...warpedIntegers(grid, volume, fieldOfMap(grid, shift, undefined))].flatMap((slice) => [
      ...slice,
    ]);
  };

  it('has the values of the places that the field names, between voxels as well', () => {
    expect(moved(0, 0)).toEqual([...volume.data]);
    expect(moved(1, 0).slice(0, 3)).toEqual([50, 150, 250]);
    expect(moved(0, 2.5).slice(0, 4)).toEqual([5, 105, 205, 305]);
  });

  it('repeats the border for half a voxel, and is air beyond', () => {
    expect(moved(1, 0)[3]).toBe(300);
    expect(moved(1.01, 0)[3]).toBe(-1024);
  });

  it('is a file that reads back', () => {
    const identity = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    const file = Buffer.concat([...warpedImage(grid, volume, fieldOfMap(grid, identity, undefined))]);
    expect([...readNifti(file).data]).toEqual([...volume.data]);
  });
});
