import fc from 'fast-check';
import { gridOf } from '../matching/pool/syntheticEmbedding.ts';
import { huOf, LEVEL_STEP, mapHu, unitsOf } from './level.ts';
import { evenly } from '../geometry/testing/evenly.ts';

const hounsfield = evenly(-3000, 5000);

describe('huOf', () => {
  it('undoes mapHu between air and dense bone', () => {
    fc.assert(
      fc.property(evenly(-1000, 1500), (hu) => {
        expect(huOf(mapHu(hu))).toBeCloseTo(hu, 6);
      }),
    );
  });
});

describe('mapHu', () => {
  it('keeps fat and soft tissue unchanged', () => {
    fc.assert(
      fc.property(evenly(-150, 250), (hu) => {
        expect(mapHu(hu)).toBe(hu);
      }),
    );
  });

  it('keeps the order of tissues, and never makes a contrast larger', () => {
    fc.assert(
      fc.property(hounsfield, hounsfield, (a, b) => {
        const [low, high] = [Math.min(a, b), Math.max(a, b)];
        const rise = mapHu(high) - mapHu(low);
        expect(rise).toBeGreaterThanOrEqual(-1e-9);
        expect(rise).toBeLessThanOrEqual(high - low + 1e-9);
      }),
    );
  });

  it.each([
    ['the lung', -850, -360],
    ['air, and what scanners give for it', -1000, -405],
    ['the padding outside of the field of view', -3024, -405],
    ['the cortex of bone', 1250, 550],
    ['metal', 3071, 625],
  ])('compresses %s (%d HU)', (_name, hu, units) => {
    expect(mapHu(hu)).toBeCloseTo(units, 9);
  });

  it('fits int16 in steps of a level', () => {
    for (const hu of [-32_768, 32_767]) expect(Math.abs(mapHu(hu) / LEVEL_STEP)).toBeLessThan(32_767);
  });
});

describe('unitsOf', () => {
  const imageOf = (values: readonly number[], scale: number): Parameters<typeof unitsOf>[0] => ({
    grid: gridOf([values.length, 1, 1], [2, 2, 2], [0, 0, 0]),
    values: Int16Array.from(values),
    scale,
  });
  const at = (units: Float32Array, stored: number): number => units[stored + 32_768]!;

  it('has an entry for every int16, from the least on', () => {
    const units = unitsOf(imageOf([0], 1), true);
    expect(units).toHaveLength(65_536);
    fc.assert(
      fc.property(fc.integer({ min: -32_768, max: 32_767 }), (stored) => {
        expect(at(units, stored)).toBeCloseTo(mapHu(stored), 2);
      }),
    );
  });

  it('maps modality values of CT, not stored ones', () => {
    const units = unitsOf(imageOf([0], 4), true);
    expect(at(units, 25)).toBeCloseTo(100, 4);
    expect(at(units, 250)).toBeCloseTo(mapHu(1000), 3);
  });

  it('stretches other modalities to 400 units, whatever their scale says', () => {
    for (const scale of [0.01, 1, 50]) {
      const units = unitsOf(imageOf([3, 200, 1000, -4], scale), false);
      expect([at(units, 0), at(units, 500), at(units, 1000)]).toEqual([0, 200, 400]);
      expect(at(units, -4)).toBeCloseTo(-1.6, 4);
    }
  });

  it('has finite units for an image of zeros', () => {
    expect(unitsOf(imageOf([0, 0], 1), false).every(Number.isFinite)).toBe(true);
  });
});
