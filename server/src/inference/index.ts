/**
 * The inference process: runs the graphs of a model on a preprocessed volume, and packs what they give.
 * @module
 */
export { InferenceProcess } from './process/inferenceProcess.ts';
export type {
  ExecutionProviderReport,
  ForkWorker,
  InferenceAnswer,
  InferenceRequest,
} from './process/inferenceProcess.ts';
export { hasLibrary, thisGraphicsMachine, webgpuLacks } from './vulkan.ts';
export type { GraphicsMachine } from './vulkan.ts';
