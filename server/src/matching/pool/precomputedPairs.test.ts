import { PrecomputedPairs } from './precomputedPairs.ts';
import type { Precompute } from './precomputedPairs.ts';
import { shareEmbedding } from '../../search/sharedEmbedding.ts';
import { gridOf, syntheticEmbedding } from './syntheticEmbedding.ts';

const GRID = gridOf([4, 4, 4], [4, 4, 4], [0, 0, 0]);
const [A, B, C] = ['1', '2', '3'].map((name) => shareEmbedding(syntheticEmbedding({ grid: GRID, name })));
const [a, b, c] = [A!, B!, C!];

/** States that only this test looks into; the method requested here is always `refined`. */
function making(make: (work: Parameters<Precompute>[0]) => Promise<object>): Precompute {
  return make as unknown as Precompute;
}

describe('PrecomputedPairs', () => {
  it('precomputes a pair once, in each direction, also when requested twice at a time', async () => {
    const requested: string[] = [];
    const pairs = new PrecomputedPairs(
      making(({ query, target }) => {
        requested.push(`${query.id - a.id}>${target.id - a.id}`);
        return Promise.resolve({ of: requested.length });
      }),
    );
    const both = await Promise.all([
      pairs.get({ query: a, target: b, method: 'refined' }),
      pairs.get({ query: a, target: b, method: 'refined' }),
    ]);
    expect(both[0]).toBe(both[1]);
    await pairs.get({ query: b, target: a, method: 'refined' });
    await pairs.get({ query: a, target: c, method: 'refined' });
    expect(requested).toEqual(['0>1', '1>0', '0>2']);
  });

  it('requests nothing where the method has nothing to precompute', async () => {
    const pairs = new PrecomputedPairs(() => Promise.reject(new Error('requested')));
    await expect(pairs.get({ query: a, target: b, method: 'structural' })).resolves.toBeUndefined();
  });

  it('tries again after a failure', async () => {
    let calls = 0;
    const pairs = new PrecomputedPairs(
      making(() => (++calls === 1 ? Promise.reject(new Error('out of memory')) : Promise.resolve({ calls }))),
    );
    const work = { query: a, target: b, method: 'refined' } as const;
    await expect(pairs.get(work)).rejects.toThrow('out of memory');
    expect(await pairs.get(work)).toEqual({ calls: 2 });
  });

  it('keeps no more bytes than it may, those used last, and one pair always', async () => {
    let calls = 0;
    const pairs = new PrecomputedPairs(
      making(() => Promise.resolve({ call: ++calls, nodes: [new Uint8Array(60)] })),
      130,
    );
    const get = (query: typeof a, target: typeof a): Promise<unknown> =>
      pairs.get({ query, target, method: 'refined' });
    await get(a, b);
    await get(a, c);
    await get(a, b);
    await get(b, c);
    expect(calls).toBe(3);
    await get(a, b);
    expect(calls).toBe(3);
    await get(a, c);
    expect(calls).toBe(4);
    const tight = new PrecomputedPairs(
      making(() => Promise.resolve({ call: ++calls, nodes: new Uint8Array(60) })),
      10,
    );
    const work = { query: a, target: b, method: 'refined' } as const;
    expect(await tight.get(work)).toBe(await tight.get(work));
  });
});
