/** Volume to embedding: models, and the inference process. @module */
export { contentOf } from './contentOf.ts';
export { createEmbedder } from './embedder.ts';
export type { Embedder, EmbedderOptions, EmbedOptions } from './embedder.ts';
export { previewImageOf, previewImageOfEmbedding } from './previewImage.ts';
export type {
  Embedding,
  EmbeddingMap,
  EmbedProgress,
  ImageMap,
  MapRole,
  SeriesOrigin,
  PreviewImage,
} from './types.ts';
