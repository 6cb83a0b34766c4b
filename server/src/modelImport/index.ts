/** Published checkpoints to installed models. @module */
export { importModel } from './importModel.ts';
export { quantiseModel } from './quantise.ts';
export { PUBLISHED_KINDS } from './template.ts';
export type { PublishedKind } from './template.ts';
