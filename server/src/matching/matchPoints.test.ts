import fc from 'fast-check';
import { isSamepointError } from '../errors/index.ts';
import { distanceMm, lpsPoint, voxelIndex, toLps } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { UNCALIBRATED } from './confidence/calibration.ts';
import { matchPoints as matchAs } from './matcher.ts';
import { matchWith } from './matchPoints.ts';
import type { Runner } from './matchPoints.ts';
import { gridOf, mapOf, planeWaves, SYNTHETIC_MODEL, syntheticEmbedding } from './pool/syntheticEmbedding.ts';
import type { ToAnatomy } from './pool/syntheticEmbedding.ts';
import { MATCH_METHODS } from './types.ts';
import type { Match, MatchMethod, MatchModel, MatchRequest, PointOutcome } from './types.ts';

/** Upper bound for a property test on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
/** 4 mm voxels, as SAM's fine grid. */
const GRID = gridOf([16, 15, 14], [4, 4, 4], [-30, 10, 100]);
const SERIES = syntheticEmbedding({ grid: GRID });
/** The refinement stops at 1/64 voxel: 0.06 mm along each axis. */
const STEP_MM = 0.11;
/** Interpolating waves of 60 mm between voxels of 4 mm; far below a voxel. */
const SUBVOXEL_MM = 0.5;

const coordinate = fc.double({ min: 0.25, max: 0.75, noNaN: true });
/** Points in the middle half of the grid. */
const innerPoint = fc
  .tuple(coordinate, coordinate, coordinate)
  .map(([u, v, w]) => toLps(GRID.voxelToLps, voxelIndex(15 * u, 14 * v, 13 * w)));

function matchOf(outcome: PointOutcome | undefined): Match {
  if (outcome?.ok !== true) throw new Error(`no match: ${outcome?.error.message ?? 'no outcome'}`);
  return outcome.match;
}

/** With a model without a calibration. */
function matchPoints(request: Omit<MatchRequest, 'model'>): ReturnType<typeof matchAs> {
  return matchAs({ ...request, model: SYNTHETIC_MODEL });
}

async function matchOne(query: LpsPoint, toAnatomy: ToAnatomy): Promise<Match> {
  const target = syntheticEmbedding({
    grid: gridOf([17, 17, 15], [4, 4, 4], [-33, 8, 97]),
    toAnatomy,
    name: '2',
  });
  return matchOf(
    (await matchPoints({ query: SERIES, target, points: [{ id: 'a', lps: query }], method: 'nearest' }))[0],
  );
}

describe('matchWith', () => {
  it('gives the weights of the neighbour map to the methods that precompute a pair, and to no other', async () => {
    const seen = new Map<MatchMethod, unknown>();
    const runner: Runner = {
      run: ({ method, weights, points }) => {
        seen.set(method, weights);
        return Promise.resolve(points.map(() => undefined));
      },
      deformation: () => Promise.resolve(undefined),
      similarity: () => Promise.resolve(undefined),
    };
    const neighbourMapWeights = { fine: 1 };
    const model = { ...SYNTHETIC_MODEL, matching: { neighbourMapWeights } };
    const points = [{ id: 'a', lps: toLps(GRID.voxelToLps, voxelIndex(7, 7, 7)) }];
    for (const method of MATCH_METHODS)
      await matchWith(runner, { query: SERIES, target: SERIES, points, method, model });
    expect(Object.fromEntries(seen)).toEqual({
      refined: neighbourMapWeights,
      field: neighbourMapWeights,
      nearest: neighbourMapWeights,
      structural: undefined,
    });
  });
});

