import type { LpsPoint } from '../geometry/index.ts';
type Ends = readonly [LpsPoint, LpsPoint];
/**
 * The longest diameter of a closed line and the longest one at right angles to it, LPS, mm; none of a line that follows no edge.
 * @param outline in order, in a plane
 */
export declare function diametersOf(outline: readonly LpsPoint[]): readonly Ends[];
export {};
