import fc from 'fast-check';
import { AFFINE, sampled, SHAPE, wavy } from '../deformation/testing/lattices.ts';
import type { DeformationField, FieldLattice } from '../deformation/types.ts';
import { decodeField, encodeField } from './encoding.ts';

const series = (name: string): DeformationField['query'] => ({
  studyInstanceUid: `1.${name}`,
  seriesInstanceUid: `1.${name}.1`,
  frameOfReferenceUid: `1.${name}.2`,
});

function fieldOf(forward: FieldLattice): DeformationField {
  const quality = {
    foldingShare: 0,
    inverseConsistencyMm: { median: 0.1, p95: 0.4 },
    coveredShare: 0.9,
  };
  const model = { id: 'm', version: '1.0.0' };
  const [query, target] = [series('3'), series('4')];
  return {
    query,
    target,
    model,
    verdict: 'usable',
    affine: AFFINE,
    forward,
    inverse: sampled((lps) => lps),
    quality,
  };
}

describe('the bytes of a field', () => {
  const field = fieldOf(sampled(wavy));
  field.forward.errorRadii.set([NaN, 0.3, 500]);
  const bytes = Buffer.from(encodeField(field));

  it('begin as the format says', () => {
    expect(bytes.toString('latin1', 0, 4)).toBe('SPFD');
    expect([bytes.readUInt16LE(4), bytes.readUInt16LE(6)]).toEqual([1, 0]);
    const length = bytes.readUInt32LE(8);
    expect((12 + length) % 8).toBe(0);
    const header = JSON.parse(bytes.toString('utf8', 12, 12 + length)) as Record<string, unknown>;
    expect(header).toMatchObject({
      query: series('3'),
      target: series('4'),
      verdict: 'usable',
      affine: [
        [1.1, 0.05, 0, 12],
        [-0.03, 0.95, 0.02, -7],
        [0.01, 0, 1.04, 300],
        [0, 0, 0, 1],
      ],
      forward: { dims: [...SHAPE.dims], spacing: [10, 10, 10], displacement: { offset: 0 } },
    });
  });

  it('hold the field to the precision that they name', () => {
    const read = decodeField(bytes)!;
    const unit = Math.max(...field.forward.displacements.map(Math.abs)) / 32_767;
    for (const [n, mm] of read.forward.displacements.entries())
      expect(Math.abs(mm - field.forward.displacements[n]!)).toBeLessThan(unit);
    for (const [n, one] of read.forward.determinants.entries())
      expect(one).toBeCloseTo(field.forward.determinants[n]!, 3);
    // Radii are rounded up, and a radius beyond the scale is its end.
    expect([...read.forward.errorRadii.subarray(0, 4)]).toEqual([NaN, 0.5, 63.5, 2.25]);
    expect(read).toMatchObject({ query: field.query, affine: AFFINE, quality: field.quality });
  });

  it('are read with whatever lies before them in memory', () => {
    const shifted = Buffer.concat([Buffer.alloc(5), bytes]).subarray(5);
    expect(decodeField(shifted)?.forward.displacements).toEqual(decodeField(bytes)?.forward.displacements);
  });

  it('are none when they are cut off, of another version, or something else', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 8 }), (length) => {
        expect(decodeField(bytes.subarray(0, length))).toBeUndefined();
      }),
    );
    const other = Buffer.from(bytes);
    other.writeUInt16LE(2, 4);
    expect(decodeField(other)).toBeUndefined();
    expect(decodeField(Buffer.from('not a field at all, but as long'))).toBeUndefined();
  });
});
