import { isSamepointError } from '../errors/index.ts';
import { shareEmbedding } from './sharedEmbedding.ts';
import { gridOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';

const GRID = gridOf([5, 4, 3], [4, 4, 4], [0, 0, 0]);

describe('shareEmbedding', () => {
  it('copies every value, and does not change the embedding', () => {
    const embedding = syntheticEmbedding({ grid: GRID });
    const { maps, bodyMask, image } = embedding;
    const before = structuredClone({ maps, bodyMask, image });
    const { memory, embedding: made } = shareEmbedding(embedding);
    expect({ maps: made.maps, bodyMask: made.bodyMask, image: made.image }).toEqual(before);
    const arrays = made.maps.flatMap(({ vectors, inverseNorms }) => [vectors, inverseNorms]);
    for (const array of [...arrays, made.bodyMask, made.image.values])
      expect(array.buffer).toBe(memory.buffer);
    expect(embedding).toMatchObject({ maps, bodyMask, image });
    expect(embedding.maps[0]?.vectors).toBe(maps[0]?.vectors);
    expect(embedding.bodyMask).toBe(bodyMask);
    expect(embedding.image.values).toBe(image.values);
    expect(embedding.volume.slices).toHaveLength(6);
  });

  it('carries no list that grows with the slices: threads get it with every point', () => {
    const instances = [{ sopInstanceUid: '1.2.3', sopClassUid: '1.2', digest: 'a' }] as never;
    const { embedding } = shareEmbedding({ ...syntheticEmbedding({ grid: GRID }), origin: { instances } });
    expect(embedding).not.toHaveProperty('origin');
    expect(embedding.volume.slices).toEqual([]);
  });

  it('holds a series once whose arrays lie in shared memory', () => {
    const { embedding } = shareEmbedding(syntheticEmbedding({ grid: GRID }));
    const shared = shareEmbedding(embedding);
    expect(shared.memory).toBe(embedding.memory);
    for (const [n, map] of embedding.maps.entries())
      expect(shared.embedding.maps[n]?.vectors).toBe(map.vectors);
    expect(shared.embedding.bodyMask).toBe(embedding.bodyMask);
  });

  it('shares an embedding once, and another one under another id', () => {
    const [one, other] = [syntheticEmbedding({ grid: GRID }), syntheticEmbedding({ grid: GRID })];
    expect(shareEmbedding(one)).toBe(shareEmbedding(one));
    expect(shareEmbedding(other).id).not.toBe(shareEmbedding(one).id);
  });

  it('does not change an embedding that it cannot share', () => {
    const embedding = syntheticEmbedding({ grid: GRID, bodyMask: new Uint8Array(60) });
    const { bodyMask } = embedding;
    let thrown: unknown;
    try {
      shareEmbedding(embedding);
    } catch (error) {
      thrown = error;
    }
    expect(isSamepointError(thrown) && thrown.code).toBe('matching/no-body');
    expect(embedding.bodyMask).toBe(bodyMask);
  });
});
