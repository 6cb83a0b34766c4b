/**
 * A program: runs an installed model of the server on an image and writes the unit vectors of every map, unpacked. Of its own
 * process because onnxruntime refuses the typed arrays of a test runner.
 *
 *   node runModel.ts <folder of models> <id> <image: raw float32, HU> <z,y,x> <output folder>
 *
 * Twice: each graph in one run, written as <id>.<role>.f32 (1, C, z, y, x); and cut into slabs and packed as for an embedding,
 * written as <id>.<role>.packed.f32 in the same order.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Manifest } from '../../server/src/model/manifestShape.ts';
import { loadModels } from '../../server/src/model/registry.ts';
import type { PackedVectors } from '../../server/src/inference/packing.ts';
import { normalise } from '../../server/src/preprocessing/preprocess.ts';
import { WorkerPool, LocalWorker } from '../../server/src/inference/worker.ts';
import type { RunGraph } from '../../server/src/inference/worker.ts';
import { readGraphs } from '../../server/src/inference/readGraphs.ts';
import { openSessions } from '../../server/src/inference/sessions.ts';
import { runGraphs } from '../../server/src/inference/slabs.ts';
import type { SlabOptions } from '../../server/src/inference/slabs.ts';
import { slicesOf } from '../../server/src/inference/tensors.ts';
import type { GraphTensor } from '../../server/src/inference/tensors.ts';

const [directory = '', id = '', imageFile = '', size = '', output = ''] = process.argv.slice(2);

const model = (await loadModels(directory)).get(id);
const open = await openSessions(id, await readGraphs(model), 'cpu', () => 2);

async function readImage(): Promise<GraphTensor> {
  const bytes = await readFile(imageFile);
  const values = new Float32Array(new Uint8Array(bytes).buffer);
  const [z = 0, y = 0, x = 0] = size.split(',').map(Number);
  const intensity = model.manifest.input.intensity.CT;
  if (intensity === undefined) throw new Error(`${id} reads no CT`);
  return { data: normalise(intensity, values), channels: 1, dims: [z, y, x] };
}

function options(run: RunGraph): SlabOptions {
  const memoryBytes = 512 * 1024 * 1024;
  return {
    memoryBytes,
    workers: new WorkerPool([new LocalWorker(run)]),
    beforeRun: () => Promise.resolve(),
    onProgress: () => undefined,
  };
}

async function writeWhole(image: GraphTensor): Promise<void> {
  const { manifest } = model;
  const whole: Manifest = {
    ...manifest,
    graphs: manifest.graphs.map((graph) => ({ ...graph, slab: 'whole' as const })),
  };
  const made = new Map<string, GraphTensor>();
  const run: RunGraph = async (graph, inputs) => {
    const results = await open.run(graph, inputs);
    for (const [name, tensor] of Object.entries(results))
      made.set(name, { ...tensor, data: tensor.data.slice() });
    return results;
  };
  await runGraphs(whole, slicesOf(image, 0, image.dims[0]), options(run));
  for (const { tensor, role } of manifest.outputs) {
    const map = made.get(tensor);
    await writeFile(join(output, `${id}.${role}.f32`), map === undefined ? '' : unitVectors(map));
  }
}

/** The vectors of a map of floats in either order to channel-major unit vectors. */
function unitVectors({ data, channels, isChannelsLast = false }: GraphTensor): Float32Array {
  const voxels = data.length / channels;
  const [voxelStep, channelStep] = isChannelsLast ? [channels, 1] : [1, voxels];
  const unit = new Float32Array(data.length);
  for (let voxel = 0; voxel < voxels; voxel += 1) {
    const vector = Array.from({ length: channels }, (_, c) => data[voxel * voxelStep + c * channelStep] ?? 0);
    const length = Math.hypot(...vector);
    vector.forEach((value, c) => {
      unit[c * voxels + voxel] = value / length;
    });
  }
  return unit;
}

/** Voxel-major int8 to channel-major unit vectors. */
function unpacked({ vectors, inverseNorms, channels }: PackedVectors): Float32Array {
  const voxels = inverseNorms.length;
  return Float32Array.from(vectors, (_, index) => {
    const [channel, voxel] = [Math.floor(index / voxels), index % voxels];
    return (vectors[voxel * channels + channel] ?? 0) * (inverseNorms[voxel] ?? 0);
  });
}

async function writePacked(image: GraphTensor): Promise<void> {
  const maps = await runGraphs(model.manifest, slicesOf(image, 0, image.dims[0]), options(open.run));
  for (const { tensor, role } of model.manifest.outputs) {
    const packed = maps.get(tensor)?.result();
    await writeFile(join(output, `${id}.${role}.packed.f32`), packed === undefined ? '' : unpacked(packed));
  }
}

const image = await readImage();
await writeWhole(image);
await writePacked(image);
await open.close();
