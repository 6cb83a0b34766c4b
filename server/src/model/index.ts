/** What a model is: its manifest, its files, the folder that holds several. @module */
export { EXECUTION_PROVIDERS } from './executionProviders.ts';
export type { ExecutionProvider } from './executionProviders.ts';
export { hasExternalData } from './externalData.ts';
export { IMAGE_TENSOR, alignmentOf, manifestFor, manifestSchema, tensorStrides } from './manifest.ts';
export type {
  ErrorCalibration,
  GraphManifest,
  IntensityMap,
  Manifest,
  OutputManifest,
  RoleWeights,
} from './manifest.ts';
export { FEATURES, MATCH_METHODS, MATCH_STEPS } from './matchingTerms.ts';
export type { Feature, GlobalStep, MatchMethod, MatchStep } from './matchingTerms.ts';
export { WIRE, readVarint } from './protobuf.ts';
export { loadModels } from './registry.ts';
export type { Model, ModelRegistry } from './registry.ts';
