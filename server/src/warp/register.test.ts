import { affineFromColumns, seededNumbers } from '../geometry/index.ts';
import { queryEmbedding, targetEmbedding } from '../matching/testing/affinePair.ts';
import type { Embedding } from '../embedding/types.ts';
import { isSamepointError } from '../errors/index.ts';
import { factsOf, registerPair } from './register.ts';
import { STAGES } from './types.ts';

const MODEL = { id: queryEmbedding.modelId, version: '1', matching: {} };
const PAIR = { query: queryEmbedding, target: targetEmbedding, model: MODEL } as const;

/** The same body, whose vectors have nothing to do with those of any other. */
function unrelated(embedding: Embedding): Embedding {
  const random = seededNumbers(5);
  const { modelId, volume, bodyMask, image } = embedding;
  return {
    ...{ modelId, volume, bodyMask, image },
    maps: embedding.maps.map((map) => ({
      ...map,
      vectors: Int8Array.from(map.vectors, () => Math.round(254 * random() - 127)),
      inverseNorms: map.inverseNorms.slice(),
    })),
  };
}

function codeOf(work: () => unknown): string | undefined {
  try {
    work();
  } catch (error) {
    if (isSamepointError(error)) return error.code;
    throw error;
  }
  return undefined;
}

describe('a pair that cannot be registered', () => {
  it.each(STAGES)('shows no common part of a body: %s', (stage) => {
    expect(codeOf(() => registerPair({ ...PAIR, target: unrelated(targetEmbedding), stage }))).toBe(
      'register/no-overlap',
    );
  });

  it('is a mirror image', () => {
    const turn = affineFromColumns([-1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]);
    expect(codeOf(() => registerPair({ ...PAIR, stage: 'affine', turn }))).toBe('register/mirrored');
  });
});

describe('the facts of a registration', () => {
  it('are plain data, which a thread can send', () => {
    const facts = factsOf(registerPair({ ...PAIR, stage: 'field' }));
    expect(structuredClone(facts)).toEqual(facts);
  });
});
