import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { GraphManifest } from './manifest.ts';
import { problemOf } from './problem.ts';
import type { ExecutionProvider, ModelReference, RefusedProvider, WorkerFailure } from './protocol.ts';
import type { RunGraph } from './slabs.ts';
import type { GraphTensor } from './tensors.ts';

/** A failure that the server turns into the catalogue error of the same code. */
export class InferenceFailure extends Error {
  readonly failure: WorkerFailure;

  constructor(failure: WorkerFailure, options?: ErrorOptions) {
    super(failure.code, options);
    this.failure = failure;
  }
}

/** The open graphs of one model, all on one execution provider. */
export interface OpenModel {
  readonly provider: ExecutionProvider;
  readonly refused: readonly RefusedProvider[];
  readonly run: RunGraph;
  close(): Promise<void>;
}

/**
 * Opens a model on the first of the wanted providers that works. onnxruntime throws when any provider of a list is
 * missing instead of falling back, so each is tried alone; CPU is the last resort whether asked for or not.
 * @throws InferenceFailure when a file changed since the model was loaded or onnxruntime refuses the graphs.
 */
export async function openModel(
  model: ModelReference,
  providers: readonly ExecutionProvider[],
  threads: number,
  onTry: (provider: ExecutionProvider) => Promise<void>,
): Promise<OpenModel> {
  const files = await Promise.all(model.manifest.graphs.map((graph) => readGraph(model, graph)));
  const refused: RefusedProvider[] = [];
  for (const provider of new Set<ExecutionProvider>([...providers, 'cpu'])) {
    await onTry(provider);
    try {
      const sessions = await createSessions(files, provider, threads);
      return {
        provider,
        refused,
        run: runnerOf(model, sessions),
        close: async () => {
          await Promise.all(sessions.map((session) => session.release()));
        },
      };
    } catch (error) {
      refused.push({ provider, reason: problemOf(error) });
    }
  }
  const problem = refused.at(-1)?.reason ?? 'no execution provider';
  throw new InferenceFailure({ code: 'embedding/model-failed', fields: { model: model.id, problem } });
}

/** The bytes that were verified are the bytes that run. */
async function readGraph(model: ModelReference, graph: GraphManifest): Promise<Uint8Array> {
  const file = join(model.directory, graph.file);
  const bytes = await readFile(file).catch((cause: unknown) => {
    const problem = problemOf(cause);
    throw new InferenceFailure({ code: 'embedding/model-unreadable', fields: { file, problem } }, { cause });
  });
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found === graph.sha256) return bytes;
  const fields = { file, expected: graph.sha256, found };
  throw new InferenceFailure({ code: 'embedding/model-corrupt', fields });
}

async function createSessions(
  files: readonly Uint8Array[],
  provider: ExecutionProvider,
  threads: number,
): Promise<InferenceSession[]> {
  const sessions: InferenceSession[] = [];
  try {
    for (const file of files) {
      sessions.push(
        await InferenceSession.create(file, {
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
        }),
      );
    }
    return sessions;
  } catch (error) {
    await Promise.all(sessions.map((session) => session.release()));
    throw error;
  }
}

function runnerOf(model: ModelReference, sessions: readonly InferenceSession[]): RunGraph {
  /** Outputs of the last run of each graph and the sizes that it was for: given back to be written again. */
  const last = new Map<
    string,
    { readonly sizes: string; readonly results: InferenceSession.OnnxValueMapType }
  >();
  return async (graph, inputs) => {
    // By name: the manifest of a later request is another object.
    const session = sessions[model.manifest.graphs.findIndex(({ file }) => file === graph.file)];
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
      const fields = { model: model.id, problem: `${graph.file}: ${problemOf(cause)}` };
      throw new InferenceFailure({ code: 'embedding/model-failed', fields }, { cause });
    }
  };
}

function toOrt({ data, channels, dims }: GraphTensor): Tensor {
  return new Tensor('float32', data, [1, channels, ...dims]);
}

function fromOrt(name: string, tensor: InferenceSession.OnnxValueMapType[string]): GraphTensor {
  const [batch, channels, z, y, x, ...rest] = tensor.dims;
  const { data } = tensor;
  if (batch !== 1 || channels === undefined || x === undefined || rest.length > 0) {
    throw new Error(`output "${name}" is ${tensor.dims.join(' x ')}, not 1 x C x Z x Y x X`);
  }
  if (!(data instanceof Float32Array)) throw new Error(`output "${name}" is ${tensor.type}, not float32`);
  return { data, channels, dims: [z ?? 0, y ?? 0, x] };
}
