import type { ReadFindings } from './types.ts';
/**
 * Reads the findings of a structured report, a segmentation or a structure set that anybody wrote. What cannot be read is counted, and
 * the rest given. The bytes decide how long it lasts: a server calls it in a thread ({@link createFindingsReader}).
 */
export declare function readFindings(part10: Uint8Array): ReadFindings;