describe('a pair that agrees no better than two patients', () => {
  /** A sure answer of a pair of little agreement. */
  const runner: Runner = {
    run: ({ points }) =>
      Promise.resolve(
        points.map(({ lps }) => ({
          ...{ lps, similarity: 0.95, cycleErrorMm: 0.2, step: 'nearest' as const },
          evidence: { pairAgreement: 0.2, sdMm: 0.2, spreadMm: 0.2, predicted: lps },
        })),
      ),
    deformation: () => Promise.resolve(undefined),
    similarity: () => Promise.resolve(undefined),
  };
  const limits = { agreement: 0.3, radiusMm: 21 };

  async function answer(
    method: MatchMethod,
    calibration: MatchModel['matching']['calibration'],
  ): Promise<Match> {
    const point = toLps(GRID.voxelToLps, voxelIndex(8, 7, 7));
    const model = { ...SYNTHETIC_MODEL, matching: { ...SYNTHETIC_MODEL.matching, calibration } };
    const request = { query: SERIES, target: SERIES, points: [{ id: 'a', lps: point }], method, model };
    return matchOf((await matchWith(runner, request))[0]);
  }

  it.each(['nearest', 'field', 'refined'] as const)('is uncertain by the method %s', async (method) => {
    const calibration = {
      refined: { ...UNCALIBRATED, differentPatients: limits },
      ...(method === 'refined' ? {} : { [method]: UNCALIBRATED }),
    };
    expect(await answer(method, calibration)).toMatchObject({ verdict: 'uncertain', errorRadiusMm: 21 });
  });

  it('has the radius of the method where it has one, and is matched where nothing says what two patients are', async () => {
    const own = { ...UNCALIBRATED, differentPatients: { agreement: 0.3, radiusMm: 17 } };
    const refined = { ...UNCALIBRATED, differentPatients: limits };
    expect((await answer('nearest', { refined, nearest: own })).errorRadiusMm).toBe(17);
    expect((await answer('nearest', { nearest: UNCALIBRATED })).verdict).toBe('matched');
  });
});

