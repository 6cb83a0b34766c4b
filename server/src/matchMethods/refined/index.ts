export { matchRefined, placeEvidence, rivalOf } from './matchRefined.ts';
export { CONTEXT_STEPS, localSpaces } from './pairContext.ts';
export type { PairContext } from './types.ts';
