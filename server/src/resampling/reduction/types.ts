import type { Vector } from '../../geometry/index.ts';

/** How the pixels around a sample become its value: interpolated between those beside it, or averaged over a voxel of the grid. */
export type Layer = 'points' | 'means';

/** The grid that a series is read for. */
export interface Sampling {
  /** Edge of a voxel, mm. */
  readonly spacingMm: number;
  /** Whether the model reads averages; the image beside an embedding always does. */
  readonly antialias: boolean;
}

/** Samples of one axis of a slice: at pixel offset + scale * n. */
export interface AxisPlan {
  readonly pixels: number;
  readonly samples: number;
  readonly offset: number;
  /** Pixels per sample; negative where pixels and grid run in opposite directions. */
  readonly scale: number;
}

/** The size, directions and spacing of a slice, as in a frame header. */
export interface SliceForm {
  readonly columns: number;
  readonly rows: number;
  readonly alongRow: Vector;
  readonly alongColumn: Vector;
  readonly pixelSpacing: readonly [number, number];
}

/** What is kept of each slice. */
export interface InPlanePlan {
  /** Slices of this form; others keep all their pixels. */
  readonly of: SliceForm;
  readonly layers: readonly Layer[];
  /** Along a row. */
  readonly u: AxisPlan;
  /** Along a column. */
  readonly v: AxisPlan;
  /** Finest resolution levels that a decoder may omit at most. */
  readonly level: number;
}
