/**
 * Volumes to the grid of a model, in threads of the server: there the voxels are, and no copy of them is needed.
 * @module
 */
import { isArrayBuffer } from 'node:util/types';
import { extname } from 'node:path';
import { Piscina } from 'piscina';
import { threadOptions } from '../concurrency/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { ErrorCode } from '../errors/index.ts';
import type { AnonymousVolume, WorkingVolume } from './workingVolume.ts';
import type { ModelReference } from './types.ts';
import { warmUpTask } from './warmUp.ts';
import type { ResampleAnswer, ResampleTask } from './resampleWorker.ts';

/** The two volumes of a pair. */
const THREADS = 2;

/** How {@link Resampler.resample} reads a volume. */
export interface ResampleOptions {
  readonly signal?: AbortSignal | undefined;
  /** Hands the voxels over, without a copy, and gives their memory back when they are resampled: `data` has none afterwards. */
  readonly transferVoxels?: boolean;
}

/** Resamples volumes in threads, which start when they are needed and stay. */
export class Resampler {
  readonly #pool = new Piscina<ResampleTask, ResampleAnswer>({
    // The sources in development and tests, the compiled file in dist/.
    filename: new URL(`./resampleWorker${extname(import.meta.url)}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: THREADS,
    idleTimeout: Infinity,
    ...threadOptions(),
  });

  /**
   * @throws the signal's reason when it aborts; SamepointError embedding/volume-too-large, and embedding/model-failed where the model
   * reads no such modality
   */
  async resample(
    volume: AnonymousVolume,
    { id, manifest: { input } }: Pick<ModelReference, 'id' | 'manifest'>,
    { signal, transferVoxels = false }: ResampleOptions = {},
  ): Promise<WorkingVolume> {
    const { dims, voxelToLps, modality, data, reduced } = volume;
    const intensity = input.intensity[modality];
    if (intensity === undefined) {
      throw new SamepointError('embedding/model-failed', {
        model: id,
        problem: `it does not read ${modality}`,
      });
    }
    const voxels = { dims, voxelToLps, modality, data, ...(reduced && { reduced }) };
    const task = { volume: voxels, input, intensity };
    const isOwn = transferVoxels && isArrayBuffer(data.buffer);
    return workingVolumeOf(await this.#run(task, isOwn ? [data.buffer] : [], signal));
  }

  /** Resamples two made-up volumes: threads start, and V8 compiles what the first reader would wait for. */
  async warmUp({ manifest }: Pick<ModelReference, 'manifest'>): Promise<void> {
    const task = warmUpTask(manifest);
    await Promise.all(Array.from({ length: THREADS }, () => this.#run(task, [])));
  }

  async close(): Promise<void> {
    await this.#pool.destroy();
  }

  async #run(task: ResampleTask, transferList: ArrayBuffer[], signal?: AbortSignal): Promise<ResampleAnswer> {
    try {
      return await this.#pool.run(task, { transferList, ...(signal && { signal }) });
    } catch (error) {
      signal?.throwIfAborted();
      throw error;
    }
  }
}

function workingVolumeOf(answer: ResampleAnswer): WorkingVolume {
  if (!('failure' in answer)) return answer;
  const { code, fields } = answer.failure;
  // Code and fields belong together in WorkerFailure; the union cannot be narrowed for a generic constructor.
  throw new SamepointError<ErrorCode>(code, fields);
}
