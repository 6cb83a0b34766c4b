import { previewImageOfEmbedding } from '../../embedding/index.ts';
import { lpsPoint } from '../../geometry/index.ts';
import { createMatcher, matchPoints } from '../matcher.ts';
import { gridOf, SYNTHETIC_MODEL, syntheticEmbedding } from './syntheticEmbedding.ts';
import { PLACES, queryEmbedding, targetEmbedding } from '../testing/affinePair.ts';

/** Two threads start, on a machine that is busy with other things, ms. */
const SLOW_MS = 60_000;
const GRID = gridOf([16, 15, 14], [4, 4, 4], [-30, 10, 100]);
const QUERY = syntheticEmbedding({ grid: GRID });
const shifted = (mm: number, name: string): typeof QUERY =>
  syntheticEmbedding({ grid: GRID, toAnatomy: (at) => lpsPoint(at[0] + mm, at[1], at[2]), name });
const TARGETS = [shifted(3, '2'), shifted(-5, '3')];
const PAIR = { query: QUERY, target: TARGETS[0]!, model: SYNTHETIC_MODEL };
const POINTS = Array.from({ length: 11 }, (_, n) => ({
  id: String(n),
  // The sixth lies outside the volume.
  lps: lpsPoint(-10 + 3 * n, 30 + n, n === 5 ? 20 : 120 + n),
}));

const matcher = createMatcher({ threads: 2 });
afterAll(() => matcher.close());

describe('the pool', () => {
  it(
    'answers as the calling thread does, in the order of the points, for several requests at a time',
    async () => {
      const requests = TARGETS.map((target) => ({
        query: QUERY,
        target,
        points: POINTS,
        method: 'nearest' as const,
        model: SYNTHETIC_MODEL,
      }));
      const pooled = await Promise.all(requests.map((request) => matcher.matchPoints(request)));
      for (const [n, request] of requests.entries()) {
        expect(pooled[n]).toEqual(await matchPoints(request));
        expect(pooled[n]?.map(({ ok }) => ok)).toEqual(POINTS.map((_, p) => p !== 5));
      }
    },
    SLOW_MS,
  );

  it(
    'precomputes a pair in shares as the calling thread does',
    async () => {
      for (const method of ['refined', 'field'] as const) {
        const points = PLACES.map((lps, n) => ({ id: String(n), lps }));
        const request = {
          query: queryEmbedding,
          target: targetEmbedding,
          points,
          method,
          model: SYNTHETIC_MODEL,
        };
        expect(await matcher.matchPoints(request)).toEqual(await matchPoints(request));
      }
    },
    SLOW_MS,
  );

  it('stops waiting when it is aborted, and answers the next request', async () => {
    const controller = new AbortController();
    const request = { ...PAIR, points: POINTS, method: 'nearest' as const };
    const running = matcher.matchPoints({ ...request, signal: controller.signal });
    controller.abort(new Error('disconnected'));
    await expect(running).rejects.toThrow('disconnected');
    const [outcome] = await matcher.matchPoints({ ...request, points: POINTS.slice(0, 1) });
    expect(outcome?.ok).toBe(true);
  });

  it(
    'warms up, and answers as before',
    async () => {
      await matcher.warmUp();
      const request = { ...PAIR, points: POINTS, method: 'nearest' as const };
      expect(await matcher.matchPoints(request)).toEqual(await matchPoints(request));
    },
    SLOW_MS,
  );

  it('previews in a thread as in the calling thread, and stops when aborted', async () => {
    const [query, target] = [previewImageOfEmbedding(QUERY), previewImageOfEmbedding(PAIR.target)];
    const request = { query, target, points: POINTS.slice(0, 3) };
    const callingThread = createMatcher({ threads: 0 });
    const seen = await matcher.previewPoints(request);
    expect(seen).toHaveLength(3);
    expect(seen).toEqual(await callingThread.previewPoints(request));
    const aborted = AbortSignal.abort(new Error('disconnected'));
    await expect(matcher.previewPoints({ ...request, signal: aborted })).rejects.toThrow('disconnected');
  });

  it('answers a request without points', async () => {
    const request = { ...PAIR, points: [], method: 'nearest' as const };
    expect(await matcher.matchPoints(request)).toEqual([]);
  });

  it('closes without having been used', async () => {
    await expect(createMatcher({ threads: 1 }).close()).resolves.toBeUndefined();
  });
});
