/**
 * Studies that have arrived in the PACS, precomputed before a reader opens them.
 * @module
 */
export { watchArrivals } from './arrivals.ts';
export type { Arrivals } from './arrivals.ts';
export { changesSince } from './orthanc.ts';
export type { OpenDuty } from './duty.ts';
export { redisDuties } from './redisDuties.ts';
export { stateFile } from './state.ts';
export { dayOf } from './days.ts';
export type { ArrivalOutcome, WatchedSource } from './types.ts';
