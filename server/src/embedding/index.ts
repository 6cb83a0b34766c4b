/** Volume to embedding: models, and the inference process. @module */
export { contentOf } from './contentOf.ts';
export { createEmbedder } from './embedder.ts';
export type { Embedder, EmbedderOptions, EmbedOptions } from './embedder.ts';
export type { ExecutionProviderReport } from './process/inferenceProcess.ts';
export { hasLibrary, thisGraphicsMachine, webgpuLacks } from './inference/vulkan.ts';
export type { GraphicsMachine } from './inference/vulkan.ts';
export { PREPROCESSING_VERSION } from './input/preprocess.ts';
export { previewImageOf, previewImageOfEmbedding } from './input/previewImage.ts';
export type {
  Embedding,
  EmbeddingMap,
  EmbedProgress,
  ImageMap,
  MapRole,
  SeriesOrigin,
  PreviewImage,
} from './types.ts';
