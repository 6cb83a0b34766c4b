import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphManifest, ExecutionProvider } from '../model/index.ts';
import { collectGarbage } from '../concurrency/index.ts';
import { problemOf } from '../errors/index.ts';
import type { RunGraph } from './worker.ts';
import { InferenceFailure } from '../preprocessing/index.ts';
import type { GraphFile } from './readGraphs.ts';
import type { GraphTensor } from './tensors.ts';

/** Open graphs of one model, all on one execution provider, in the calling thread. */
export interface Sessions {
  readonly run: RunGraph;
  /** Gives back what is kept for the next runs: outputs, and the memory of graphs that ran whole, which is that of a series. */
  readonly forget: () => Promise<void>;
  readonly close: () => Promise<void>;
}

/**
 * Opens graphs in the calling thread.
 * @param threadsOf threads of one run of a graph.
 * @throws what onnxruntime throws: it does not fall back to another provider.
 */
export async function openSessions(
  modelId: string,
  files: readonly GraphFile[],
  provider: ExecutionProvider,
  threadsOf: (graph: GraphManifest) => number,
): Promise<Sessions> {
  const sessions = new Map<string, InferenceSession>();
  const close = async (): Promise<void> => {
    await Promise.all([...sessions.values()].map((session) => session.release()));
  };
  const create = async ({ graph, bytes }: GraphFile): Promise<void> => {
    sessions.set(graph.file, await createSession(bytes, provider, threadsOf(graph)));
  };
  try {
    for (const file of files) await create(file);
  } catch (error) {
    await close();
    throw error;
  }
  const { run, last } = runnerOf(modelId, sessions);
  const forget = async (): Promise<void> => {
    const whole = files.filter(({ graph }) => graph.slab === 'whole' && last.has(graph.file));
    last.clear();
    collectGarbage();
    // onnxruntime gives the memory of a session back with the session only. Opening a graph needs 0.1 s on a CPU.
    for (const file of provider === 'cpu' ? whole : []) {
      await sessions.get(file.graph.file)?.release();
      await create(file);
    }
  };
  return { run, forget, close };
}

async function createSession(
  bytes: Uint8Array,
  provider: ExecutionProvider,
  threads: number,
): Promise<InferenceSession> {
  return await InferenceSession.create(bytes, {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    intraOpNumThreads: threads,
    executionMode: 'sequential',
    // Saves 0.4 GB on SAM for no time (spec: performance).
    enableMemPattern: false,
    // Without the arena every intermediate is mapped and faulted in anew: 8 times slower (measured on mind-ssc).
    enableCpuMemArena: true,
    logSeverityLevel: 3,
    // Spinning threads steal the cores from decoding and matching.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
}

/** Outputs of the last run of a graph and the sizes that it was for: given back to be written again. */
interface LastRun {
  readonly sizes: string;
  readonly results: InferenceSession.OnnxValueMapType;
}

function runnerOf(
  modelId: string,
  sessions: ReadonlyMap<string, InferenceSession>,
): { readonly run: RunGraph; readonly last: Map<string, LastRun> } {
  const last = new Map<string, LastRun>();
  const run: RunGraph = async (graph, inputs) => {
    const session = sessions.get(graph.file);
    if (session === undefined) throw new Error(`${graph.file} is not open`);
    const feeds = Object.fromEntries(Object.entries(inputs).map(([name, tensor]) => [name, toOrt(tensor)]));
    try {
      const sizes = JSON.stringify(Object.values(inputs).map(({ channels, dims }) => [channels, dims]));
      const known = last.get(graph.file);
      // New memory for every run would be faulted in page by page, and stay until the garbage is collected.
      const fetches = known?.sizes === sizes ? known.results : Object.keys(graph.outputs);
      const results = await session.run(feeds, fetches);
      last.set(graph.file, { sizes, results });
      return Object.fromEntries(Object.entries(results).map(([name, value]) => [name, fromOrt(name, value)]));
    } catch (cause) {
      const fields = { model: modelId, problem: `${graph.file}: ${problemOf(cause)}` };
      throw new InferenceFailure({ code: 'embedding/model-failed', fields }, { cause });
    }
  };
  return { run, last };
}

function toOrt({ data, channels, dims, isChannelsLast }: GraphTensor): Tensor {
  const sizes = isChannelsLast === true ? [...dims, channels] : [1, channels, ...dims];
  return data instanceof Uint8Array ? new Tensor('uint8', data, sizes) : new Tensor('float32', data, sizes);
}

function fromOrt(name: string, tensor: InferenceSession.OnnxValueMapType[string]): GraphTensor {
  const { data } = tensor;
  if (!(data instanceof Float32Array || data instanceof Uint8Array))
    throw new Error(`output "${name}" is ${tensor.type}, neither float32 nor uint8`);
  const [first = 0, second = 0, third = 0, fourth = 0, fifth = 0] = tensor.dims;
  if (tensor.dims.length === 4)
    return { data, channels: fourth, dims: [first, second, third], isChannelsLast: true };
  if (tensor.dims.length === 5 && first === 1 && data instanceof Float32Array)
    return { data, channels: second, dims: [third, fourth, fifth], isChannelsLast: false };
  throw new Error(
    `output "${name}" is ${tensor.dims.join(' x ')}, neither float32 1 x C x Z x Y x X nor Z x Y x X x C`,
  );
}
