export { matchRefined } from './matchRefined.ts';
export { pairContextOf } from './pairContext.ts';
