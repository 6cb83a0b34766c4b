export { matchRefined, placeEvidence, rivalOf } from './matchRefined.ts';
export { CONTEXT_STEPS, localSpace } from './pairContext.ts';
export type { PairContext } from './pairContext.ts';
