import type { Embedding } from '../../embedding/types.ts';
import { distanceMm, lpsPoint, toLps } from '../../geometry/index.ts';
import { searchSpaceOf } from '../../search/space.ts';
import { indexOf } from '../../search/sampling.ts';
import { UNCALIBRATED } from '../../matching/confidence/calibration.ts';
import { matchPoints } from '../../matching/matcher.ts';
import {
  gridOf,
  planeWaves,
  SYNTHETIC_MODEL,
  syntheticEmbedding,
} from '../../matching/pool/syntheticEmbedding.ts';
import type { Match } from '../../matching/types.ts';
import { matchRefined } from './matchRefined.ts';

const GRID = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
const IMAGE_GRID = gridOf([48, 48, 48], [2, 2, 2], [-1, -1, -1]);
const LESION = lpsPoint(46, 47, 45);
const TEXTURE = planeWaves(24, 35, 5);

/** Tissue with a lesion. */
function series(name: string, radiusMm: number, modality: 'CT' | 'MR' = 'CT'): Embedding {
  const made = syntheticEmbedding({ grid: GRID, name });
  const values = Int16Array.from({ length: 48 ** 3 }, (_, voxel) => {
    const at = toLps(IMAGE_GRID.voxelToLps, indexOf(IMAGE_GRID.dims, voxel));
    const share = Math.min(Math.max(0.5 + (radiusMm - distanceMm(at, LESION)) / 2, 0), 1);
    const tissue = 110 + 40 * (TEXTURE(at)[0] ?? NaN) + 40 * (TEXTURE(at)[5] ?? NaN);
    return Math.round(tissue + share * (30 - tissue));
  });
  return {
    ...made,
    volume: { ...made.volume, modality },
    image: { grid: IMAGE_GRID, values, scale: 1 },
  };
}

const small = series('1', 5);
const large = series('2', 10);

async function matchOf(calibration: object): Promise<Match> {
  const model = { ...SYNTHETIC_MODEL, matching: calibration };
  const points = [{ id: '1', lps: LESION }];
  const [outcome] = await matchPoints({ query: small, target: large, points, method: 'refined', model });
  if (!outcome?.ok) throw new Error('no answer');
  return outcome.match;
}

describe('a lesion that has changed so much that places farther off say where it is', () => {
  it.each([
    ['larger', 6, 16],
    ['smaller', 16, 6],
    ['appeared', 0, 16],
  ] as const)('is %s, with its diameters', (kind, before, after) => {
    const pair = [series(`b${before}`, before), series(`a${after}`, after)] as const;
    const found = matchRefined(searchSpaceOf(pair[0]), searchSpaceOf(pair[1]), LESION);
    expect([found?.step, found?.change?.kind]).toEqual(['farther', kind]);
    expect(found?.change?.queryDiameterMm ?? 0).toBeCloseTo(2 * before, -0.5);
    expect(found?.change?.targetDiameterMm).toBeCloseTo(2 * after, -0.5);
  });
});

describe('a lesion that has grown', () => {
  it('is said to be larger, with both diameters', () => {
    const found = matchRefined(searchSpaceOf(small), searchSpaceOf(large), LESION);
    expect(found?.change).toEqual({
      kind: 'larger',
      queryDiameterMm: expect.closeTo(10, -0.5) as number,
      targetDiameterMm: expect.closeTo(20, -0.5) as number,
    });
  });

  it('is said of the other direction, too', () => {
    const found = matchRefined(searchSpaceOf(large), searchSpaceOf(small), LESION);
    expect(found?.change?.kind).toBe('smaller');
  });

  it('is part of an answer that claims the same point, and of no other', async () => {
    const matched = await matchOf({ calibration: { refined: UNCALIBRATED } });
    expect([matched.verdict, matched.change?.kind]).toEqual(['matched', 'larger']);
    const uncertain = await matchOf({});
    expect([uncertain.verdict, uncertain.change]).toEqual(['uncertain', undefined]);
  });

  it('is not measured in MR, whose values differ from scan to scan', () => {
    const [a, b] = [series('3', 5, 'MR'), series('4', 10, 'MR')];
    expect(matchRefined(searchSpaceOf(a), searchSpaceOf(b), LESION)?.change).toBeUndefined();
  });
});

it('nothing is said of tissue without a lesion', () => {
  const [a, b] = [series('5', 0), series('6', 0)];
  expect(matchRefined(searchSpaceOf(a), searchSpaceOf(b), LESION)?.change).toBeUndefined();
});
