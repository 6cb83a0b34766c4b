export { matchRefined } from './matchRefined.ts';
export { pairImagesOf, pairStructureOf } from './pairContext.ts';
