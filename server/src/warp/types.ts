import type { Affine, LpsPoint } from '../geometry/index.ts';
import type { Grid, VolumeModality } from '../volume/types.ts';

/** How a pair is registered; see docs/registration.md. */
export const STAGES = ['affine', 'same', 'samconvex-features', 'samconvex', 'field'] as const;
export type StageName = (typeof STAGES)[number];

/** A smooth map of the fixed series to the moving one: an affine map of the whole body, and what is added to it on a lattice. */
export interface DisplacementField {
  /** Lattice in the world of the fixed series, aligned with the axes of the patient. */
  readonly grid: Grid;
  /** Of the whole body, LPS mm to LPS mm. */
  readonly affine: Affine;
  /** Added to what the affine map gives: three per node, LPS mm, i fastest. Beyond the lattice, those of its faces count. */
  readonly residuals: Float32Array;
}

/** A value for each node of a lattice, interpolated in between. */
export interface ScalarField {
  readonly grid: Grid;
  /** i fastest. */
  readonly values: Float32Array;
}

/** What a stage found. */
export interface StageResult {
  readonly affine: Affine;
  /** Undefined for a stage that is an affine map only. */
  readonly placeOf?: (lps: LpsPoint) => LpsPoint | undefined;
  /** Radius that holds the true place of a point with 90 % probability, mm; absent for a stage that has none. */
  readonly errorRadiusAt?: (lps: LpsPoint) => number | undefined;
  /** Points or nodes whose matches the map rests on, and of how many that were looked at. */
  readonly kept: number;
  readonly tried: number;
  /** Every number that decides the result, by its name. */
  readonly parameters: Readonly<Record<string, number>>;
}

/** Voxels on a grid, in modality units. */
export interface Voxels extends Grid {
  readonly data: Int16Array | Float32Array;
  readonly modality?: VolumeModality;
}
