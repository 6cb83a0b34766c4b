import { affineFromColumns, distanceMm, lpsPoint, spacingOf } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import { isInside, makeFollowUp } from './followUp.ts';
import type { FollowUpCase } from './followUp.ts';

const CASES: readonly FollowUpCase[] = ['easy', 'strong', 'crop', 'thick', 'thick5', 'thick7.5'];
const MM = 5;
const DIMS = [60, 48, 56] as const;

/** HU that identify the place: a ramp along each axis cannot be confused with another place. */
function ramp(x: number, y: number, z: number): number {
  return 2 * x + 0.5 * y - z;
}

/** A block of soft tissue whose HU is a linear function of the place, so that T is read off the follow-up's values. */
function block(): Volume {
  const data = new Float32Array(DIMS[0] * DIMS[1] * DIMS[2]);
  const origin = [-140, -110, -640] as const;
  let at = 0;
  for (let k = 0; k < DIMS[2]; k++)
    for (let j = 0; j < DIMS[1]; j++)
      for (let i = 0; i < DIMS[0]; i++)
        data[at++] = 1500 + ramp(origin[0] + i * MM, origin[1] + j * MM, origin[2] + k * MM);
  return {
    dims: DIMS,
    data,
    voxelToLps: affineFromColumns([MM, 0, 0], [0, MM, 0], [0, 0, MM], origin),
    slices: Array.from({ length: DIMS[2] }, (_, k) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid: `1.${k}`,
    })),
    studyInstanceUid: '1.2',
    seriesInstanceUid: '1.3',
    frameOfReferenceUid: '1.4',
    modality: 'CT',
    warnings: [],
  };
}

const volume = block();

describe.each(CASES)('case %s', (name) => {
  const made = makeFollowUp(volume, name, 21);
  const { followUp } = made;

  test('F(y) = V(T(y)): the value at y names the place T(y)', () => {
    const [nx, ny, nz] = followUp.dims;
    const errors: number[] = [];
    for (let n = 0; n < 4000; n++) {
      const [i, j, k] = [(n * 7) % nx, (n * 5) % ny, (n * 3) % nz];
      const m = followUp.voxelToLps;
      const y = lpsPoint(m[0] * i + m[3], m[5] * j + m[7], m[10] * k + m[11]);
      const x = made.toOriginal(y);
      if (!isInside(volume, x, 6)) continue;
      errors.push(followUp.data[i + nx * (j + ny * k)]! - (1500 + ramp(x[0], x[1], x[2])));
    }
    const mean = errors.reduce((sum, error) => sum + error, 0) / errors.length;
    const sd = Math.sqrt(errors.reduce((sum, error) => sum + (error - mean) ** 2, 0) / errors.length);
    const noise = { easy: 10, strong: 15, crop: 15, thick: 25, thick5: 15, 'thick7.5': 15 }[name];
    expect(errors.length).toBeGreaterThan(300);
    expect(Math.abs(mean)).toBeLessThan(0.12 * noise);
    // Noise of the protocol is the only difference (within 10 %: the table is finite).
    expect(sd / noise).toBeGreaterThan(0.9);
    expect(sd / noise).toBeLessThan(1.1);
  });

  test('the inverse map is exact', () => {
    for (const x of [lpsPoint(0, 0, -500), lpsPoint(-60, 40, -450), lpsPoint(80, -30, -560)]) {
      expect(distanceMm(made.toOriginal(made.toFollowUp(x)), x)).toBeLessThan(1e-5);
    }
  });

  test('it is another examination', () => {
    const ids = (v: Volume) => [
      v.studyInstanceUid,
      v.seriesInstanceUid,
      v.frameOfReferenceUid,
      v.slices[0]!.sopInstanceUid,
    ];
    expect(ids(followUp).filter((id) => ids(volume).includes(id))).toEqual([]);
    expect(followUp.slices).toHaveLength(followUp.dims[2]);
  });
});

test('crop covers 55 % of the length and 88 % of the width; thick has 5 mm slices', () => {
  const crop = makeFollowUp(volume, 'crop', 1).followUp;
  expect(crop.dims).toEqual([53, 42, 30]);
  expect(
    spacingOf(
      makeFollowUp(
        { ...volume, voxelToLps: affineFromColumns([MM, 0, 0], [0, MM, 0], [0, 0, 2.5], [-140, -110, -640]) },
        'thick',
        1,
      ).followUp.voxelToLps,
    )[2],
  ).toBeCloseTo(5, 12);
});

test('the same seed gives the same scan', () => {
  const made = (seed: number): Volume => makeFollowUp(volume, 'easy', seed).followUp;
  const [a, b, c] = [made(3), made(3), made(4)];
  expect(a).toEqual(b);
  expect(a.seriesInstanceUid).not.toBe(c.seriesInstanceUid);
});

test('a volume of air is refused', () => {
  expect(() => makeFollowUp({ ...volume, data: volume.data.map(() => -1000) }, 'easy', 1)).toThrow(
    /nothing to deform/u,
  );
});

test('inside means inside by the margin', () => {
  const inside = (point: LpsPoint, margin: number): boolean => isInside(volume, point, margin);
  expect(inside(lpsPoint(-140, -110, -640), 0)).toBe(true);
  expect(inside(lpsPoint(-140, -110, -640), 1)).toBe(false);
  expect(inside(lpsPoint(0, 0, -500), 50)).toBe(true);
});
