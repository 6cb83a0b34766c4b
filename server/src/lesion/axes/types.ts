import type { LpsPoint } from '../../geometry/index.ts';

/** Both ends of a diameter, LPS, mm. */
export type AxisEnds = readonly [LpsPoint, LpsPoint];

/** Diameters of a lesion. */
export interface Axes {
  readonly longAxis: AxisEnds;
  readonly shortAxis?: AxisEnds;
}

/** Diameters of a lesion of another scan, where they are expected. */
export interface ProposedAxes extends Axes {
  /** Moved to the edge of the lesion; else only turned by the map. */
  readonly isFitted: boolean;
  /** Of those that were moved to the edge: where the map puts the diameters of the query. */
  readonly carried?: Axes;
}
