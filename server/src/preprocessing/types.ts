import type { Manifest } from '../model/index.ts';
import type { Grid, VolumeModality } from '../volume/types.ts';
import type { TensorDims } from './preprocess.ts';

/**
 * The intensities of the series on the model's working grid (patient axes, no padding; cut to the body where the model
 * is). Averaged over each voxel whatever the model reads: it is there to be registered, and aliasing is noise.
 */
export interface ImageMap {
  readonly grid: Grid;
  /** i fastest, then j, then k. Modality value = value * scale; beyond the volume what the manifest calls `outside`. */
  readonly values: Int16Array;
  /** CT: 1, so values are HU. MR and PT: chosen so that the largest magnitude uses the range of int16. */
  readonly scale: number;
}

/** What the inference process needs of a model. */
export interface ModelReference {
  readonly id: string;
  readonly directory: string;
  readonly manifest: Manifest;
}

/** A resampled volume without identifiers, whose arrays follow as "input" and "image". */
export interface WorkingShape {
  /** Of the series' own volume. */
  readonly sourceDims: readonly [number, number, number];
  readonly modality: VolumeModality;
  /** Without the padding. */
  readonly grid: Grid;
  /** Of the padded input. */
  readonly inputDims: TensorDims;
}

/** Errors that threads and the inference process report by code; the server adds the class. */
export type WorkerFailure =
  | { readonly code: 'embedding/model-failed'; readonly fields: { model: string; problem: string } }
  | { readonly code: 'embedding/model-unreadable'; readonly fields: { file: string; problem: string } }
  | {
      readonly code: 'embedding/model-corrupt';
      readonly fields: { file: string; expected: string; found: string };
    }
  | { readonly code: 'embedding/no-body'; readonly fields: { model: string; dims: readonly number[] } }
  | {
      readonly code: 'embedding/volume-too-large';
      readonly fields: { dims: readonly number[]; limit: number };
    };
