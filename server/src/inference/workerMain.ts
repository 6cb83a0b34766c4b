/**
 * The thread of an inference worker: started by workerThread.ts, never imported. It answers one call at a time, in their order.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalWorker } from './worker.ts';
import type { WorkerAnswer, WorkerCall, WorkerSetup } from './workerThread.ts';
import { problemOf } from '../errors/index.ts';
import { InferenceFailure } from '../preprocessing/index.ts';
import { openSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';

function answer(message: WorkerAnswer): void {
  parentPort?.postMessage(message);
}

function failureOf(error: unknown): WorkerAnswer {
  const problem = problemOf(error);
  return error instanceof InferenceFailure ? { problem, failure: error.failure } : { problem };
}

async function open({ modelId, graphs, provider }: WorkerSetup): Promise<Sessions> {
  const threads = new Map(graphs.map((entry) => [entry.graph.file, entry.threads]));
  return await openSessions(modelId, graphs, provider, ({ file }) => threads.get(file) ?? 1);
}

function serve({ run, forget, close }: Sessions): void {
  const worker = new LocalWorker(run, forget);
  const valueOf = (call: Exclude<WorkerCall, { method: 'close' }>): Promise<unknown> => {
    switch (call.method) {
      case 'run':
        return worker.run(...call.args);
      case 'keep':
        return worker.keep(...call.args);
      case 'pack':
        return worker.pack(...call.args);
      case 'maskBody':
        return worker.maskBody(...call.args);
      case 'rest':
        return worker.rest(...call.args);
    }
  };
  parentPort?.on('message', (call: WorkerCall) => {
    if (call.method === 'close') {
      void close().finally(() => parentPort?.close());
      return;
    }
    valueOf(call).then(
      (value) => {
        answer({ value });
      },
      (error: unknown) => {
        answer(failureOf(error));
      },
    );
  });
}

try {
  serve(await open(workerData as WorkerSetup));
  answer({ value: undefined });
} catch (error) {
  answer(failureOf(error));
}
