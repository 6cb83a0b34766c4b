/** The map between two series, from the fields that are there. */
import { describe, expect, test } from '@jest/globals';
import type { Lps } from '../wire.ts';
import type { Field, FieldSeries } from './field.ts';
import { fieldOf, sampleLattice } from './testing/encodeField.ts';
import { transferBetween } from './transfer.ts';

function end(name: string): FieldSeries {
  return {
    studyInstanceUid: `1.${name}`,
    seriesInstanceUid: name,
    frameOfReferenceUid: `1.${name}.7`,
  };
}

/** A field by which each point moves along z; inside a cube of 200 mm around the origin. */
function shift(from: string, to: string, mm: number, radiusMm = 3, changes: Partial<Field> = {}): Field {
  const lattice = (by: number, about: number) =>
    sampleLattice({
      min: [-100, -100, about - 100],
      max: [100, 100, about + 100],
      spacingMm: 20,
      map: ([x, y, z]: Lps): Lps => [x, y, z + by],
      radius: () => radiusMm,
    });
  const [query, target] = [end(from), end(to)];
  return fieldOf({ query, target, forward: lattice(mm, 0), inverse: lattice(-mm, mm) }, changes);
}

const ORIGIN: Lps = [0, 0, 0];

describe('transferBetween', () => {
  test('a field maps in both directions', () => {
    const fields = [shift('a', 'b', 50)];
    expect(transferBetween(fields, 'a', 'b')?.map(ORIGIN).lps[2]).toBeCloseTo(50, 1);
    expect(transferBetween(fields, 'b', 'a')?.map([0, 0, 50]).lps[2]).toBeCloseTo(0, 1);
  });

  test('series without a field of their own are mapped through a common one', () => {
    const fields = [shift('hub', 'b', 50, 3), shift('hub', 'c', 20, 4)];
    const mapped = transferBetween(fields, 'b', 'c')?.map([0, 0, 50]);
    expect(mapped?.lps[2]).toBeCloseTo(20, 1);
    expect(mapped?.errorRadiusMm).toBeCloseTo(5, 1);
    expect(mapped?.isInside).toBe(true);
  });

  test('a point that the common series lacks is not inside', () => {
    const fields = [shift('hub', 'b', 50), shift('hub', 'c', 20)];
    expect(transferBetween(fields, 'b', 'c')?.map([0, 0, 250]).isInside).toBe(false);
  });

  test('a field of their own counts before a way around', () => {
    const fields = [shift('hub', 'b', 50), shift('hub', 'c', 20), shift('b', 'c', -29)];
    expect(transferBetween(fields, 'b', 'c')?.map([0, 0, 50]).lps[2]).toBeCloseTo(21, 1);
  });

  test('the worse verdict counts, and of two ways the better one counts', () => {
    const unsure = shift('hub', 'c', 20, 3, { verdict: 'unsure' });
    const way = [shift('hub', 'b', 50), unsure];
    expect(transferBetween(way, 'b', 'c')?.verdict).toBe('unsure');
    const better = [shift('other', 'b', 50), shift('other', 'c', 20)];
    expect(transferBetween([...way, ...better], 'b', 'c')?.verdict).toBe('usable');
  });

  test('a field that turns left into right is mirrored, whatever it says of itself', () => {
    const affine = [
      [-1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    expect(transferBetween([shift('a', 'b', 1, 3, { affine })], 'a', 'b')?.verdict).toBe('mirrored');
  });

  test('without fields there is no map', () => {
    expect(transferBetween([], 'a', 'b')).toBeUndefined();
    expect(transferBetween([shift('a', 'b', 1)], 'a', 'c')).toBeUndefined();
  });
});
