/**
 * Objects of a study in the PACS: many read at a time, some of which the PACS may not give out; new ones stored once.
 * @module
 */
export { sideBySide } from './sideBySide.ts';
export { isStored, storeNew, Turns } from './storing.ts';
export type { ReportRef, StoreOptions, StoreParts } from './storing.ts';
export { TolerantRequests } from './tolerantRequests.ts';
