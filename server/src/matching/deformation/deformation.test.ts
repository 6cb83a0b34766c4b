import fc from 'fast-check';
import { distanceMm, lpsPoint, perAxis } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { evenly } from '../../geometry/testing/evenly.ts';
import { applyTo } from '../../registration/index.ts';
import { seededNumbers } from '../../geometry/index.ts';
import { decodeField, encodeField } from './encoding.ts';
import { pointOf } from './inverse.ts';
import { errorRadiusAt, fitted, latticeOver, mappedBy, nodesOf, placeOf, widened } from './lattice.ts';
import type { LatticeShape } from './lattice.ts';
import { determinantsOf, unfold } from './regular.ts';
import { spacingFor } from './deformation.ts';
import type { DeformationField, FieldLattice } from './types.ts';

const BOX = { low: [-60, -40, 100] as const, high: [65, 50, 210] as const };
const SHAPE = latticeOver(BOX, 10);
const inside = fc.tuple(evenly(-55, 60), evenly(-35, 45), evenly(105, 205)).map((p) => lpsPoint(...p));

/** A lattice that samples a map. */
function sampled(map: (lps: LpsPoint) => LpsPoint, shape: LatticeShape = SHAPE): FieldLattice {
  const displacements = new Float32Array(3 * nodesOf(shape));
  for (let node = 0; node < nodesOf(shape); node++) {
    const from = placeOf(shape, node);
    const to = map(from);
    displacements.set(
      perAxis((axis) => to[axis] - from[axis]),
      3 * node,
    );
  }
  const displaced = { ...shape, displacements };
  const errorRadii = new Float32Array(nodesOf(shape)).fill(2.1);
  return { ...displaced, determinants: determinantsOf(displaced), errorRadii };
}

const AFFINE: Affine = [1.1, 0.05, 0, 12, -0.03, 0.95, 0.02, -7, 0.01, 0, 1.04, 300];
/** Waves of 6 mm over 120 mm: steep as breathing. */
function wavy(lps: LpsPoint): LpsPoint {
  const [x, y, z] = applyTo(AFFINE, lps);
  const turn = (2 * Math.PI) / 120;
  return lpsPoint(
    x + 6 * Math.sin(turn * lps[2]),
    y + 6 * Math.sin(turn * lps[0]),
    z + 6 * Math.cos(turn * lps[1]),
  );
}

describe('a lattice', () => {
  it('covers its box, its nodes evenly apart', () => {
    const last = placeOf(SHAPE, nodesOf(SHAPE) - 1);
    for (const axis of [0, 1, 2] as const) {
      expect(SHAPE.origin[axis]).toBeLessThanOrEqual(BOX.low[axis]);
      expect(last[axis]).toBeGreaterThanOrEqual(BOX.high[axis]);
      expect(last[axis] - BOX.high[axis]).toBeLessThan(10);
    }
  });

  it('says an affine map exactly, and its determinant at every node', () => {
    const lattice = sampled((lps) => applyTo(AFFINE, lps));
    fc.assert(
      fc.property(inside, (lps) => {
        expect(distanceMm(mappedBy(lattice, lps), applyTo(AFFINE, lps))).toBeLessThan(1e-3);
      }),
    );
    const expected = 1.1 * (0.95 * 1.04) - 0.05 * (-0.03 * 1.04 - 0.02 * 0.01);
    for (const determinant of lattice.determinants) expect(determinant).toBeCloseTo(expected, 3);
  });

  it('knows no radius where a node around knows none, nor beyond its nodes', () => {
    const lattice = sampled((lps) => lps);
    lattice.errorRadii[0] = NaN;
    const [x, y, z] = SHAPE.origin;
    expect(errorRadiusAt(lattice, lpsPoint(x + 1, y + 1, z + 1))).toBeNaN();
    expect(errorRadiusAt(lattice, lpsPoint(x + 11, y + 1, z + 1))).toBeCloseTo(2.1);
    expect(errorRadiusAt(lattice, lpsPoint(x + 11, y - 1, z + 1))).toBeNaN();
  });

  it('is nearer to a bent map when it is fitted to samples than when it is them', () => {
    const plain = sampled(wavy);
    const fit = { ...plain, displacements: fitted(plain.displacements, SHAPE) };
    const random = seededNumbers(7);
    const squares = [0, 0];
    for (let n = 0; n < 500; n++) {
      const lps = lpsPoint(-40 + 80 * random(), -20 + 50 * random(), 120 + 70 * random());
      for (const [which, lattice] of [plain, fit].entries())
        squares[which] = squares[which]! + distanceMm(mappedBy(lattice, lps), wavy(lps)) ** 2;
    }
    expect(Math.sqrt(squares[1]! / squares[0]!)).toBeLessThan(0.55);
  });

  it('widens what is marked by one node along each axis', () => {
    const shape = { dims: [4, 4, 4] as const };
    const marked = new Uint8Array(64);
    marked[0] = 1;
    const nodes = [...widened(marked, shape).entries()].filter(([, one]) => one === 1).map(([node]) => node);
    expect(nodes).toEqual([0, 1, 4, 5, 16, 17, 20, 21]);
  });
});

describe('the inverse', () => {
  const lattice = sampled(wavy);

  it('ends at the point', () => {
    fc.assert(
      fc.property(inside, (lps) => {
        const back = pointOf(lattice, AFFINE, mappedBy(lattice, lps));
        expect(back.isFound).toBe(true);
        expect(distanceMm(back.lps, lps)).toBeLessThan(0.02);
      }),
    );
  });

  it('says when it has found no point, as with a wrong affine part', () => {
    const mirrored: Affine = [-1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0];
    expect(pointOf(lattice, mirrored, lpsPoint(30, 0, 450)).isFound).toBe(false);
  });
});

describe('unfolding', () => {
  const everywhere = new Uint8Array(nodesOf(SHAPE)).fill(1);

  it('removes a fold and changes nothing far from it', () => {
    const folded = sampled(wavy);
    const middle = Math.floor(nodesOf(SHAPE) / 2) + 5;
    const before = folded.displacements.slice();
    folded.displacements[3 * middle] = folded.displacements[3 * middle]! + 30;
    expect(Math.min(...determinantsOf(folded))).toBeLessThan(0);
    unfold(folded, everywhere);
    expect(Math.min(...determinantsOf(folded))).toBeGreaterThan(0.1);
    const changed = before.reduce(
      (sum, mm, n) => sum + (Math.abs(mm - folded.displacements[n]!) > 0.01 ? 1 : 0),
      0,
    );
    expect(changed / before.length).toBeLessThan(0.05);
  });

  it('changes nothing of a map that folds only where it does not count', () => {
    const folded = sampled(wavy);
    folded.displacements[300] = 90;
    const before = folded.displacements.slice();
    unfold(folded, new Uint8Array(nodesOf(SHAPE)));
    expect(folded.displacements).toEqual(before);
  });
});

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

describe('the spacing', () => {
  it('keeps a whole trunk below a megabyte, and a small part fine', () => {
    const trunk = { low: [-220, -140, 0] as const, high: [220, 140, 750] as const };
    const spacing = spacingFor([trunk, trunk]);
    expect(2 * 9 * nodesOf(latticeOver(trunk, spacing))).toBeLessThan(1e6);
    expect(spacing).toBeLessThan(13);
    expect(spacingFor([BOX, BOX])).toBe(6);
  });
});
