/** An embedding of a few bytes, for tests of what keeps them. @module */
import { affineFromColumns } from '../../geometry/index.ts';
import type { Embedding } from '../types.ts';

const AFFINE = affineFromColumns([4, 0, 0], [0, 4, 0], [0, 0, 4], [-10.5, 20.25, 1 / 3]);
/** 3 x 2 x 2 voxels of three channels; `seed` makes them different. Odd sizes, so that nothing is aligned by luck. */
export function smallEmbedding(seed: number): Embedding {
  const dims = [3, 2, 2] as const;
  return {
    modelId: 'toy',
    volume: {
      dims: [5, 5, 2],
      voxelToLps: AFFINE,
      slices: [
        { sopClassUid: '1.2', sopInstanceUid: '1.2.3' },
        { sopClassUid: '1.2', sopInstanceUid: '1.2.4', frameNumber: 2 },
      ],
      studyInstanceUid: '1.1',
      seriesInstanceUid: '1.2',
      frameOfReferenceUid: '1.3',
      modality: 'CT',
      warnings: [{ code: 'volume/gap', message: 'one slice is missing' }],
    },
    maps: [
      {
        role: 'fine',
        grid: { dims, voxelToLps: AFFINE },
        channels: 3,
        weight: 1,
        vectors: Int8Array.from({ length: 36 }, (_, index) => index * seed),
        inverseNorms: Float32Array.from({ length: 12 }, (_, index) => 1 / (index + seed)),
      },
    ],
    bodyMask: Uint8Array.from({ length: 12 }, (_, index) => index % 2),
    image: {
      grid: { dims: [3, 3, 3], voxelToLps: AFFINE },
      values: Int16Array.from({ length: 27 }, (_, index) => 1000 - index * 77 * seed),
      scale: 0.25,
    },
    origin: {
      patientId: 'ab12',
      instances: [
        { sopInstanceUid: '1.2.3', digest: '0123456789abcdef', encoded: '01', bytes: 1000 },
        { sopInstanceUid: '1.2.4', digest: 'fedcba9876543210', encoded: '02', bytes: 1200 },
      ],
    },
  };
}

/** An embedding without the memory that its arrays lie in, to be compared by its values. */
export function arraysOf(embedding: Embedding | undefined): object | undefined {
  return embedding && { ...embedding, memory: undefined };
}
