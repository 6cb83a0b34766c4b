import { isSamepointError } from '../errors/index.ts';
import { shareEmbedding } from './sharedEmbedding.ts';
import { gridOf, syntheticEmbedding } from '../matching/pool/syntheticEmbedding.ts';

const GRID = gridOf([5, 4, 3], [4, 4, 4], [0, 0, 0]);

describe('shareEmbedding', () => {
  it('keeps every value, and holds a series once: the embedding itself reads the shared memory', () => {
    const embedding = syntheticEmbedding({ grid: GRID });
    const before = embedding.maps.map(({ vectors, inverseNorms }) => [vectors.slice(), inverseNorms.slice()]);
    const image = embedding.image.values.slice();
    const shared = shareEmbedding(embedding);
    const { buffer } = shared.memory;
    for (const [n, map] of embedding.maps.entries()) {
      expect([map.vectors, map.inverseNorms]).toEqual(before[n]);
      expect(map.vectors.buffer).toBe(buffer);
      expect(shared.embedding.maps[n]?.vectors).toBe(map.vectors);
    }
    expect(embedding.image.values).toEqual(image);
    expect(embedding.image.values.buffer).toBe(buffer);
    expect(embedding.bodyMask.buffer).toBe(buffer);
    expect(embedding.volume.slices).toHaveLength(6);
  });

  it('shares an embedding once, and another one under another id', () => {
    const [one, other] = [syntheticEmbedding({ grid: GRID }), syntheticEmbedding({ grid: GRID })];
    expect(shareEmbedding(one)).toBe(shareEmbedding(one));
    expect(shareEmbedding(other).id).not.toBe(shareEmbedding(one).id);
  });

  it('leaves an embedding alone that it cannot share', () => {
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
