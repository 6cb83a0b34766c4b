/**
 * Messages between the server and its inference process, over Node's IPC channel. Large arrays travel another way
 * (arrayStream.ts): a message that needs them says how far that way has to be, as `sent`.
 * @module
 */
import type { Affine } from '../../geometry/index.ts';
import type { Grid, VolumeModality, VolumeWarning } from '../../volume/types.ts';
import type { ExecutionProvider, Manifest } from '../../model/index.ts';
import type { TensorDims } from '../input/preprocess.ts';

/** A wanted provider that does not run, and why. */
export interface RefusedProvider {
  readonly provider: ExecutionProvider;
  readonly reason: string;
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

/** Settings of the inference process. */
export interface InferenceSettings {
  readonly providers: readonly ExecutionProvider[];
  readonly threads: number;
  readonly slabMemoryBytes: number;
}

/** A map whose arrays follow as "vectors:<n>" and "inverseNorms:<n>". */
export interface MapShape {
  readonly role: 'fine' | 'coarse' | 'semantic';
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
  readonly channels: number;
}

/** The image of an embedding, whose values follow as "image"; see ImageMap. */
export interface ImageShape {
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
  readonly scale: number;
}

/** Errors that the inference process reports by code; the server adds the class. */
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

/** Server to inference process. */
export type ToWorker =
  | {
      readonly type: 'embed';
      readonly id: number;
      readonly model: ModelReference;
      /** Undefined: only open the model, so that the execution provider is known. */
      readonly volume: (WorkingShape & { readonly imageScale: number }) | undefined;
      readonly settings: InferenceSettings;
      /** Position of the arrays (arrayStream.ts) after those of the volume. */
      readonly sent: number;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** File descriptor of the arrays' socket in the inference process; 3 is the IPC channel. */
export const ARRAYS_FD = 4;
/** Those of the memory that the server writes, and of what it reads; only with the argument {@link WITH_MEMORY}. */
export const [TO_WORKER_FD, FROM_WORKER_FD] = [5, 6];
export const WITH_MEMORY = '--with-memory';

/** Inference process to server. */
export type FromWorker =
  /** Sent before a provider is tried: if the process dies now, the provider is to blame. */
  | { readonly type: 'trying'; readonly provider: ExecutionProvider }
  | {
      readonly type: 'running';
      readonly provider: ExecutionProvider;
      readonly refused: readonly RefusedProvider[];
    }
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number }
  | (Ending & { readonly sent: number });

/** The last message about a request. */
export type Ending =
  | {
      readonly type: 'done';
      readonly id: number;
      readonly maps: readonly MapShape[];
      /** Undefined when only the model was to be opened. */
      readonly image?: ImageShape;
      /** Where the model does not apply to the series. */
      readonly warnings?: readonly VolumeWarning[];
    }
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WorkerFailure };
