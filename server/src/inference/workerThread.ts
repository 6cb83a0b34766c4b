/**
 * A worker in a thread of its own (workerMain.ts), seen from the thread that gives it work.
 * @module
 */
import { once } from 'node:events';
import { extname } from 'node:path';
import { Worker } from 'node:worker_threads';
import { threadOptions } from '../concurrency/index.ts';
import type { InferenceWorker } from './worker.ts';
import type { ExecutionProvider } from '../model/index.ts';
import type { WorkerFailure } from '../preprocessing/types.ts';
import { InferenceFailure } from '../preprocessing/index.ts';
import type { GraphFile } from './readGraphs.ts';
import type { TensorShape, TensorSlices } from './tensors.ts';

/** What a worker's thread opens. */
export interface WorkerSetup {
  readonly modelId: string;
  readonly graphs: readonly (GraphFile & { readonly threads: number })[];
  readonly provider: ExecutionProvider;
}

/** A call of a worker, or the order to end. */
export type WorkerCall =
  | {
      readonly [K in keyof InferenceWorker]: {
        readonly method: K;
        readonly args: Parameters<InferenceWorker[K]>;
      };
    }[keyof InferenceWorker]
  | { readonly method: 'close' };

/** The answer to a call, and the first one: that the graphs are open. */
export type WorkerAnswer = { readonly value: unknown } | WorkerProblem;

/** Only what is a failure of its own kind keeps its kind on the way between threads. */
interface WorkerProblem {
  readonly problem: string;
  readonly failure?: WorkerFailure;
}

/** A worker that must be closed. */
export interface WorkerThread extends InferenceWorker {
  close(): Promise<void>;
}

/**
 * Starts a thread and opens the graphs in it.
 * @throws Error with the reason of onnxruntime.
 */
export async function openWorkerThread(setup: WorkerSetup): Promise<WorkerThread> {
  const worker = new Worker(new URL(`./workerMain${extname(import.meta.url)}`, import.meta.url), {
    workerData: setup,
    ...threadOptions(),
  });
  const answer = async (): Promise<unknown> =>
    valueOf(((await once(worker, 'message')) as [WorkerAnswer])[0]);
  const call = async <T>(message: WorkerCall): Promise<T> => {
    worker.postMessage(message);
    return (await answer()) as T;
  };
  const exit = new Promise((resolve) => worker.once('exit', resolve));
  try {
    await answer();
  } catch (error) {
    await exit;
    throw error;
  }
  return {
    run: (...args) => call<Record<string, TensorShape>>({ method: 'run', args }),
    keep: (...args) => call<TensorSlices>({ method: 'keep', args }),
    pack: (...args) => call<undefined>({ method: 'pack', args }),
    maskBody: (...args) => call<Uint8Array>({ method: 'maskBody', args }),
    rest: (...args) => call<undefined>({ method: 'rest', args }),
    async close() {
      worker.postMessage({ method: 'close' } satisfies WorkerCall);
      await exit;
    },
  };
}

function valueOf(answer: WorkerAnswer): unknown {
  if ('value' in answer) return answer.value;
  throw answer.failure === undefined ? new Error(answer.problem) : new InferenceFailure(answer.failure);
}
