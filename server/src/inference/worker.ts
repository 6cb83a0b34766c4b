import type { GraphManifest } from '../model/index.ts';
import { collectGarbage } from '../concurrency/index.ts';
import { bodyMaskOf, isLongInput } from '../preprocessing/index.ts';
import type { BodyMaskTask } from '../preprocessing/index.ts';
import { packSlices } from './packing.ts';
import type { PackedBuffers } from './packing.ts';
import { joinSlices, slicesOf } from './tensors.ts';
import type { GraphTensor, TensorData, TensorShape, TensorSlices } from './tensors.ts';

/**
 * Runs one graph: tensors by ONNX input name in, tensors by ONNX output name out. Those are valid until the graph's next
 * run.
 */
export type RunGraph = (
  graph: GraphManifest,
  inputs: Readonly<Record<string, GraphTensor>>,
) => Promise<Readonly<Record<string, GraphTensor>>>;

/** Slices [from, to) of an output that are packed into shared memory; see {@link packSlices}. */
export interface Packing {
  readonly output: string;
  readonly from: number;
  readonly to: number;
  readonly inside: Uint8Array | undefined;
  readonly into: PackedBuffers;
}

/**
 * One thread in which the graphs of a model run, one call at a time. The outputs of a run stay in it
 * until its next one; what is wanted of them is read by name.
 */
export interface InferenceWorker {
  /** Runs a graph on slices by input name; gives the sizes of its outputs by name. */
  run(
    graph: GraphManifest,
    inputs: Readonly<Record<string, TensorSlices>>,
  ): Promise<Readonly<Record<string, TensorShape>>>;
  /** Slices [from, to) of an output of the last run. */
  keep(output: string, from: number, to: number): Promise<TensorSlices>;
  /** Packs slices of an output of the last run. */
  pack(packing: Packing): Promise<void>;
  /** The body mask on the grid of a map. */
  maskBody(task: BodyMaskTask): Promise<Uint8Array>;
  /** Gives back what is kept for the next slab, and what no run uses any more. */
  rest(): Promise<void>;
}

/** The worker of the calling thread. */
export class LocalWorker implements InferenceWorker {
  readonly #run: RunGraph;
  readonly #forget: () => Promise<void>;
  #graph = '';
  /** Of the inputs of the current graph, by name. */
  #scratch = new Map<string, TensorData>();
  #outputs: Readonly<Record<string, GraphTensor>> = {};

  /** @param forget gives back what the graphs keep for their next runs */
  constructor(run: RunGraph, forget: () => Promise<void> = () => Promise.resolve()) {
    this.#run = run;
    this.#forget = forget;
  }

  async run(
    graph: GraphManifest,
    inputs: Readonly<Record<string, TensorSlices>>,
  ): Promise<Readonly<Record<string, TensorShape>>> {
    if (this.#graph !== graph.file) await this.#begin(graph.file);
    const tensors = Object.entries(inputs).map(([name, slices]) => {
      const tensor = joinSlices(slices, this.#scratch.get(name));
      this.#scratch.set(name, tensor.data);
      return [name, tensor] as const;
    });
    this.#outputs = await this.#run(graph, Object.fromEntries(tensors));
    return Object.fromEntries(
      Object.entries(this.#outputs).map(([name, { channels, dims }]) => [name, { channels, dims }]),
    );
  }

  keep(output: string, from: number, to: number): Promise<TensorSlices> {
    return Promise.resolve(slicesOf(this.#output(output), from, to));
  }

  pack({ output, from, to, inside, into }: Packing): Promise<void> {
    packSlices(this.#output(output), from, to, inside, into);
    return Promise.resolve();
  }

  maskBody(task: BodyMaskTask): Promise<Uint8Array> {
    return Promise.resolve(bodyMaskOf(task));
  }

  /** Another graph: what was kept for the one before is of no use. */
  async #begin(graph: string): Promise<void> {
    const byteLength = [...this.#scratch.values()].reduce((sum, one) => sum + one.byteLength, 0);
    if (isLongInput({ byteLength })) await this.rest();
    this.#scratch = new Map();
    this.#graph = graph;
  }

  async rest(): Promise<void> {
    this.#scratch = new Map();
    this.#outputs = {};
    await this.#forget();
    collectGarbage();
  }

  #output(name: string): GraphTensor {
    const output = this.#outputs[name];
    if (output === undefined) throw new Error(`${this.#graph} has no output "${name}"`);
    return output;
  }
}

/** Workers that volumes share: who waits longest gets the next free one. */
export class WorkerPool {
  readonly #first: InferenceWorker;
  readonly #free: InferenceWorker[];
  readonly #waiting: { readonly needsFirst: boolean; readonly acquire: (worker: InferenceWorker) => void }[] =
    [];
  readonly size: number;

  constructor(workers: readonly [InferenceWorker, ...InferenceWorker[]]) {
    this.#first = workers[0];
    this.#free = [...workers];
    this.size = workers.length;
  }

  /** Runs work in a worker that no other work uses meanwhile; in the first worker where it has to be that one. */
  async use<T>(needsFirst: boolean, work: (worker: InferenceWorker) => Promise<T>): Promise<T> {
    const worker = await new Promise<InferenceWorker>((acquire) => {
      this.#waiting.push({ needsFirst, acquire });
      this.#serve();
    });
    try {
      return await work(worker);
    } finally {
      this.#free.push(worker);
      this.#serve();
    }
  }

  /** Lets every worker rest; those at work do when they are free. */
  async rest(): Promise<void> {
    await Promise.all(Array.from({ length: this.size }, () => this.use(false, (worker) => worker.rest())));
  }

  #serve(): void {
    for (const waiter of [...this.#waiting]) {
      const at = waiter.needsFirst ? this.#free.indexOf(this.#first) : this.#free.length - 1;
      const [worker] = at < 0 ? [] : this.#free.splice(at, 1);
      if (worker === undefined) continue;
      this.#waiting.splice(this.#waiting.indexOf(waiter), 1);
      waiter.acquire(worker);
    }
  }
}
