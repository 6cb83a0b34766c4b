import type { Embedding } from '../embedding/types.ts';
import { distanceMm, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { indexOf } from '../search/sampling.ts';
import { UNCALIBRATED } from './confidence/calibration.ts';
import { createMatcher, matchPoints } from './matcher.ts';
import { gridOf, planeWaves, SYNTHETIC_MODEL, syntheticEmbedding } from './pool/syntheticEmbedding.ts';
import { MATCH_METHODS } from './types.ts';
import type { Axes, Match, MatchRequest, ProposedAxes } from './types.ts';

const GRID = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
const IMAGE_GRID = gridOf([48, 48, 48], [2, 2, 2], [-1, -1, -1]);
const LESION = lpsPoint(46, 47, 46);
const TEXTURE = planeWaves(24, 35, 5);
/** In the target, the anatomy lies here. */
const toTarget = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint(1.05 * x + 2, y - 3, z + 4);
const toQuery = ([x, y, z]: LpsPoint): LpsPoint => lpsPoint((x - 2) / 1.05, y + 3, z - 4);

/** Tissue with a lesion that is half as wide as long (half diameter in mm along x). */
function series(name: string, halfMm: number, toAnatomy: (at: LpsPoint) => LpsPoint): Embedding {
  const made = syntheticEmbedding({ grid: GRID, name, toAnatomy });
  const values = Int16Array.from({ length: 48 ** 3 }, (_, voxel) => {
    const at = toAnatomy(toLps(IMAGE_GRID.voxelToLps, indexOf(IMAGE_GRID.dims, voxel)));
    const distance = Math.hypot(at[0] - LESION[0], (at[1] - LESION[1]) / 0.6, (at[2] - LESION[2]) / 0.6);
    const share = Math.min(Math.max(0.5 + (halfMm - distance) / 2, 0), 1);
    const tissue = 110 + 30 * (TEXTURE(at)[0] ?? NaN) + 30 * (TEXTURE(at)[5] ?? NaN);
    return Math.round(tissue + share * (30 - tissue));
  });
  return { ...made, image: { grid: IMAGE_GRID, values, scale: 1 } };
}

function ends(x: number, y: number): readonly [LpsPoint, LpsPoint] {
  const [a, b, c] = LESION;
  return [lpsPoint(a - x, b - y, c), lpsPoint(a + x, b + y, c)];
}

const QUERY = series('1', 10, (at) => at);
const TARGET = series('2', 12, toQuery);
const AXES: Axes = { longAxis: ends(10, 0), shortAxis: ends(0, 6) };
const MODEL = {
  ...SYNTHETIC_MODEL,
  matching: Object.fromEntries([
    ['calibration', Object.fromEntries(MATCH_METHODS.map((method) => [method, UNCALIBRATED]))],
  ]) as MatchRequest['model']['matching'],
};
const REQUEST: MatchRequest = {
  query: QUERY,
  target: TARGET,
  points: [{ id: '1', lps: LESION, axes: AXES }],
  model: MODEL,
};

async function matchOf(changes: Partial<MatchRequest> = {}): Promise<Match> {
  const [outcome] = await matchPoints({ ...REQUEST, ...changes });
  if (outcome?.ok !== true) throw outcome?.error ?? new Error('no answer');
  return outcome.match;
}

/** Those of the lesion in the target: 2.4 mm by 12 and 7.2 mm in the anatomy. */
function expectThere({ longAxis, shortAxis, isFitted, carried }: ProposedAxes): void {
  expect(isFitted).toBe(true);
  // What the map gives has its middle near the answer, and the length of the query.
  const [c, d] = carried!.longAxis;
  const carriedMiddle = lpsPoint((c[0] + d[0]) / 2, (c[1] + d[1]) / 2, (c[2] + d[2]) / 2);
  expect(distanceMm(carriedMiddle, toTarget(LESION))).toBeLessThan(4);
  expect(Math.abs(distanceMm(c, d) / 20 - 1)).toBeLessThan(0.2);
  expect(distanceMm(...longAxis) / (24 * 1.05)).toBeCloseTo(1, 0.7);
  expect(distanceMm(...shortAxis!) / 14.4).toBeCloseTo(1, 0.7);
  const [a, b] = longAxis;
  const middle = lpsPoint((a[0] + b[0]) / 2, (a[1] + b[1]) / 2, (a[2] + b[2]) / 2);
  expect(distanceMm(middle, toTarget(LESION))).toBeLessThan(3);
}

describe('the diameters of a point', () => {
  it.each(['refined', 'field', 'nearest'] as const)('are proposed in the target by %s', async (method) => {
    const { verdict, axes } = await matchOf({ method });
    expect(verdict).toBe('matched');
    expectThere(axes!);
  });

  it('come from threads as from the calling thread', async () => {
    const matcher = createMatcher({ threads: 2 });
    try {
      expect(await matcher.matchPoints(REQUEST)).toEqual(await matchPoints(REQUEST));
    } finally {
      await matcher.close();
    }
  }, 60_000);

  it('are in the world of the series where the target was turned', async () => {
    const turn: Affine = [-1, 0, 0, 30, 0, -1, 0, -20, 0, 0, 1, 5];
    const [plain, turned] = [await matchOf(), await matchOf({ turn })];
    for (const [n, end] of turned.axes!.longAxis.entries()) {
      const [x, y, z] = end;
      const there = toLps(turn, voxelIndex(x, y, z));
      expect(distanceMm(there, plain.axes!.longAxis[n]!)).toBeLessThan(1e-6);
    }
  });

  it('are part of an answer that claims the same point, and of no other', async () => {
    const uncertain = await matchOf({ model: SYNTHETIC_MODEL });
    expect([uncertain.verdict, uncertain.axes]).toEqual(['uncertain', undefined]);
    const unsure = await matchOf({ isSideUnsure: true });
    expect([unsure.verdict, unsure.axes]).toEqual(['uncertain', undefined]);
  });

  it('are not in the answer of a point without', async () => {
    const found = await matchOf({ points: [{ id: '1', lps: LESION }] });
    expect(Object.keys(found)).not.toContain('axes');
    expect(Object.keys(found)).not.toContain('linear');
  });

  it.each<[string, Axes]>([
    ['no length', { longAxis: ends(0, 0) }],
    ['a short one of no length', { longAxis: ends(10, 0), shortAxis: ends(0, 0) }],
    ['far away', { longAxis: [lpsPoint(900, 0, 0), lpsPoint(910, 0, 0)] }],
    ['no numbers', { longAxis: ends(NaN, 0) }],
  ])('are refused: %s; other points are not', async (_, axes) => {
    const points = [
      { id: '1', lps: LESION, axes },
      { id: '2', lps: LESION },
    ];
    const outcomes = await matchPoints({ ...REQUEST, points });
    expect(outcomes.map((outcome) => (outcome.ok ? 'ok' : outcome.error.code))).toEqual([
      'matching/not-axes',
      'ok',
    ]);
  });
});
