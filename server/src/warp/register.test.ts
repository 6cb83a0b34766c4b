import { affineFromColumns, seededNumbers } from '../geometry/index.ts';
import { queryEmbedding, targetEmbedding } from '../matching/testing/affinePair.ts';
import type { Embedding } from '../embedding/types.ts';
import { factsOf, registerPair } from './register.ts';
import { STAGES } from './types.ts';

const MODEL = { id: queryEmbedding.modelId, version: '1', matching: {} };
const PAIR = { query: queryEmbedding, target: targetEmbedding, model: MODEL } as const;

/** The same body, whose vectors have nothing to do with those of any other. */
function unrelated(embedding: Embedding): Embedding {
  const random = seededNumbers(5);
  const { memory: _memory, ...rest } = embedding;
  return {
    ...rest,
    maps: embedding.maps.map((map) => ({
      ...map,
      vectors: Int8Array.from(map.vectors, () => Math.round(254 * random() - 127)),
      inverseNorms: map.inverseNorms.slice(),
    })),
  };
}

describe('a pair that cannot be registered', () => {
  it.each(STAGES)('shows no common part of a body: %s', (stage) => {
    expect(() => registerPair({ ...PAIR, target: unrelated(targetEmbedding), stage })).toThrow(
      expect.objectContaining({ code: 'register/no-overlap' }),
    );
  });

  it('is a mirror image', () => {
    const turn = affineFromColumns([-1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    expect(() => registerPair({ ...PAIR, stage: 'affine', turn })).toThrow(
      expect.objectContaining({ code: 'register/mirrored' }),
    );
  });
});

describe('the facts of a registration', () => {
  it('are plain data, which a thread can send', () => {
    const facts = factsOf(registerPair({ ...PAIR, stage: 'field' }));
    expect(structuredClone(facts)).toEqual(facts);
  });
});
