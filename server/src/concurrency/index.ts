/**
 * Foundation: worker threads for bytes that somebody else made.
 * @module
 */
export { collectGarbage } from './collectGarbage.ts';
export { answering } from './answering.ts';
export { createBoundedPool } from './boundedPool.ts';
export { takeTurns } from './turns.ts';
export { orAborted } from './orAborted.ts';
export { SingleFlight } from './singleFlight.ts';
export { giveBack } from './giveBack.ts';
export { atOnce, inTurns } from './inTurns.ts';
