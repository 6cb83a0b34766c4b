import { smallEmbedding } from '../embedding/testing/smallEmbedding.ts';
import type { Embedding } from '../embedding/index.ts';
import type { EmbeddingKey } from '../embeddingCache/index.ts';
import { SamepointError } from '../errors/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import type { Match, MatchRequest, PointOutcome } from '../matching/index.ts';
import { createKeptMatches } from './keptMatches.ts';
import type { KeptMatches } from './keptMatches.ts';

const QUERY = smallEmbedding(1);
const TARGET = smallEmbedding(2);
const MODEL = { id: 'm', version: '1' } as MatchRequest['model'];

let keys: Map<Embedding, EmbeddingKey>;
let files: Map<string, Uint8Array>;
let computed: string[];
let requests: number;
/** Ids of points that cannot be matched. */
let failing: Set<string>;
beforeEach(() => {
  keys = new Map([QUERY, TARGET].map((one, index) => [one, String(index).repeat(64) as EmbeddingKey]));
  files = new Map();
  computed = [];
  requests = 0;
  failing = new Set();
});

function open(version = '1.2.3'): KeptMatches {
  const matchPoints = ({ points }: MatchRequest): Promise<readonly PointOutcome[]> => {
    requests += 1;
    computed.push(...points.map(({ id }) => id));
    const outcomes = points.map(({ id, lps }): PointOutcome => {
      const error = new SamepointError('matching/other-frame-of-reference', {
        given: '1',
        expected: '2',
      } as never);
      if (failing.has(id)) return { pointId: id, ok: false, error };
      return { pointId: id, ok: true, match: { similarity: lps[0] / 3 } as Match };
    });
    return Promise.resolve(outcomes);
  };
  const cache = {
    keyOf: (embedding: Embedding) => keys.get(embedding),
    getField: (key: object) => Promise.resolve(files.get(JSON.stringify(key))),
    putField: (key: object, bytes: Uint8Array) => {
      files.set(JSON.stringify(key), bytes);
      return Promise.resolve({ stored: true } as const);
    },
  };
  return createKeptMatches({ matchPoints, cache, version });
}

function requestOf(
  points: readonly (readonly [id: string, x: number])[],
  more: Partial<MatchRequest> = {},
): MatchRequest {
  const wanted = points.map(([id, x]) => ({ id, lps: lpsPoint(x, 2, 3), frameOfReferenceUid: '1.9' }));
  return { query: QUERY, target: TARGET, model: MODEL, points: wanted, ...more };
}

describe('kept answers', () => {
  test('are given under the names and in the order of the request, and nothing is computed', async () => {
    const { matchAndKeep } = open();
    const first = await matchAndKeep(
      requestOf([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(computed).toEqual(['a', 'b']);
    const again = await open().match(
      requestOf([
        ['x', 2],
        ['y', 1],
      ]),
    );
    expect(computed).toEqual(['a', 'b']);
    expect(again).toEqual([
      { ...first[1], pointId: 'x' },
      { ...first[0], pointId: 'y' },
    ]);
  });

  test('are completed by what is missing', async () => {
    await open().matchAndKeep(requestOf([['a', 1]]));
    const outcomes = await open().match(
      requestOf([
        ['n', 7],
        ['a', 1],
        ['m', 8],
      ]),
    );
    expect(computed).toEqual(['a', 'n', 'm']);
    expect(outcomes.map(({ pointId }) => pointId)).toEqual(['n', 'a', 'm']);
  });

  test('are those that no reader has requested', async () => {
    await open().match(requestOf([['a', 1]]));
    expect(files.size).toBe(0);
  });

  test('grow with further requests', async () => {
    await open().matchAndKeep(requestOf([['a', 1]]));
    await open().matchAndKeep(requestOf([['b', 2]]));
    await open().match(
      requestOf([
        ['a', 1],
        ['b', 2],
      ]),
    );
    expect(computed).toEqual(['a', 'b']);
  });

  test('are no failures: these are tried again', async () => {
    failing.add('a');
    await open().matchAndKeep(requestOf([['a', 1]]));
    failing.clear();
    expect(await open().match(requestOf([['a', 1]]))).toMatchObject([{ ok: true }]);
    expect(computed).toEqual(['a', 'a']);
  });

  test.each<readonly [string, Partial<MatchRequest>]>([
    ['method', { method: 'nearest' }],
    ['model', { model: { ...MODEL, version: '2' } }],
    ['direction', { query: TARGET, target: QUERY }],
    [
      'turn',
      { turn: [1, 0, 0, 0, 0, -1, 0, 0, 0, 0, -1, 0] as unknown as NonNullable<MatchRequest['turn']> },
    ],
    ['certainty of the sides', { isSideUnsure: true }],
  ])('are not those of another %s', async (_, more) => {
    await open().matchAndKeep(requestOf([['a', 1]]));
    await open().match(requestOf([['a', 1]], more));
    expect(computed).toEqual(['a', 'a']);
  });

  test('are not those of other images under the same UIDs, of another server, or of other diameters', async () => {
    await open().matchAndKeep(requestOf([['a', 1]]));
    const instances = [{ sopInstanceUid: '1.2.3', digest: 'other', encoded: '01', bytes: 1000 }];
    const other = { ...TARGET, origin: { instances } };
    keys.set(other, keys.get(TARGET)!);
    await open().match(requestOf([['other', 1]], { target: other }));
    await open('1.2.4').match(requestOf([['version', 1]]));
    const axes = { longAxis: [lpsPoint(0, 2, 3), lpsPoint(2, 2, 3)] } as const;
    const [point] = requestOf([['axes', 1]]).points;
    await open().match({ ...requestOf([]), points: [{ ...point!, axes }] });
    expect(computed).toEqual(['a', 'other', 'version', 'axes']);
  });

  test('do not stand before a request without points, which computes what a pair has before its first one', async () => {
    const { match } = open();
    await match(requestOf([]));
    expect(requests).toBe(1);
  });

  test('need both embeddings in the cache', async () => {
    keys.delete(TARGET);
    await open().matchAndKeep(requestOf([['a', 1]]));
    expect([files.size, computed]).toEqual([0, ['a']]);
  });
});
