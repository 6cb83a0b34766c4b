/** Published checkpoints to installed models. @module */
export { importModel } from './importModel.ts';
export { PUBLISHED_KINDS } from './template.ts';
export type { PublishedKind } from './template.ts';
