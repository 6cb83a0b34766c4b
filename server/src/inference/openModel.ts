/**
 * Opens a model in as many workers as the threads are worth.
 * @module
 */
import { WorkerPool, LocalWorker } from './worker.ts';
import { openWorkerThread } from './workerThread.ts';
import type { WorkerThread } from './workerThread.ts';
import { problemOf } from '../errors/index.ts';
import { formFor } from '../model/layout.ts';
import type { ExecutionProvider } from '../model/index.ts';
import type { ModelReference } from '../preprocessing/types.ts';
import type { RefusedProvider } from './process/protocol.ts';
import { InferenceFailure } from '../preprocessing/index.ts';
import { readGraphs } from './readGraphs.ts';
import { openSessions } from './sessions.ts';
import type { GraphFile } from './readGraphs.ts';
import { thisGraphicsMachine, webgpuLacks } from './vulkan.ts';

/** Workers, and how to close them. */
interface OpenWorkers {
  readonly workers: WorkerPool;
  close(): Promise<void>;
}

/** The open graphs of one model, all on one execution provider. */
export interface OpenModel extends OpenWorkers {
  readonly provider: ExecutionProvider;
  readonly refused: readonly RefusedProvider[];
}

/**
 * Slabs at a time. The convolutions of a slab are so small that a second thread saves a fifth of its time, and packing has
 * none to share: two slabs with a thread each are done in nearly half the time of two slabs with two. Each worker holds its slab,
 * which is 0.1 to 0.2 GB.
 */
const MOST_WORKERS = 4;

/**
 * Opens a model on the first of the wanted providers that works. onnxruntime throws when any provider of a list is
 * missing instead of falling back, so each is tried separately; CPU is the last resort whether requested or not. Each opens the graphs
 * of its own form of the model.
 * @throws InferenceFailure when a file changed since the model was loaded or onnxruntime refuses the graphs.
 */
export async function openModel(
  model: ModelReference,
  providers: readonly ExecutionProvider[],
  threads: number,
  onTry: (provider: ExecutionProvider) => Promise<void>,
): Promise<OpenModel> {
  const refused: RefusedProvider[] = [];
  for (const provider of new Set<ExecutionProvider>([...providers, 'cpu'])) {
    const lacks = provider === 'webgpu' ? webgpuLacks(thisGraphicsMachine()) : [];
    if (lacks.length > 0) {
      refused.push({ provider, reason: lacks.join('; ') });
      continue;
    }
    await onTry(provider);
    const files = await readGraphs({ ...model, manifest: formFor(model.manifest, provider) });
    try {
      const open = provider === 'cpu' && threads > 1 ? openThreads : openHere;
      return { provider, refused, ...(await open(model.id, files, provider, threads)) };
    } catch (error) {
      refused.push({ provider, reason: problemOf(error) });
    }
  }
  const problem = refused.at(-1)?.reason ?? 'no execution provider';
  throw new InferenceFailure({ code: 'embedding/model-failed', fields: { model: model.id, problem } });
}

/** One worker in this thread: an accelerator does the work, or there is one thread to do it. */
async function openHere(
  modelId: string,
  files: readonly GraphFile[],
  provider: ExecutionProvider,
  threads: number,
): Promise<OpenWorkers> {
  const { run, forget, close } = await openSessions(modelId, files, provider, () => threads);
  return { workers: new WorkerPool([new LocalWorker(run, forget)]), close };
}

/** Workers in threads of their own. A graph that runs whole is open in the first one only, with all the threads. */
async function openThreads(
  modelId: string,
  files: readonly GraphFile[],
  provider: ExecutionProvider,
  threads: number,
): Promise<OpenWorkers> {
  const count = Math.min(threads, MOST_WORKERS);
  const share = Math.floor(threads / count);
  const open = (n: number): Promise<WorkerThread> => {
    const graphs = files
      .filter(({ graph }) => n === 0 || graph.slab !== 'whole')
      .map((file) => ({ ...file, threads: file.graph.slab === 'whole' ? threads : share }));
    return openWorkerThread({ modelId, graphs, provider });
  };
  const started = Array.from({ length: count }, (_, n) => open(n));
  const close = async (): Promise<void> => {
    const ends = await Promise.allSettled(started);
    for (const end of ends) if (end.status === 'fulfilled') await end.value.close();
  };
  try {
    const [first, ...others] = await Promise.all(started);
    if (first === undefined) throw new RangeError('no threads');
    return { workers: new WorkerPool([first, ...others]), close };
  } catch (error) {
    await close();
    throw error;
  }
}
