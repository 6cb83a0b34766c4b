import type { Embedding, EmbeddingMap } from '../embedding/index.ts';

/** What is kept of an embedding without its image. */
interface Parts {
  readonly modelId: string;
  readonly volume: Pick<Embedding['volume'], 'dims' | 'voxelToLps' | 'modality'>;
  readonly maps: readonly EmbeddingMap[];
  readonly bodyMask: Uint8Array;
}

/**
 * An embedding without image and identity: a voxel of nothing stands for the image, and slices have no UIDs. Points can be searched
 * with it as the query, as long as no patch of the images is registered.
 */
export function imageless({ modelId, volume, maps, bodyMask }: Parts): Embedding {
  const { dims, voxelToLps, modality } = volume;
  return {
    modelId,
    volume: {
      dims,
      voxelToLps,
      modality,
      slices: Array.from({ length: dims[2] }, () => ({ sopClassUid: '', sopInstanceUid: '' })),
      studyInstanceUid: '',
      seriesInstanceUid: '',
      frameOfReferenceUid: '',
      warnings: [],
    },
    maps,
    bodyMask,
    image: { grid: { dims: [1, 1, 1], voxelToLps }, values: new Int16Array(1), scale: 1 },
  };
}
