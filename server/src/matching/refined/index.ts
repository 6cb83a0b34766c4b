export { matchRefined, rivalOf } from './matchRefined.ts';
export { CONTEXT_STEPS } from './pairContext.ts';
export type { PairContext } from './pairContext.ts';
