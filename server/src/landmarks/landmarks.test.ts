import fc from 'fast-check';
import { distanceMm, lpsPoint, seededNumbers } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { evenly } from '../geometry/testing/evenly.ts';
import { matchPoints } from '../matching/index.ts';
import type { PointOutcome } from '../matching/index.ts';
import { SYNTHETIC_MODEL } from '../matching/pool/syntheticEmbedding.ts';
import { PLACES, queryEmbedding, targetEmbedding, toTarget } from '../matching/testing/affinePair.ts';
import { geometricMedian } from './consensus.ts';
import { decodeTemplate, encodeTemplate, findLandmarks, makeTemplate } from './index.ts';
import type { LandmarkOutcome, LandmarkTemplate, WireTemplate } from './index.ts';

const LANDMARKS = PLACES.map((lps, n) => ({ name: `landmark ${n}`, lps }));
const WEIGHTS = { fine: 0.5, coarse: 0.5 };
const template = makeTemplate(queryEmbedding, LANDMARKS, SYNTHETIC_MODEL);
const wire = JSON.parse(JSON.stringify(encodeTemplate(template))) as WireTemplate;
const read = decodeTemplate(wire, WEIGHTS);

function find(...templates: readonly LandmarkTemplate[]): Promise<readonly LandmarkOutcome[]> {
  return findLandmarks({ templates, target: targetEmbedding, model: SYNTHETIC_MODEL, matchPoints });
}

function placeOf(outcome: LandmarkOutcome | undefined): LpsPoint {
  return outcome?.ok === true ? outcome.landmark.place.lps : lpsPoint(NaN, NaN, NaN);
}

describe('a landmark template', () => {
  it('has vectors near its landmarks only, no image and no identity', () => {
    const { embedding } = template;
    const kept = embedding.bodyMask.reduce((sum, one) => sum + one, 0);
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(queryEmbedding.bodyMask.reduce((sum, one) => sum + one, 0) / 2);
    expect(embedding.image.values).toHaveLength(1);
    const text = JSON.stringify(wire);
    for (const uid of [queryEmbedding.volume.studyInstanceUid, queryEmbedding.volume.seriesInstanceUid])
      expect(text).not.toContain(uid);
  });

  it('is read back as it was written', () => {
    expect(read.landmarks).toEqual(template.landmarks);
    expect(read.embedding.bodyMask).toEqual(template.embedding.bodyMask);
    for (const [n, map] of template.embedding.maps.entries()) {
      const back = read.embedding.maps[n]!;
      expect(back.grid.dims).toEqual(map.grid.dims);
      expect(back.grid.voxelToLps).toEqual(map.grid.voxelToLps);
      expect(back.vectors).toEqual(map.vectors);
      const errors = back.inverseNorms.map((norm, voxel) => Math.abs(norm - map.inverseNorms[voxel]!));
      expect(Math.max(...errors)).toBeLessThan(1e-6);
    }
  });

  it.each<readonly [string, object, RegExp]>([
    ['another format', { ...wire, format: 'x' }, /format/],
    ['a key too many', { ...wire, patient: 'x' }, /patient/],
    ['no fine map', { ...wire, maps: wire.maps.filter(({ role }) => role !== 'fine') }, /no fine map/],
    ['a mask of another size', { ...wire, mask: 'AAAA' }, /mask does not fit/],
    [
      'vectors of another size',
      { ...wire, maps: wire.maps.map((map) => ({ ...map, vectors: 'AAAA' })) },
      /do not fit/,
    ],
    [
      'a map too large',
      { ...wire, maps: wire.maps.map((map) => ({ ...map, dims: [65536, 65536, 1] })) },
      /too large/,
    ],
    ['a name of nothing', { ...wire, landmarks: [{ name: ' ', lps: [0, 0, 0] }] }, /landmarks\.0\.name/],
  ])('is refused with %s', (_name, json, message) => {
    expect(() => decodeTemplate(json, WEIGHTS)).toThrow(message);
  });

  it.each<readonly [string, LpsPoint, string]>([
    ['outside the volume', lpsPoint(-500, 0, 0), 'outside the query volume'],
    ['outside the body', lpsPoint(1, 1, 1), 'outside the body'],
  ])('has no landmark %s', (_name, lps, message) => {
    const { bodyMask } = queryEmbedding;
    const inside = { ...queryEmbedding, bodyMask: bodyMask.map((one, voxel) => (voxel < 2000 ? 0 : one)) };
    expect(() => makeTemplate(inside, [{ name: 'a', lps }], SYNTHETIC_MODEL)).toThrow(message);
  });
});

