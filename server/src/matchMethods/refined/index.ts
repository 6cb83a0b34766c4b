export { matchRefined, rivalOf } from './matchRefined.ts';
export { CONTEXT_STEPS, localSpaces, placeEvidence } from './pairContext.ts';
export type { PairContext } from './types.ts';
