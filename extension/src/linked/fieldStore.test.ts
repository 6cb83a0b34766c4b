/** The fields of pairs: requested one after the other, kept, and dropped when there are many. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { cancelled, unreachable } from '../client/failure.ts';
import { refOf } from '../testing/examples.ts';
import type { Field } from './field.ts';
import { FieldStore } from './fieldStore.ts';
import type { SeriesPair } from './fieldStore.ts';
import { fieldOf, sampleLattice } from './testing/encodeField.ts';

const lattice = sampleLattice({ min: [0, 0, 0], max: [10, 10, 10], spacingMm: 10, map: (lps) => lps });

function fieldOfPair(query: SeriesPair[0], target: SeriesPair[1]): Field {
  const end = (series: SeriesPair[0]) => ({ ...series, frameOfReferenceUid: '1' });
  return fieldOf({ query: end(query), target: end(target), forward: lattice, inverse: lattice });
}

const pairOf = (a: string, b: string): SeriesPair => [refOf(a), refOf(b)];
const settled = (): Promise<void> => new Promise((resolve) => setTimeout(resolve, 0));

let running: number;
let most: number;
let requested: string[];
let fails: boolean;
let store: FieldStore;

beforeEach(() => {
  running = 0;
  most = 0;
  requested = [];
  fails = false;
  const field: ConstructorParameters<typeof FieldStore>[0]['field'] = async ({ query, target }) => {
    requested.push(target.seriesInstanceUid);
    running += 1;
    most = Math.max(most, running);
    await settled();
    running -= 1;
    if (fails) throw unreachable(undefined);
    return fieldOfPair(query, target);
  };
  store = new FieldStore({ field }, undefined);
});

describe('fields', () => {
  test('are requested one after the other, once, whatever the order of the pair', async () => {
    store.want([pairOf('a', 'b'), pairOf('a', 'c')]);
    for (let turn = 0; turn < 6; turn += 1) await settled();
    store.want([pairOf('b', 'a'), pairOf('a', 'c')]);
    await settled();
    expect(requested).toEqual(['1.2.b.9', '1.2.c.9']);
    expect(most).toBe(1);
    expect(store.of(pairOf('c', 'a')).state).toBe('ready');
    expect(store.transfer('1.2.b.9', '1.2.c.9')).toBeDefined();
  });

  test('that failed are requested again only after a retry', async () => {
    fails = true;
    store.want([pairOf('a', 'b')]);
    await settled();
    await settled();
    expect(store.of(pairOf('a', 'b'))).toMatchObject({
      state: 'failed',
      failure: { code: 'viewer/unreachable' },
    });
    store.want([pairOf('a', 'b')]);
    await settled();
    expect(requested).toHaveLength(1);
    fails = false;
    store.retry();
    store.want([pairOf('a', 'b')]);
    await settled();
    await settled();
    expect(store.of(pairOf('a', 'b')).state).toBe('ready');
  });

  test('of many pairs: the first one is dropped for the last', async () => {
    const pairs = Array.from({ length: 13 }, (_, k) => pairOf('a', `s${k}`));
    for (const pair of pairs) {
      store.want([pair]);
      await settled();
      await settled();
    }
    expect(store.of(pairs[0]!).state).toBe('idle');
    expect(store.transfer('1.2.a.9', '1.2.s0.9')).toBeUndefined();
    expect(store.transfer('1.2.a.9', '1.2.s12.9')).toBeDefined();
  });

  test('are stopped with the mode: the request is aborted, and no other one starts', async () => {
    let aborted = false;
    store = new FieldStore(
      {
        field: ({ target }, { signal }) => {
          requested.push(target.seriesInstanceUid);
          return new Promise((_, reject) => {
            signal.addEventListener('abort', () => {
              aborted = true;
              reject(cancelled());
            });
          });
        },
      },
      undefined,
    );
    store.want([pairOf('a', 'b'), pairOf('a', 'c')]);
    store.stop();
    await settled();
    expect([aborted, requested, store.of(pairOf('a', 'b')).state]).toEqual([true, ['1.2.b.9'], 'idle']);
  });
});