describe('matchPoints, nearest', () => {
  it(
    'finds every point of a series in the series itself, at the place itself',
    async () => {
      await fc.assert(
        fc.asyncProperty(innerPoint, async (lps) => {
          const [outcome] = await matchPoints({
            query: SERIES,
            target: SERIES,
            points: [{ id: 'a', lps }],
            method: 'nearest',
          });
          const match = matchOf(outcome);
          expect(distanceMm(match.target.lps, lps)).toBeLessThan(STEP_MM);
          expect(match.similarity).toBeGreaterThan(0.9999);
          expect(match.similarity).toBeLessThan(1.000001);
          expect(match.cycleErrorMm).toBeLessThan(2 * STEP_MM);
        }),
        { numRuns: 15 },
      );
    },
    SLOW_MS,
  );

  it(
    'follows a shift that is no multiple of the voxel, to a fraction of a voxel',
    async () => {
      const shift = fc.double({ min: -6, max: 6, noNaN: true });
      await fc.assert(
        fc.asyncProperty(innerPoint, fc.tuple(shift, shift, shift), async (lps, [x, y, z]) => {
          const match = await matchOne(lps, (at) => lpsPoint(at[0] + x, at[1] + y, at[2] + z));
          const expected = lpsPoint(lps[0] - x, lps[1] - y, lps[2] - z);
          expect(distanceMm(match.target.lps, expected)).toBeLessThan(SUBVOXEL_MM);
          expect(match.cycleErrorMm).toBeLessThan(2 * SUBVOXEL_MM);
        }),
        { numRuns: 5 },
      );
    },
    SLOW_MS,
  );

  it('follows a scaled and sheared anatomy, to a fraction of a voxel', async () => {
    // x = A y about the centre of the grid; the expected y = A⁻¹ x was solved by hand for this A (det 1.0185).
    const centre = [0, 38, 126] as const;
    const toAnatomy: ToAnatomy = (at) => {
      const [x, y, z] = [at[0] - centre[0], at[1] - centre[1], at[2] - centre[2]];
      return lpsPoint(1.05 * x + 0.05 * y + centre[0], 0.97 * y + centre[1], z + 0.04 * x + centre[2]);
    };
    const match = await matchOne(lpsPoint(6.5, 47.7, 120), toAnatomy);
    // y' = 9.7 / 0.97 = 10; x' = (6.5 - 0.5) / 1.05 = 5.714286; z' = -6 - 0.04 * 5.714286 = -6.228571
    expect(distanceMm(match.target.lps, lpsPoint(5.714286, 48, 119.771429))).toBeLessThan(SUBVOXEL_MM);
  });

  it('names model, series, frame of reference, slice and pixel of both ends', async () => {
    // Volume voxels are 2 mm, first centre at (-31, 9, 99): half a fine voxel out, half a volume voxel in.
    const [outcome] = await matchPoints({
      query: SERIES,
      target: SERIES,
      points: [{ id: 'a', lps: lpsPoint(-1, 39, 125.5) }],
      method: 'nearest',
    });
    const { query, method, model } = matchOf(outcome);
    expect(method).toBe('nearest');
    expect(model).toEqual({ id: 'synthetic', version: '1.0.0' });
    expect(query).toMatchObject({
      studyInstanceUid: '1.2.1',
      seriesInstanceUid: '1.2.3.1',
      frameOfReferenceUid: '1.2.4.1',
      pixel: { sopInstanceUid: '1.2.3.1.14', sopClassUid: '1.2.840.10008.5.1.4.1.1.2' },
    });
    expect(query.pixel.column).toBeCloseTo(15, 9);
    expect(query.pixel.row).toBeCloseTo(15, 9);
    expect(query.pixel.offPlaneMm).toBeCloseTo(0.5, 9);
  });

  it('gives an error per point and still answers the others, in order', async () => {
    const mask = new Uint8Array(16 * 15 * 14).fill(1);
    // Air: the first eight columns of voxels, x from -30 to -2 mm.
    for (let voxel = 0; voxel < mask.length; voxel++) if (voxel % 16 < 8) mask[voxel] = 0;
    const query = syntheticEmbedding({ grid: GRID, bodyMask: mask });
    const outcomes = await matchPoints({
      query,
      target: SERIES,
      points: [
        { id: 'far', lps: lpsPoint(0, 40, 90) },
        { id: 'valid', lps: lpsPoint(10, 40, 120) },
        { id: 'air', lps: lpsPoint(-20, 40, 120) },
        { id: 'nan', lps: lpsPoint(0, NaN, 0) },
        { id: 'other', lps: lpsPoint(10, 40, 120), frameOfReferenceUid: '1.2.4.9' },
      ],
    });
    expect(outcomes.map(({ pointId }) => pointId)).toEqual(['far', 'valid', 'air', 'nan', 'other']);
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
      'matching/outside-volume',
      'ok',
      'matching/outside-body',
      'matching/not-a-point',
      'matching/other-frame-of-reference',
    ]);
    // The volume's lower face is at z = 98.
    expect(outcomes[0]?.ok === false && outcomes[0].error.fields).toMatchObject({ outsideMm: 8 });
  });

  it('answers air beside the body, and refuses what lies farther off', async () => {
    const mask = new Uint8Array(16 * 15 * 14).fill(1);
    for (let voxel = 0; voxel < mask.length; voxel++) if (voxel % 16 < 4) mask[voxel] = 0;
    const query = syntheticEmbedding({ grid: GRID, bodyMask: mask });
    // Body begins at x = -14 mm.
    const [beside, farther] = [lpsPoint(-20, 40, 120), lpsPoint(-26, 40, 120)];
    const points = [beside, farther].map((lps, n) => ({ id: String(n), lps }));
    for (const method of ['refined', 'field'] as const) {
      const [answered, refused] = await matchPoints({ query, target: SERIES, points, method });
      expect(distanceMm(matchOf(answered).target.lps, beside)).toBeLessThan(2);
      expect(refused?.ok === false && refused.error.code).toBe('matching/outside-body');
    }
  });

  it('accepts a point beside the mask: it is as coarse as the fine grid', async () => {
    const mask = new Uint8Array(16 * 15 * 14).fill(1);
    for (let voxel = 0; voxel < mask.length; voxel++) if (voxel % 16 < 8) mask[voxel] = 0;
    const query = syntheticEmbedding({ grid: GRID, bodyMask: mask });
    const [outcome] = await matchPoints({
      query,
      target: SERIES,
      points: [{ id: 'a', lps: lpsPoint(-1, 40, 120) }],
      method: 'nearest',
    });
    expect(outcome?.ok).toBe(true);
  });

  it('answers only inside the body of the target', async () => {
    const mask = new Uint8Array(16 * 15 * 14);
    for (let voxel = 0; voxel < mask.length; voxel++) if (voxel % 16 >= 12) mask[voxel] = 1;
    const target = syntheticEmbedding({ grid: GRID, bodyMask: mask });
    const [outcome] = await matchPoints({
      query: SERIES,
      target,
      points: [{ id: 'a', lps: lpsPoint(0, 40, 120) }],
      method: 'nearest',
    });
    // Column 12 is at x = 18 mm; the refined point stays within one voxel of it.
    expect(matchOf(outcome).target.lps[0]).toBeGreaterThanOrEqual(14);
  });

  it('keeps an answer inside the target volume', async () => {
    const grid = gridOf([16, 15, 14], [4, 4, 4], [-30, 10, 100]);
    const whole = syntheticEmbedding({ grid });
    const cut = { ...whole, volume: { ...whole.volume, dims: [18, 30, 28] as const } };
    const [outcome] = await matchPoints({
      query: SERIES,
      target: cut,
      points: [{ id: 'a', lps: lpsPoint(20, 40, 120) }],
      method: 'nearest',
    });
    // 18 columns of 2 mm from -31: the last face is at x = 4.
    const { lps, pixel } = matchOf(outcome).target;
    expect(lps[0]).toBeCloseTo(4, 9);
    expect(pixel.column).toBeCloseTo(17.5, 9);
  });

  it('gives the same answer twice', async () => {
    const points = [{ id: 'a', lps: lpsPoint(3.3, 41.1, 117.9) }];
    const target = syntheticEmbedding({ grid: GRID, toAnatomy: (at) => lpsPoint(at[0] + 1, at[1], at[2]) });
    const request = { query: SERIES, target, points, method: 'nearest' } as const;
    expect(await matchPoints(request)).toEqual(await matchPoints(request));
  });
});

