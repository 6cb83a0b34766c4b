export { matchRefined } from './matchRefined.ts';
export { CONTEXT_STEPS } from './pairContext.ts';
