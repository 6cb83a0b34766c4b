import type { Volume, VolumeGeometry, VolumeWarning } from '../../volume/index.ts';
import type { DerivedSeries, RegistrationFacts, StageName } from '../../warp/index.ts';
import type { FieldRequest, ReadyField } from '../fields/types.ts';

/** A pair of series to be registered: `query` is the fixed one, `target` the moving one. */
export interface PairRegistrationRequest extends FieldRequest {
  readonly stage: StageName;
}

/** A registered pair. */
export interface PairRegistration extends ReadyField {
  readonly registration: RegistrationFacts;
  readonly fixed: VolumeGeometry;
  readonly moving: VolumeGeometry;
  readonly modelVersion: string;
  /** Of both series, and of how they lie against each other. */
  readonly warnings: readonly VolumeWarning[];
}

/** The moving series on the grid of the fixed one, while it is being resampled. */
export interface WarpedSeries {
  readonly moving: Volume;
  /** Slices of the fixed grid in their order, of the type of the moving series' values. */
  readonly slices: AsyncIterable<Int16Array | Float32Array>;
  /** Headers of the first image of both series. */
  headers(): Promise<Pick<DerivedSeries, 'fixedHeader' | 'movingHeader'>>;
}

/** What is done with a warped series. */
export interface WarpOptions {
  readonly signal?: AbortSignal | undefined;
  /** Sends the series; the voxels are in memory until it resolves. */
  readonly send: (series: WarpedSeries) => Promise<void>;
}