describe('matchPoints, requests that cannot be answered', () => {
  const points = [{ id: 'a', lps: lpsPoint(0, 40, 120) }];
  const codeOf = async (answer: Promise<unknown>): Promise<string> =>
    answer.then(
      () => 'answered',
      (error: unknown) => (isSamepointError(error) ? error.code : String(error)),
    );
  const other = gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]);

  it('refuses embeddings of different models', async () => {
    const target = syntheticEmbedding({ grid: other, modelId: 'another' });
    expect(await codeOf(matchPoints({ query: SERIES, target, points }))).toBe('matching/different-models');
  });

  it('refuses the rules of another model than that of the embeddings', async () => {
    const request = { query: SERIES, target: SERIES, points, model: { ...SYNTHETIC_MODEL, id: 'another' } };
    await expect(matchAs(request)).rejects.toThrow(/synthetic are matched as those of another/u);
  });

  it('refuses embeddings of one model with different maps', async () => {
    const target = syntheticEmbedding({ grid: other, maps: [mapOf('fine', other, planeWaves(32, 60, 1))] });
    expect(await codeOf(matchPoints({ query: SERIES, target, points }))).toBe('matching/different-maps');
  });

  it('refuses embeddings without a fine map', async () => {
    const coarse = syntheticEmbedding({ grid: other, maps: [mapOf('coarse', other, planeWaves(32, 60, 1))] });
    expect(await codeOf(matchPoints({ query: coarse, target: coarse, points }))).toBe('matching/no-fine-map');
  });

  it('refuses a target without a body', async () => {
    const target = syntheticEmbedding({ grid: other, bodyMask: new Uint8Array(64) });
    expect(await codeOf(matchPoints({ query: SERIES, target, points }))).toBe('matching/no-body');
  });

  it('refuses a method that does not exist', async () => {
    const request = { query: SERIES, target: SERIES, points, method: 'guess' as 'nearest' };
    expect(await codeOf(matchPoints(request))).toBe('matching/unknown-method');
  });

  it('stops when it is aborted, before and during the search', async () => {
    const before = AbortSignal.abort(new Error('gone'));
    await expect(matchPoints({ query: SERIES, target: SERIES, points, signal: before })).rejects.toThrow(
      'gone',
    );
    const controller = new AbortController();
    const running = matchPoints({ query: SERIES, target: SERIES, points, signal: controller.signal });
    controller.abort(new Error('disconnected'));
    await expect(running).rejects.toThrow('disconnected');
  });
});
