/**
 * How the tensors of a model's graphs lie on the working grid. Without the schema: threads that run graphs start sooner.
 * @module
 */
import type { ExecutionProvider } from './executionProviders.ts';
import type { GraphManifest, Manifest, Modality } from './manifestShape.ts';

/** Name of the tensor that holds the pre-processed volume. */
export const IMAGE_TENSOR = 'image';

/** The manifest as it holds for volumes of one modality: with the graphs that run for it. */
export function manifestFor(manifest: Manifest, wanted: Modality): Manifest {
  const graphs = manifest.graphs.filter(({ modalities }) => modalities?.includes(wanted) ?? true);
  return { ...manifest, graphs };
}

/** The manifest as it holds for an execution provider: with the graphs of the form for it. */
export function formFor(manifest: Manifest, provider: ExecutionProvider): Manifest {
  const own = manifest.forms?.find(({ providers }) => providers.some((one) => one === provider));
  return own === undefined ? manifest : { ...manifest, graphs: own.graphs };
}

/** Least common multiple of the z strides at a graph: slabs start and end on multiples of it. */
export function alignmentOf(graph: GraphManifest, strides: ReadonlyMap<string, number>): number {
  const all = [
    ...Object.values(graph.inputs).map((name) => strides.get(name) ?? 1),
    ...Object.values(graph.outputs).map(({ zStride }) => zStride),
  ];
  return all.reduce(leastCommonMultiple, 1);
}

/** Stride along z of every tensor of a model, in working voxels. */
export function tensorStrides(graphs: readonly GraphManifest[]): Map<string, number> {
  const strides = new Map([[IMAGE_TENSOR, 1]]);
  for (const { outputs } of graphs) {
    for (const { tensor: name, zStride } of Object.values(outputs)) strides.set(name, zStride);
  }
  return strides;
}

function leastCommonMultiple(a: number, b: number): number {
  let [x, y] = [a, b];
  while (y !== 0) [x, y] = [y, x % y];
  return (a / x) * b;
}
