/** Fields as bytes, against an encoder that was written from the description of the format. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { ViewerFailure } from '../client/failure.ts';
import type { Lps } from '../wire.ts';
import { decodeField } from './field.ts';
import type { Field } from './field.ts';
import { encodeField, fieldOf, sampleLattice } from './testing/encodeField.ts';

const SERIES = { studyInstanceUid: '1.2.1', seriesInstanceUid: '1.2.1.9', frameOfReferenceUid: '1.2.1.7' };

function example(changes: Partial<Field> = {}): Field {
  const lattice = (shift: number) =>
    sampleLattice({
      min: [-20, -30, 100],
      max: [20, 30, 140],
      spacingMm: 10,
      map: ([x, y, z]) => [x + shift, y - 0.1 * x, z + 700 * shift],
      radius: ([x]) => (x > 0 ? 3 : undefined),
    });
  return fieldOf(
    {
      query: SERIES,
      target: { ...SERIES, seriesInstanceUid: '1.2.2.9' },
      forward: lattice(1),
      inverse: lattice(-1),
    },
    changes,
  );
}

function detailOf(bytes: Uint8Array): string {
  try {
    decodeField(bytes);
  } catch (error) {
    const { code, detail } = error as ViewerFailure;
    expect(code).toBe('viewer/unexpected-answer');
    return detail ?? '';
  }
  throw new Error('expected a failure');
}

function edited(edit: (header: Record<string, object>) => object): Uint8Array {
  return encodeField(example(), (header) => edit(header as Record<string, object>));
}

describe('decodeField', () => {
  test('gives what was encoded', () => {
    const field = example({ verdict: 'unsure' });
    expect(decodeField(encodeField(field))).toEqual(field);
  });

  test('reads bytes that begin anywhere in their buffer', () => {
    const bytes = encodeField(example());
    const shifted = new Uint8Array(bytes.length + 3);
    shifted.set(bytes, 3);
    expect(decodeField(shifted.subarray(3))).toEqual(example());
  });

  test('any lattice of any size survives', () => {
    const size = fc.integer({ min: 0, max: 60 });
    fc.assert(
      fc.property(size, size, size, fc.integer({ min: -900, max: 900 }), (x, y, z, shift) => {
        const max: Lps = [x, y, z];
        const lattice = sampleLattice({
          min: [0, 0, 0],
          max,
          spacingMm: 10,
          map: ([a, b, c]) => [a + shift, b, c - shift],
        });
        const field = { ...example(), forward: lattice };
        expect(decodeField(encodeField(field)).forward).toEqual(lattice);
      }),
      { seed: 1, numRuns: 60 },
    );
  });

  test('every truncation is refused, and none is read beyond its end', () => {
    const bytes = encodeField(example());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 9 }), (length) => {
        expect(detailOf(bytes.subarray(0, length))).toMatch(/^a deformation field /u);
      }),
      { seed: 1, numRuns: 200 },
    );
  });

  test('another format or version is named', () => {
    const bytes = encodeField(example());
    const other = (offset: number, value: number): Uint8Array => {
      const copy = bytes.slice();
      copy[offset] = value;
      return copy;
    };
    expect(detailOf(other(0, 0x3c))).toBe('a deformation field that does not begin with SPFD');
    expect(detailOf(other(4, 2))).toBe('a deformation field of version 2; this viewer reads version 1');
    expect(detailOf(other(12, 0x21))).toBe('a deformation field whose header is no JSON');
  });

  test.each<[string, (header: Record<string, object>) => object]>([
    ['with the unknown verdict "fine"', (header) => ({ ...header, verdict: 'fine' })],
    [
      'without query seriesInstanceUid',
      (header) => ({ ...header, query: { ...SERIES, seriesInstanceUid: '' } }),
    ],
    ['whose affine is no 4 x 4 matrix', (header) => ({ ...header, affine: [[1, 0, 0, 0]] })],
    ['without forward', (header) => ({ ...header, forward: null })],
    [
      'whose forward dims has not three parts',
      (header) => ({ ...header, forward: { ...header['forward'], dims: [2, 2] } }),
    ],
    [
      'whose inverse spacing is not above 0',
      (header) => ({ ...header, inverse: { ...header['inverse'], spacing: [1, 0, 1] } }),
    ],
    [
      'whose forward jacobian offset is no multiple of 8',
      (header) => ({
        ...header,
        forward: { ...header['forward'], jacobian: { offset: 4, scale: 1 } },
      }),
    ],
  ])('a field %s is refused', (what, edit) => {
    expect(detailOf(edited(edit))).toBe(`a deformation field ${what}`);
  });

  test('more nodes than there are data are refused', () => {
    const bytes = edited((header) => ({
      ...header,
      forward: { ...header['forward'], dims: [90, 90, 90] },
    }));
    expect(detailOf(bytes)).toMatch(/whose forward displacement would end at 4374000$/u);
  });
});
