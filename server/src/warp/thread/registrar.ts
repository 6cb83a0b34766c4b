/**
 * Registration and resampling in worker threads: the calling thread answers other requests meanwhile.
 * @module
 */
import { extname } from 'node:path';
import { createBoundedPool } from '../../concurrency/index.ts';
import { toLps, voxelIndex } from '../../geometry/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { shareEmbedding } from '../../search/index.ts';
import type { Grid, Volume } from '../../volume/types.ts';
import { OUTSIDE } from '../files/images.ts';
import type { RegisterRequest, RegistrationFacts } from '../register.ts';
import type { DisplacementField } from '../types.ts';
import type { WarpAnswer, WarpTask } from './task.ts';

/** A registration, and slices of another one. */
const THREADS = 2;
/** A registration needs half a minute of a processor; it may wait for others. */
const TIMEOUT_MS = 1_800_000;
const HEAP_MIB = 2_048;
/** Values that a thread resamples at a time: a tenth of a second. */
const VALUES_AT_A_TIME = 2 ** 19;

/** What is resampled. */
export interface WarpRequest {
  readonly fixed: Grid;
  readonly moving: Volume;
  readonly field: DisplacementField;
  readonly signal?: AbortSignal | undefined;
}

/** Registers and resamples. */
export interface Registrar {
  /** @throws SamepointError as `registerPair`; the signal's reason when it is aborted, which ends the thread */
  register(
    request: RegisterRequest & { readonly signal?: AbortSignal | undefined },
  ): Promise<RegistrationFacts>;
  /** The moving series on the grid of the fixed one, slice by slice, as `warpedImage` has it. */
  warp(request: WarpRequest): AsyncGenerator<Int16Array | Float32Array, void>;
  close(): Promise<void>;
}

/** Starts no thread before there is work. */
export function createRegistrar(): Registrar {
  const pool = createBoundedPool<WarpTask, WarpAnswer>({
    worker: new URL(`./worker${extname(import.meta.url)}`, import.meta.url),
    threads: THREADS,
    timeoutMs: TIMEOUT_MS,
    heapMb: HEAP_MIB,
  });
  return {
    async register({ query, target, model, stage, turn, signal }) {
      const pair = { query: shareEmbedding(query), target: shareEmbedding(target) };
      const answer = await pool.run({ kind: 'register', ...pair, model, stage, turn }, [], signal);
      if (!('field' in answer)) throw new RangeError('the thread gave no registration');
      return answer;
    },
    async *warp({ fixed, moving, field, signal }) {
      const { dims, voxelToLps, modality } = moving;
      const task = {
        kind: 'warp',
        moving: { dims, voxelToLps, data: shared(moving.data) },
        field: { ...field, residuals: shared(field.residuals) },
        outside: OUTSIDE[modality],
      } as const;
      const cells = fixed.dims[0] * fixed.dims[1];
      const atATime = Math.max(Math.floor(VALUES_AT_A_TIME / cells), 1);
      for (let k = 0; k < fixed.dims[2]; k += atATime) {
        const grid = slicesOf(fixed, k, Math.min(atATime, fixed.dims[2] - k));
        const values = await pool.run({ ...task, grid }, [], signal);
        if ('field' in values) throw new RangeError('the thread gave no slices');
        for (let at = 0; at < values.length; at += cells) yield values.subarray(at, at + cells);
      }
    },
    close: () => pool.close(),
  };
}

/** Some slices of a grid. */
function slicesOf({ dims: [ni, nj], voxelToLps: m }: Grid, first: number, count: number): Grid {
  const [x, y, z] = toLps(m, voxelIndex(0, 0, first));
  const voxelToLps: Affine = [m[0], m[1], m[2], x, m[4], m[5], m[6], y, m[8], m[9], m[10], z];
  return { dims: [ni, nj, count], voxelToLps };
}

/** A copy in memory that threads share: no slice costs another one. */
function shared<T extends Int16Array | Float32Array>(values: T): T {
  const memory = new SharedArrayBuffer(values.byteLength);
  const copy = values instanceof Int16Array ? new Int16Array(memory) : new Float32Array(memory);
  copy.set(values);
  return copy as T;
}
