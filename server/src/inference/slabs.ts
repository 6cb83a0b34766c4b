/**
 * Runs the graphs of a model slab by slab along z, so that memory stays bounded whatever the length of the scan.
 * @module
 */
import { alignmentOf, IMAGE_TENSOR, tensorStrides } from '../model/layout.ts';
import type { GraphManifest, Manifest, OutputManifest } from '../model/index.ts';
import type { InferenceWorker, WorkerPool } from './worker.ts';
import { PackedMap } from './packing.ts';
import { StoredTensor } from './tensors.ts';
import type { TensorShape, TensorSlices } from './tensors.ts';

/** A piece of the working grid along z: results of [start, end) are kept of a run over [from, to). */
export interface Slab {
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

/**
 * Cuts `depth` working slices into slabs of about equal length, at most `slices` (rounded to `alignment`), with `halo`
 * slices around each. A rest shorter than the alignment joins the last slab: by itself it could have no output slice.
 */
export function planSlabs(depth: number, slices: number, alignment: number, halo: number): Slab[] {
  const countOf = (step: number): number => Math.max(1, Math.ceil((depth - alignment + 1) / step));
  const longest = Math.max(alignment, Math.floor(slices / alignment) * alignment);
  const even = Math.ceil(depth / countOf(longest) / alignment) * alignment;
  const step = Math.min(longest, even);
  const count = countOf(step);
  return Array.from({ length: count }, (_, index) => {
    const start = index * step;
    const end = index === count - 1 ? depth : start + step;
    return { from: Math.max(0, start - halo), start, end, to: Math.min(depth, end + halo) };
  });
}

/** The voxels of a map that get a vector, given the size of its slices: 1 per voxel. */
export type InsideOf = (plane: readonly [y: number, x: number]) => Promise<Uint8Array>;

/** Everything {@link runGraphs} needs beside the graphs. */
export interface SlabOptions {
  /** Memory that the runs at a time may use, bytes; bounds the slab. */
  readonly memoryBytes: number;
  /** Each worker runs a slab at a time; graphs that run whole run in the first. */
  readonly workers: WorkerPool;
  /** Called before every run; may throw to stop, and lets the process breathe. */
  readonly beforeRun: () => Promise<void>;
  /** Which voxels of an output's map get a vector; all of them without. */
  readonly insideOf?: (output: OutputManifest) => InsideOf | undefined;
  /** Called after every run with the fraction done. */
  readonly onProgress: (fraction: number) => void;
}

/** What a model needs and makes on its way. */
interface Workplace extends SlabOptions {
  readonly manifest: Manifest;
  readonly image: TensorSlices;
  readonly strides: ReadonlyMap<string, number>;
  /** Tensors that a later graph needs, by name. */
  readonly stored: Map<string, StoredTensor>;
  /** By tensor name. */
  readonly maps: ReadonlyMap<string, { readonly packed: PackedMap; readonly insideOf: InsideOf | undefined }>;
}

/**
 * Runs all graphs over the image and returns the packed maps by tensor name.
 * The result depends neither on the slabs, as long as the manifest's halos are right, nor on which worker runs which. Settles
 * when the workers are free again.
 */
export async function runGraphs(
  manifest: Manifest,
  image: TensorSlices,
  options: SlabOptions,
): Promise<Map<string, PackedMap>> {
  const { graphs, outputs } = manifest;
  const stored = new Map([[IMAGE_TENSOR, StoredTensor.of(image)]]);
  const depth = image.slices.length;
  const maps = new Map(
    outputs.map((output) => {
      const packed = new PackedMap(Math.ceil(depth / output.stride[0]));
      return [output.tensor, { packed, insideOf: options.insideOf?.(output) }];
    }),
  );
  const total = graphs.reduce((sum, { cost }) => sum + cost, 0);
  let done = 0;
  for (const [index, graph] of graphs.entries()) {
    const later = new Set(graphs.slice(index + 1).flatMap(({ inputs }) => Object.values(inputs)));
    for (const { tensor } of Object.values(graph.outputs))
      if (later.has(tensor)) stored.set(tensor, new StoredTensor());
    const onProgress = (fraction: number): void => {
      options.onProgress((done + fraction * graph.cost) / total);
    };
    const strides = tensorStrides(graphs);
    await runGraph(graph, { ...options, manifest, image, strides, stored, maps, onProgress });
    done += graph.cost;
    for (const name of stored.keys()) if (!later.has(name)) stored.delete(name);
  }
  return new Map([...maps].map(([tensor, { packed }]) => [tensor, packed]));
}

/** As many slabs at a time as there are workers. After a failure those that run are finished. */
async function runGraph(graph: GraphManifest, place: Workplace): Promise<void> {
  const { workers, beforeRun, onProgress } = place;
  const depth = place.image.slices.length;
  const slabs = slabsOf(graph, place).values();
  let [slices, hasFailed] = [0, false];
  const runSlabs = async (): Promise<void> => {
    for (const slab of slabs) {
      if (hasFailed) return;
      await workers.use(graph.slab === 'whole', async (worker) => {
        await beforeRun();
        await runSlab(graph, slab, worker, place);
      });
      slices += slab.end - slab.start;
      onProgress(slices / depth);
    }
  };
  const work = Array.from({ length: workers.size }, () =>
    runSlabs().catch((error: unknown) => {
      hasFailed = true;
      throw error;
    }),
  );
  for (const end of await Promise.allSettled(work)) if (end.status === 'rejected') throw end.reason;
}

async function runSlab(
  graph: GraphManifest,
  slab: Slab,
  worker: InferenceWorker,
  place: Workplace,
): Promise<void> {
  const { strides, stored, image } = place;
  const depth = image.slices.length;
  const inputs = Object.entries(graph.inputs).map(([name, source]) => {
    const stride = strides.get(source) ?? 1;
    const end = slab.to === depth ? Infinity : slab.to / stride;
    const slices = (stored.get(source) ?? new StoredTensor()).range(slab.from / stride, end);
    return [name, slices] as const;
  });
  const shapes = await worker.run(graph, Object.fromEntries(inputs));
  for (const [name, { tensor, zStride }] of Object.entries(graph.outputs)) {
    const shape = shapes[name];
    if (shape === undefined) throw new Error(`${graph.file} has no output "${name}"`);
    const from = (slab.start - slab.from) / zStride;
    const to = slab.end === depth ? shape.dims[0] : (slab.end - slab.from) / zStride;
    await keepOutput({ name, tensor, shape, from, to, z: slab.start / zStride }, worker, place);
  }
}

/** Slices [from, to) of an output, the first of which is slice `z` of its tensor. */
interface Output {
  readonly name: string;
  readonly tensor: string;
  readonly shape: TensorShape;
  readonly from: number;
  readonly to: number;
  readonly z: number;
}

/** Reads an output from the worker: kept for a later graph, packed as a map, or both. */
async function keepOutput(
  { name, tensor, shape: { channels, dims }, from, to, z }: Output,
  worker: InferenceWorker,
  { stored, maps }: Pick<Workplace, 'stored' | 'maps'>,
): Promise<void> {
  const map = maps.get(tensor);
  if (map !== undefined) {
    const [, ny, nx] = dims;
    const mask = await map.insideOf?.([ny, nx]);
    const inside = mask?.slice(z * ny * nx, (z + to - from) * ny * nx);
    const into = map.packed.buffers(z, to - from, channels, [ny, nx]);
    await worker.pack({ output: name, from, to, inside, into });
  }
  const store = stored.get(tensor);
  if (store !== undefined) store.place(z, await worker.keep(name, from, to));
}

/**
 * Slices in work, in all workers: more gain nothing (measured on samepoint-ct with two threads: one slab of 8 is as fast as one
 * of 30 and uses 0.3 GB less; two of 4 are as fast as two of 8 and use 60 MB less).
 */
const SLICES_IN_WORK = 6;
/** ... except to keep what is computed twice, 2 halos, to a quarter; to two thirds where several workers hold a slab each. */
const [HALO_SHARE, HALO_SHARE_IN_WORKERS] = [8, 3];

function slabsOf(graph: GraphManifest, { image, memoryBytes, workers, strides }: Workplace): Slab[] {
  const { slab } = graph;
  const depth = image.slices.length;
  const [ny, nx] = image.plane;
  if (slab === 'whole') return [{ from: 0, start: 0, end: depth, to: depth }];
  const alignment = alignmentOf(graph, strides);
  const affordable = Math.floor(memoryBytes / workers.size / (ny * nx * slab.bytesPerVoxel)) - 2 * slab.halo;
  const halos = workers.size > 1 ? HALO_SHARE_IN_WORKERS : HALO_SHARE;
  const longest = Math.max(Math.ceil(SLICES_IN_WORK / workers.size), halos * slab.halo);
  const slices = Math.min(affordable, longest);
  // A halo wider than the core would be computed more than twice over: then rather exceed the memory target.
  return planSlabs(depth, Math.max(slices, slab.halo, alignment), alignment, slab.halo);
}
