/**
 * Runs the graphs of a model slab by slab along z, so that memory stays bounded whatever the length of the scan.
 * @module
 */
import { alignmentOf, IMAGE_TENSOR, tensorStrides } from './manifest.ts';
import type { GraphManifest, Manifest, OutputManifest } from './manifest.ts';
import { PackedMap } from './packing.ts';
import type { InsideOf } from './packing.ts';
import { StoredTensor } from './tensors.ts';
import type { GraphTensor, SlabSink } from './tensors.ts';

/**
 * Runs one graph: tensors by ONNX input name in, tensors by ONNX output name out. Those are valid until the graph's next
 * run.
 */
export type RunGraph = (
  graph: GraphManifest,
  inputs: Readonly<Record<string, GraphTensor>>,
) => Promise<Readonly<Record<string, GraphTensor>>>;

/** A piece of the working grid along z: results of [start, end) are kept of a run over [from, to). */
export interface Slab {
  readonly from: number;
  readonly start: number;
  readonly end: number;
  readonly to: number;
}

/**
 * Cuts `depth` working slices into slabs of about equal length, at most `slices` (rounded to `alignment`), with `halo`
 * slices around each. A rest shorter than the alignment joins the last slab: alone it could have no output slice.
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

/** Everything {@link runGraphs} needs beside the graphs. */
export interface SlabOptions {
  /** Memory that one run may take, bytes; bounds the slab. */
  readonly memoryBytes: number;
  readonly run: RunGraph;
  /** Called before every run; may throw to stop, and lets the process breathe. */
  readonly beforeRun: () => Promise<void>;
  /** Which voxels of an output's map get a vector; all of them without. */
  readonly insideOf?: (output: OutputManifest) => InsideOf | undefined;
  /** Called after every run with the fraction done. */
  readonly onProgress: (fraction: number) => void;
}

/**
 * Runs all graphs over the image and returns the packed maps by tensor name.
 * The result does not depend on the slabs as long as the manifest's halos are right.
 */
export async function runGraphs(
  manifest: Manifest,
  image: GraphTensor,
  options: SlabOptions,
): Promise<Map<string, PackedMap>> {
  const { graphs, outputs } = manifest;
  const stored = new Map([[IMAGE_TENSOR, StoredTensor.ofImage(image.data, image.dims)]]);
  const maps = new Map(
    outputs.map((output) => {
      const slices = Math.ceil(image.dims[0] / output.stride[0]);
      return [output.tensor, new PackedMap(slices, options.insideOf?.(output))];
    }),
  );
  const total = graphs.reduce((sum, { cost }) => sum + cost, 0);
  let done = 0;
  for (const [index, graph] of graphs.entries()) {
    const later = new Set(graphs.slice(index + 1).flatMap(({ inputs }) => Object.values(inputs)));
    const sinks = sinksOf(graph, later, stored, maps);
    await runGraph(graph, image, stored, sinks, tensorStrides(graphs), {
      ...options,
      onProgress: (fraction) => {
        options.onProgress((done + fraction * graph.cost) / total);
      },
    });
    done += graph.cost;
    for (const name of stored.keys()) if (!later.has(name)) stored.delete(name);
  }
  return maps;
}

/** Where the outputs of a graph go: kept for a later graph, packed as a map, or both. */
function sinksOf(
  graph: GraphManifest,
  later: ReadonlySet<string>,
  stored: Map<string, StoredTensor>,
  maps: ReadonlyMap<string, PackedMap>,
): Map<string, SlabSink[]> {
  return new Map(
    Object.values(graph.outputs).map(({ tensor }) => {
      const sinks: SlabSink[] = [];
      const map = maps.get(tensor);
      if (map !== undefined) sinks.push(map);
      if (later.has(tensor)) {
        const store = new StoredTensor();
        stored.set(tensor, store);
        sinks.push(store);
      }
      return [tensor, sinks];
    }),
  );
}

async function runGraph(
  graph: GraphManifest,
  { dims }: GraphTensor,
  stored: ReadonlyMap<string, StoredTensor>,
  sinks: ReadonlyMap<string, readonly SlabSink[]>,
  strides: ReadonlyMap<string, number>,
  { memoryBytes, run, beforeRun, onProgress }: SlabOptions,
): Promise<void> {
  const [depth, ny, nx] = dims;
  for (const slab of slabsOf(graph, depth, ny * nx, memoryBytes, alignmentOf(graph, strides))) {
    await beforeRun();
    const inputs = Object.entries(graph.inputs).map(([name, source]) => {
      const stride = strides.get(source) ?? 1;
      const end = slab.to === depth ? Infinity : slab.to / stride;
      return [name, stored.get(source)?.cut(slab.from / stride, end)] as const;
    });
    const results = await run(graph, Object.fromEntries(inputs) as Record<string, GraphTensor>);
    for (const [name, { tensor, zStride }] of Object.entries(graph.outputs)) {
      const result = results[name];
      if (result === undefined) throw new Error(`${graph.file} has no output "${name}"`);
      const start = (slab.start - slab.from) / zStride;
      const end = slab.end === depth ? result.dims[0] : (slab.end - slab.from) / zStride;
      sinks.get(tensor)?.forEach((sink) => {
        sink.append(result, start, end);
      });
    }
    onProgress(slab.end / depth);
  }
}

/** Longer slabs gain nothing: 8 slices of 2 mm keep two cores busy (measured on samepoint-ct: as fast as 30, 0.3 GB less). */
const LONGEST_SLAB = 8;
/** ... except to keep what is computed twice, 2 halos, to a quarter. */
const HALO_SHARE = 8;

function slabsOf(
  { slab }: GraphManifest,
  depth: number,
  plane: number,
  memoryBytes: number,
  alignment: number,
): Slab[] {
  if (slab === 'whole') return [{ from: 0, start: 0, end: depth, to: depth }];
  const affordable = Math.floor(memoryBytes / (plane * slab.bytesPerVoxel)) - 2 * slab.halo;
  const slices = Math.min(affordable, Math.max(LONGEST_SLAB, HALO_SHARE * slab.halo));
  // A halo wider than the core would be computed more than twice over: then rather exceed the memory target.
  return planSlabs(depth, Math.max(slices, slab.halo, alignment), alignment, slab.halo);
}
