/**
 * Messages between the server and its inference process, over Node's IPC channel with 'advanced' serialisation.
 *
 * Large arrays travel in pieces: one message of 160 MB blocks the event loop of the server for 150-200 ms, pieces of
 * 4 MiB for a few ms each (measured). No file is written on the way.
 * @module
 */
import type { Affine } from '../geometry/index.ts';
import type { VolumeModality, VolumeWarning } from '../volume/types.ts';
import type { Manifest } from './manifest.ts';

/** Execution providers of onnxruntime that can be asked for. */
export const EXECUTION_PROVIDERS = ['cuda', 'webgpu', 'coreml', 'dml', 'cpu'] as const;
export type ExecutionProvider = (typeof EXECUTION_PROVIDERS)[number];

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

/** A volume without identifiers; its voxels follow as array "voxels". */
export interface VolumeShape {
  readonly dims: readonly [number, number, number];
  readonly voxelToLps: Affine;
  readonly modality: VolumeModality;
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

/** A piece of an array; `total` is its length in elements. */
export interface Piece {
  readonly type: 'piece';
  readonly id: number;
  readonly name: string;
  readonly total: number;
  readonly offset: number;
  readonly data: PieceData;
}
export type PieceData = Int8Array | Uint8Array | Int16Array | Float32Array;

/** Server to inference process. */
export type ToWorker =
  | Piece
  | {
      readonly type: 'embed';
      readonly id: number;
      readonly model: ModelReference;
      /** Undefined: only open the model, so that the execution provider is known. */
      readonly volume: VolumeShape | undefined;
      readonly settings: InferenceSettings;
    }
  | { readonly type: 'cancel'; readonly id: number };

/** Inference process to server. */
export type FromWorker =
  | Piece
  /** Sent before a provider is tried: if the process dies now, the provider is to blame. */
  | { readonly type: 'trying'; readonly provider: ExecutionProvider }
  | {
      readonly type: 'running';
      readonly provider: ExecutionProvider;
      readonly refused: readonly RefusedProvider[];
    }
  | { readonly type: 'progress'; readonly id: number; readonly fraction: number }
  | {
      readonly type: 'done';
      readonly id: number;
      readonly maps: readonly MapShape[];
      /** Undefined when only the model was to be opened. */
      readonly image?: ImageShape;
      /** Where the series does not fit the model. */
      readonly warnings?: readonly VolumeWarning[];
    }
  | { readonly type: 'cancelled'; readonly id: number }
  | { readonly type: 'failed'; readonly id: number; readonly failure: WorkerFailure };

/** Size of a piece: large enough for the pipe, small enough for the event loop. */
const PIECE_BYTES = 4 * 1024 * 1024;

/** Sends `data` in pieces, each when the one before has left; stops early, without an error, when `signal` aborts. */
export async function sendArray(
  send: (piece: Piece) => Promise<void>,
  id: number,
  name: string,
  data: PieceData,
  signal?: AbortSignal,
): Promise<void> {
  const step = PIECE_BYTES / data.BYTES_PER_ELEMENT;
  for (let offset = 0; offset < data.length && signal?.aborted !== true; offset += step) {
    // A copy: serialising a view would otherwise send its whole buffer.
    const part = data.slice(offset, offset + step);
    await send({ type: 'piece', id, name, total: data.length, offset, data: part });
  }
}

/** Puts the pieces of the arrays of one request together. */
export class ArrayCollector {
  readonly #arrays = new Map<string, PieceData>();

  add({ name, total, offset, data }: Piece): void {
    const array = this.#arrays.get(name) ?? allocate(data, total);
    array.set(data, offset);
    this.#arrays.set(name, array);
  }

  /** The array of this name and kind; empty if none was sent. */
  take<A extends PieceData>(name: string, kind: new (length: number) => A): A {
    const array = this.#arrays.get(name);
    this.#arrays.delete(name);
    return array instanceof kind ? array : new kind(0);
  }

  /** The voxels of a volume, in the type they have. */
  takeVoxels(): Int16Array | Float32Array {
    const array = this.#arrays.get('voxels');
    return array instanceof Int16Array ? this.take('voxels', Int16Array) : this.take('voxels', Float32Array);
  }
}

/** An array of this realm, by the tag of what came over the wire: under a test runner it is of another realm. */
function allocate(sample: PieceData, length: number): PieceData {
  switch (sample[Symbol.toStringTag]) {
    case 'Int8Array':
      return new Int8Array(length);
    case 'Uint8Array':
      return new Uint8Array(length);
    case 'Int16Array':
      return new Int16Array(length);
    case 'Float32Array':
      return new Float32Array(length);
  }
}
