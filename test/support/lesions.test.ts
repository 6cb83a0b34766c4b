import { distanceMm, lpsPoint } from '../../server/src/geometry/index.ts';
import { volumeOf } from '../accuracy/testing.ts';
import { withLesions, withoutMassEffect } from './lesions.ts';
import type { Lesion } from './lesions.ts';

const CENTRE = lpsPoint(1.3, -0.6, 0.4);
const LESION: Lesion = {
  centre: CENTRE,
  radiusMm: 9,
  hu: 50,
  textureHu: 8,
  noiseHu: 10,
  massEffect: 0,
  seed: 7,
};
const SIZE = 60;

/** 60 mm of tissue whose value says how far along x it lies. */
const tissue = volumeOf([SIZE, SIZE, SIZE], [1, 1, 1], [-30, -30, -30], (i) => 200 + 5 * i);

function valueAt(data: ArrayLike<number>, [x, y, z]: readonly number[]): number {
  return data[(x ?? NaN) + 30 + SIZE * ((y ?? NaN) + 30 + SIZE * ((z ?? NaN) + 30))] ?? NaN;
}

describe('withLesions', () => {
  const { data } = withLesions(tissue, [LESION]);
  const changed = [...data.keys()].filter((at) => data[at] !== tissue.data[at]);

  it('has the volume of its sphere, around its centre', () => {
    const volumeMm3 = changed.filter((at) => Math.abs((data[at] ?? NaN) - 50) < 60).length;
    expect(volumeMm3 / ((4 / 3) * Math.PI * LESION.radiusMm ** 3)).toBeCloseTo(1, 0);
    const mean = (of: (at: number) => number): number =>
      changed.reduce((sum, at) => sum + of(at) - 30, 0) / changed.length;
    expect(mean((at) => at % SIZE)).toBeCloseTo(CENTRE[0], 0);
    expect(mean((at) => Math.floor(at / SIZE) % SIZE)).toBeCloseTo(CENTRE[1], 0);
    expect(mean((at) => Math.floor(at / SIZE ** 2))).toBeCloseTo(CENTRE[2], 0);
  });

  it('has its mean density, texture and noise', () => {
    const inside = changed
      .filter((at) => {
        const [x, y, z] = [at % SIZE, Math.floor(at / SIZE) % SIZE, Math.floor(at / SIZE ** 2)];
        return distanceMm(lpsPoint(x - 30, y - 30, z - 30), CENTRE) < 6;
      })
      .map((at) => data[at] ?? NaN);
    const mean = inside.reduce((sum, hu) => sum + hu, 0) / inside.length;
    const deviation = Math.sqrt(inside.reduce((sum, hu) => sum + (hu - mean) ** 2, 0) / inside.length);
    expect(Math.abs(mean - LESION.hu)).toBeLessThan(6);
    expect(deviation).toBeGreaterThan(8);
    expect(deviation).toBeLessThan(18);
  });

  it('changes nothing beyond its edge, and not the volume that it was given', () => {
    for (const at of changed) {
      const [x, y, z] = [at % SIZE, Math.floor(at / SIZE) % SIZE, Math.floor(at / SIZE ** 2)];
      expect(distanceMm(lpsPoint(x - 30, y - 30, z - 30), CENTRE)).toBeLessThan(13);
    }
    expect(valueAt(tissue.data, [1, 0, 0])).toBe(200 + 5 * 31);
  });

  it('shows every lesion, whatever the mass effect of a later one beside it', () => {
    const far = { ...LESION, centre: lpsPoint(-20, 0, 0), radiusMm: 5 };
    const both = withLesions(tissue, [far, { ...LESION, centre: lpsPoint(15, 0, 0), massEffect: 0.5 }]).data;
    expect(Math.abs(valueAt(both, far.centre) - LESION.hu)).toBeLessThan(40);
    expect(valueAt(tissue.data, far.centre)).toBe(250);
  });

  it('is the same for the same seed only', () => {
    expect(withLesions(tissue, [LESION]).data).toEqual(data);
    expect(withLesions(tissue, [{ ...LESION, seed: 8 }]).data).not.toEqual(data);
  });

  it('pushes tissue aside by its mass effect', () => {
    const pushed = withLesions(tissue, [{ ...LESION, massEffect: 0.5 }]).data;
    for (const x of [-20, -14, 14, 20]) {
      const from = withoutMassEffect({ ...LESION, massEffect: 0.5 }, lpsPoint(x, 0, 0));
      expect(Math.abs(valueAt(pushed, [x, 0, 0]) - (200 + 5 * (from[0] + 30)))).toBeLessThan(1);
    }
    expect(valueAt(pushed, [14, 0, 0])).toBeLessThan(valueAt(tissue.data, [14, 0, 0]) - 5);
  });
});

describe('withoutMassEffect', () => {
  const pushing: Lesion = { ...LESION, massEffect: 0.5 };

  it('keeps the centre, halves what is beside it, and fades out', () => {
    expect(distanceMm(withoutMassEffect(pushing, CENTRE), CENTRE)).toBe(0);
    const beside = lpsPoint(CENTRE[0] + 0.1, CENTRE[1], CENTRE[2]);
    expect(distanceMm(withoutMassEffect(pushing, beside), CENTRE)).toBeCloseTo(0.05, 3);
    const far = lpsPoint(CENTRE[0], CENTRE[1] + 45, CENTRE[2]);
    expect(distanceMm(withoutMassEffect(pushing, far), far)).toBeLessThan(0.01);
  });

  it('is one to one: distances from the centre keep their order', () => {
    const distances = Array.from({ length: 80 }, (_, n) =>
      distanceMm(withoutMassEffect(pushing, lpsPoint(CENTRE[0] + n / 2, CENTRE[1], CENTRE[2])), CENTRE),
    );
    for (const [n, distance] of distances.entries())
      if (n > 0) expect(distance).toBeGreaterThan(distances[n - 1]!);
  });
});
