/**
 * Messages between the server and its inference process, over Node's IPC channel. Large arrays travel another way
 * (arrayStream.ts): a message that needs them says how far that way has to be, as `sent`.
 * @module
 */
import type { Affine } from '../../geometry/index.ts';
import type { VolumeWarning } from '../../volume/types.ts';
import type { ExecutionProvider } from '../../model/index.ts';
import type { ModelReference, WorkerFailure, WorkingShape } from '../../preprocessing/types.ts';

/** A wanted provider that does not run, and why. */
export interface RefusedProvider {
  readonly provider: ExecutionProvider;
  readonly reason: string;
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
