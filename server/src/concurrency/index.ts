/**
 * Foundation: worker threads for bytes that somebody else made, turns for other work, cancellation, one computation for equal requests.
 * @module
 */
export { collectGarbage } from './collectGarbage.ts';
export { answering } from './answering.ts';
export { createBoundedPool } from './boundedPool.ts';
export { atOnce, cooperativeTurns, inTurns } from './turns.ts';
export { orAborted } from './orAborted.ts';
export { threadOptions } from './threadOptions.ts';
export { SingleFlight } from './singleFlight.ts';
export { shareOf } from './share.ts';
export type { Share } from './share.ts';
export { giveBack } from './giveBack.ts';
