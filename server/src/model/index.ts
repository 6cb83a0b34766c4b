/** What a model is: its manifest, its files, the folder that holds several. @module */
export { EXECUTION_PROVIDERS } from './executionProviders.ts';
export type { ExecutionProvider } from './executionProviders.ts';
export { manifestSchema } from './manifest.ts';
export type {
  ErrorCalibration,
  GraphManifest,
  IntensityMap,
  Manifest,
  OutputManifest,
  RoleWeights,
} from './manifestShape.ts';
export { FEATURES, MATCH_METHODS, MATCH_STEPS } from './types.ts';
export type { Feature, GlobalStep, MatchMethod, MatchStep } from './types.ts';
export { loadModels } from './registry.ts';
export type { Model, ModelRegistry } from './registry.ts';
