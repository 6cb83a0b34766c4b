/**
 * Runs in a worker thread of the server: a volume in, what is embedded of it out. Voxels that were handed over are given back to the
 * system at once: a collection might wait until the next volume.
 * @module
 */
import { move, transferableSymbol, valueSymbol } from 'piscina';
import { giveBack } from '../concurrency/index.ts';
import type { IntensityMap, Manifest } from '../model/index.ts';
import { giveBackKernels, toWorkingVolume } from './workingVolume.ts';
import type { AnonymousVolume, WorkingVolume } from './workingVolume.ts';
import type { WorkerFailure } from './types.ts';
import { InferenceFailure } from './inferenceFailure.ts';

/** One volume to be resampled for a model. */
export interface ResampleTask {
  readonly volume: AnonymousVolume;
  readonly input: Manifest['input'];
  readonly intensity: IntensityMap;
}

/** The volume on the model's grid, or why there is none. */
export type ResampleAnswer = WorkingVolume | { readonly failure: WorkerFailure };

/** Entry point of the pool. */
export default async function resample(task: ResampleTask): Promise<unknown> {
  const answer = await resampled(task);
  if ('failure' in answer) return answer;
  giveBackKernels(answer.input);
  return move({ [transferableSymbol]: [answer.input.buffer], [valueSymbol]: answer });
}

async function resampled({ volume, input, intensity }: ResampleTask): Promise<ResampleAnswer> {
  try {
    return await toWorkingVolume(volume, input, intensity);
  } catch (error) {
    if (error instanceof InferenceFailure) return { failure: error.failure };
    throw error;
  } finally {
    giveBack(volume.data);
  }
}
