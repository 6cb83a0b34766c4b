import { distanceMm, lpsPoint, toLps, voxelIndex } from '../geometry/index.ts';
import type { Embedding } from '../embedding/index.ts';
import { matchPoints } from '../matching/index.ts';
import { SYNTHETIC_MODEL } from '../matching/pool/syntheticEmbedding.ts';
import { queryEmbedding, targetEmbedding, toTarget } from '../matching/testing/affinePair.ts';
import { cropAround, drawPair } from './index.ts';
import type { DrawnPair, DrawRequest, PairSeries } from './index.ts';

const SERIES: readonly PairSeries[] = [
  { name: 'a/1', patient: 'a' },
  { name: 'a/2', patient: 'a' },
];
const EMBEDDINGS: Readonly<Record<string, Embedding>> = { 'a/1': queryEmbedding, 'a/2': targetEmbedding };

function request(changes: Partial<DrawRequest> = {}): DrawRequest {
  return {
    series: SERIES,
    embeddingOf: ({ name }) => Promise.resolve(EMBEDDINGS[name]!),
    match: async (query, target, lps) => {
      const [outcome] = await matchPoints({
        query,
        target,
        points: [{ id: '', lps }],
        model: SYNTHETIC_MODEL,
      });
      return outcome?.ok === true ? { ...outcome.match, lps: outcome.match.target.lps } : undefined;
    },
    minScore: 0.7,
    seed: 7,
    ...changes,
  };
}

const drawn = async (
  numbers: readonly number[],
  changes?: Partial<DrawRequest>,
): Promise<(DrawnPair | undefined)[]> => {
  const pairs: (DrawnPair | undefined)[] = [];
  for (const number of numbers) pairs.push(await drawPair(request(changes), number));
  return pairs;
};

describe('drawPair', () => {
  it('gives places of the same anatomy: 95 % within 10 mm of the true map', async () => {
    const pairs = (await drawn(Array.from({ length: 40 }, (_, n) => n))).flatMap((pair) => pair ?? []);
    expect(pairs.length).toBeGreaterThan(30);
    const errors = pairs.map(({ a, b }) =>
      a.series === 'a/1' ? distanceMm(toTarget(a.lps), b.lps) : distanceMm(toTarget(b.lps), a.lps),
    );
    expect(errors.filter((mm) => mm <= 10).length / errors.length).toBeGreaterThanOrEqual(0.95);
  });

  it('depends on seed and number only, not on what was drawn before', async () => {
    const all = await drawn([0, 1, 2]);
    expect(await drawn([2])).toEqual(all.slice(2));
    expect(await drawn([2], { seed: 8 })).not.toEqual(all.slice(2));
    expect(all[0]).not.toEqual(all[1]);
  });

  it('keeps no pair below the score, or whose backward match lies elsewhere', async () => {
    const answer = { lps: lpsPoint(1, 2, 3), similarity: 0.9, cycleErrorMm: 1 };
    const match = (changes: Partial<typeof answer>) => (): Promise<typeof answer> =>
      Promise.resolve({ ...answer, ...changes });
    expect(await drawn([0], { match: match({ similarity: 0.69 }) })).toEqual([undefined]);
    expect(await drawn([0], { match: match({ cycleErrorMm: 9 }) })).toEqual([undefined]);
    expect(await drawn([0], { match: () => Promise.resolve(undefined) })).toEqual([undefined]);
    expect(await drawn([0], { match: match({}) })).toMatchObject([{ tries: 1, kind: 'within' }]);
  });

  it('draws within patients and between them, where there are both', async () => {
    const series = [...SERIES, { name: 'a/1', patient: 'b' }];
    const pairs = await drawn(
      Array.from({ length: 12 }, (_, n) => n),
      { series },
    );
    expect(new Set(pairs.map((pair) => pair?.kind))).toEqual(new Set(['within', 'between']));
  });
});

describe('cropAround', () => {
  const { image } = queryEmbedding;
  const at = (i: number, j: number, k: number): ReturnType<typeof lpsPoint> =>
    toLps(image.grid.voxelToLps, voxelIndex(i, j, k));

  it('has the place in its middle, with the values of the image', () => {
    const crop = cropAround(queryEmbedding, at(10, 9, 8), 6);
    expect(crop.dims).toEqual([6, 6, 6]);
    expect(toLps(crop.voxelToLps, voxelIndex(3, 3, 3))).toEqual(at(10, 9, 8));
    const [ni, nj] = image.grid.dims;
    expect(crop.data[(3 * 6 + 3) * 6 + 3]).toBe(image.values[(8 * nj + 9) * ni + 10]);
  });

  it('is air beyond the image', () => {
    const crop = cropAround(queryEmbedding, at(0, 0, 0), 6);
    expect(crop.data[0]).toBe(-1024);
    expect(crop.data[(3 * 6 + 3) * 6 + 3]).toBe(image.values[0]);
  });
});
