import type { Embedding } from '../../embedding/types.ts';
import { distanceMm, lpsPoint, seededNumbers, toLps } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import type { GlobalStep } from '../../model/index.ts';
import { indexOf } from '../../search/sampling.ts';
import { matchPoints } from '../../matching/matcher.ts';
import {
  gridOf,
  mapOf,
  planeWaves,
  SYNTHETIC_MODEL,
  syntheticEmbedding,
} from '../../matching/pool/syntheticEmbedding.ts';
import type { Match } from '../../matching/types.ts';

/** Upper bound on a machine that is busy with other things, ms. */
const SLOW_MS = 120_000;
const GRID = gridOf([24, 24, 24], [4, 4, 4], [0, 0, 0]);
const SHIFT = [14, -9, 18] as const;
const ANATOMY = planeWaves(64, 60, 7);
const PLACES = [lpsPoint(40, 50, 45), lpsPoint(55, 38, 30), lpsPoint(30, 61, 50)];

const moved = ([x, y, z]: LpsPoint, sign: 1 | -1): LpsPoint =>
  lpsPoint(x + sign * SHIFT[0], y + sign * SHIFT[1], z + sign * SHIFT[2]);

/** A series whose embedding says nothing of the anatomy; only its image does. */
function series(seed: number, toAnatomy: (lps: LpsPoint) => LpsPoint, gain: number): Embedding {
  const random = seededNumbers(seed);
  const made = syntheticEmbedding({
    grid: GRID,
    maps: [mapOf('fine', GRID, () => Float64Array.from({ length: 24 }, () => random() - 0.5))],
    name: String(seed),
  });
  const values = made.image.values.map((_, voxel) => {
    const waves = ANATOMY(toAnatomy(toLps(GRID.voxelToLps, indexOf(GRID.dims, voxel))));
    return 40 + gain * waves.reduce((sum, wave) => sum + wave, 0);
  });
  const modality = gain < 0 ? 'MR' : 'CT';
  return { ...made, volume: { ...made.volume, modality }, image: { ...made.image, values } };
}

async function answers(globalStep: GlobalStep): Promise<readonly Match[]> {
  // Made anew: what is computed of a pair is kept.
  const [query, target] = [series(1, (lps) => lps, 150), series(2, (lps) => moved(lps, -1), -150)];
  const points = PLACES.map((lps, n) => ({ id: String(n), lps }));
  const model = { ...SYNTHETIC_MODEL, matching: { globalStep } };
  const outcomes = await matchPoints({ query, target, points, method: 'refined', model });
  return outcomes.map((outcome) => {
    if (!outcome.ok) throw outcome.error;
    return outcome.match;
  });
}

it(
  'places a pair of two contrasts by the edges of its images, and claims nothing',
  async () => {
    for (const [n, { target: found, verdict, step }] of (await answers('edges')).entries()) {
      expect(distanceMm(found.lps, moved(PLACES[n]!, 1))).toBeLessThan(8);
      expect([verdict, step]).toEqual(['uncertain', 'neighbour-map']);
    }
  },
  SLOW_MS,
);

it('does not find them where the manifest does not say so', async () => {
  const errors = (await answers('embedding')).map(({ target: found }, n) =>
    distanceMm(found.lps, moved(PLACES[n]!, 1)),
  );
  expect(Math.max(...errors)).toBeGreaterThan(20);
});
