/**
 * The thread of a lane: started by laneThread.ts, never imported. It answers one call at a time, in their order.
 * @module
 */
import { parentPort, workerData } from 'node:worker_threads';
import { LocalLane } from './worker.ts';
import type { LaneAnswer, LaneCall, LaneSetup } from './workerThread.ts';
import { problemOf } from '../../errors/index.ts';
import { InferenceFailure, openSessions } from './sessions.ts';
import type { Sessions } from './sessions.ts';

function answer(message: LaneAnswer): void {
  parentPort?.postMessage(message);
}

function failureOf(error: unknown): LaneAnswer {
  const problem = problemOf(error);
  return error instanceof InferenceFailure ? { problem, failure: error.failure } : { problem };
}

async function open({ modelId, graphs, provider }: LaneSetup): Promise<Sessions> {
  const threads = new Map(graphs.map((entry) => [entry.graph.file, entry.threads]));
  return await openSessions(modelId, graphs, provider, ({ file }) => threads.get(file) ?? 1);
}

function serve({ run, close }: Sessions): void {
  const lane = new LocalLane(run);
  const valueOf = (call: Exclude<LaneCall, { method: 'close' }>): Promise<unknown> => {
    switch (call.method) {
      case 'run':
        return lane.run(...call.args);
      case 'keep':
        return lane.keep(...call.args);
      case 'pack':
        return lane.pack(...call.args);
    }
  };
  parentPort?.on('message', (call: LaneCall) => {
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
  serve(await open(workerData as LaneSetup));
  answer({ value: undefined });
} catch (error) {
  answer(failureOf(error));
}