describe('findLandmarks', () => {
  it('finds each landmark of a template that was read back, without claiming it', async () => {
    const found = await find(read);
    expect(found.map(({ name }) => name)).toEqual(LANDMARKS.map(({ name }) => name));
    for (const [n, outcome] of found.entries()) {
      expect(distanceMm(placeOf(outcome), toTarget(PLACES[n]!))).toBeLessThan(4);
      expect(outcome).toMatchObject({ ok: true, landmark: { verdict: 'uncertain', votes: 1 } });
    }
  });

  it('is never more sure than what was measured between patients, even in the series of the template', async () => {
    const calibration = {
      refined: {
        intercept: -3,
        coefficients: {
          cycle: 0,
          dissimilarity: 0,
          rivalry: 0,
          spread: 0,
          disagreement: 0,
          patchMismatch: 0,
        },
        steps: {},
        quantile: 1,
        matchedRadiusMm: 100,
        matchedSimilarity: 0,
        differentPatients: { agreement: 0, radiusMm: 23.5 },
      },
    };
    const model = { ...SYNTHETIC_MODEL, matching: { calibration } };
    const [first] = await findLandmarks({ templates: [read], target: queryEmbedding, model, matchPoints });
    expect(first).toMatchObject({ ok: true, landmark: { verdict: 'uncertain', errorRadiusMm: 23.5 } });
    const pair = { query: queryEmbedding, target: queryEmbedding, model };
    const [own] = await matchPoints({ ...pair, points: [{ id: '', lps: PLACES[0]! }] });
    expect(own).toMatchObject({ ok: true, match: { verdict: 'matched' } });
  });

  it('has the radius of landmarks where the model has one, and less where templates vote', async () => {
    const none = { cycle: 0, dissimilarity: 0, rivalry: 0, spread: 0, disagreement: 0, patchMismatch: 0 };
    const refined = {
      intercept: -3,
      coefficients: none,
      steps: {},
      quantile: 1,
      matchedRadiusMm: 100,
      matchedSimilarity: 0,
      differentPatients: { agreement: 0, radiusMm: 23.5, landmarkRadiusMm: 12 },
    };
    const model = { ...SYNTHETIC_MODEL, matching: { calibration: { refined } } };
    const request = { target: targetEmbedding, model, matchPoints };
    const [one] = await findLandmarks({ ...request, templates: [read] });
    expect(one).toMatchObject({ ok: true, landmark: { errorRadiusMm: 12 } });
    const [three] = await findLandmarks({ ...request, templates: [read, template, read] });
    expect(three?.ok === true && three.landmark.errorRadiusMm).toBeCloseTo(12 * Math.sqrt(2 / 3), 9);
  });

  it('gives no place where the matches of template and series agree on none', async () => {
    const random = seededNumbers(1);
    const maps = targetEmbedding.maps.map((map) => ({
      ...map,
      vectors: map.vectors.map(() => Math.round(254 * random()) - 127),
    }));
    const target = { ...targetEmbedding, maps };
    for (const outcome of await findLandmarks({
      templates: [read],
      target,
      model: SYNTHETIC_MODEL,
      matchPoints,
    }))
      expect(outcome).toMatchObject({ ok: false, error: { code: 'landmarks/no-agreement' } });
  });

  it('lets templates vote, and one that is wrong changes little', async () => {
    const wrong = {
      ...template,
      landmarks: template.landmarks.map(({ name, lps: [x, y, z] }) => ({
        name,
        lps: lpsPoint(x + 12, y, z),
      })),
    };
    const [three] = await find(template, wrong, read);
    expect(three).toMatchObject({ ok: true, landmark: { votes: 3 } });
    expect(distanceMm(placeOf(three), placeOf((await find(template))[0]))).toBeLessThan(1);
  });

  it('refuses a template of another version of the model', async () => {
    const old = { ...read, model: { ...read.model, version: '0.9.0' } };
    await expect(find(old)).rejects.toThrow('synthetic 0.9.0');
  });

  it('gives the error of a landmark that no template can search', async () => {
    const failing = (): Promise<readonly PointOutcome[]> =>
      matchPoints({
        query: queryEmbedding,
        target: targetEmbedding,
        model: SYNTHETIC_MODEL,
        points: LANDMARKS.map(({ name }) => ({ id: name, lps: lpsPoint(-900, 0, 0) })),
      });
    const request = {
      templates: [read],
      target: targetEmbedding,
      model: SYNTHETIC_MODEL,
      matchPoints: failing,
    };
    const [first] = await findLandmarks(request);
    expect(first).toMatchObject({
      name: 'landmark 0',
      ok: false,
      error: { code: 'matching/outside-volume' },
    });
  });
});

describe('geometricMedian', () => {
  const coordinate = evenly(-300, 300);
  const place = fc.tuple(coordinate, coordinate, coordinate).map(([x, y, z]) => lpsPoint(x, y, z));

  it('moves with the places, and lies between them', () => {
    fc.assert(
      fc.property(fc.array(place, { minLength: 1, maxLength: 6 }), place, (places, [x, y, z]) => {
        const median = geometricMedian(places);
        const moved = geometricMedian(places.map((one) => lpsPoint(one[0] + x, one[1] + y, one[2] + z)));
        expect(distanceMm(moved, lpsPoint(median[0] + x, median[1] + y, median[2] + z))).toBeLessThan(1e-6);
        for (const axis of [0, 1, 2] as const) {
          const along = places.map((one) => one[axis]);
          expect(median[axis]).toBeGreaterThanOrEqual(Math.min(...along) - 1e-9);
          expect(median[axis]).toBeLessThanOrEqual(Math.max(...along) + 1e-9);
        }
      }),
    );
  });

  it('stays where two of three agree, wherever the third is', () => {
    fc.assert(
      fc.property(place, place, (two, other) => {
        expect(distanceMm(geometricMedian([two, other, two]), two)).toBeLessThan(2);
      }),
    );
  });
});
