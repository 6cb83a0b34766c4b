/**
 * A resampled volume through a model, inside the inference process: run in slabs, pack, mask.
 * @module
 */
import { affineFromColumns, axisStep, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { Grid, VolumeWarning } from '../volume/types.ts';
import { bodyMaskOf, applicabilityWarnings, tensorDims, InferenceFailure } from '../preprocessing/index.ts';
import type { BodyMaskTask, WorkingVolume, TensorDims } from '../preprocessing/index.ts';
import { manifestFor } from '../model/layout.ts';
import type { OutputManifest } from '../model/index.ts';
import type { InferenceSettings, MapShape } from './process/protocol.ts';
import type { ModelReference, ImageMap } from '../preprocessing/types.ts';
import type { PackedMap } from './packing.ts';
import { runGraphs } from './slabs.ts';
import type { InsideOf, SlabOptions } from './slabs.ts';
import type { WorkerPool } from './worker.ts';
import { sharedSlices } from './tensors.ts';

/** One packed map with its grid; see EmbeddingMap. */
interface PackedOutput extends MapShape {
  readonly vectors: Int8Array;
  readonly inverseNorms: Float32Array;
}

/** What {@link infer} gives. */
export interface InferenceResult {
  /** Whoever sends them removes each one that is sent: the maps of a long series are large. */
  readonly maps: PackedOutput[];
  /** On the grid of the fine map. */
  readonly bodyMask: Uint8Array;
  readonly image: ImageMap;
  readonly warnings: readonly VolumeWarning[];
}

/**
 * Computes the maps of a volume.
 * @throws InferenceFailure no-body, model-failed; and whatever `beforeRun` throws.
 */
export async function infer(
  model: ModelReference,
  volume: WorkingVolume,
  settings: Pick<InferenceSettings, 'slabMemoryBytes'>,
  hooks: Pick<SlabOptions, 'beforeRun' | 'onProgress' | 'workers'>,
): Promise<InferenceResult> {
  const { outputs } = model.manifest;
  const { grid, image, input, inputDims } = volume;
  await hooks.beforeRun();
  const body = new BodyOfMap(model, volume, hooks.workers);
  const manifest = manifestFor(model.manifest, volume.modality);
  const graphs = runGraphs(manifest, sharedSlices(input, inputDims), {
    ...hooks,
    memoryBytes: settings.slabMemoryBytes,
    insideOf: (output) => body.insideOf(output),
  });
  const packed = await graphs.finally(() => body.settled());
  const maps = outputs.map((output) => packedOutput(model, grid, output, packed.get(output.tensor)));
  const fine = maps.find(({ role }) => role === 'fine');
  const mask = (await body.mask).subarray(0, fine?.inverseNorms.length);
  const warnings = applicabilityWarnings({ image, mask, modality: volume.modality }, model.manifest);
  return { maps, bodyMask: mask, image, warnings };
}

/**
 * Body mask on the grid of the fine map, made by a worker while the others run the first graph. Fine and semantic maps have vectors
 * inside of it only; coarse ones have all, because they are interpolated and a coarse voxel whose centre is in air may hold half a body.
 */
class BodyOfMap {
  readonly #model: ModelReference;
  #task: BodyMaskTask;
  readonly #sourceDims: WorkingVolume['sourceDims'];
  #mask: Promise<Uint8Array>;

  constructor(
    model: ModelReference,
    { image, inputDims, modality, sourceDims }: WorkingVolume,
    workers: WorkerPool,
  ) {
    const fine = model.manifest.outputs.find(({ role }) => role === 'fine');
    if (fine === undefined) throw failed(model, 'it has no fine map');
    const { stride, centre } = fine;
    // Convolutions with a stride keep the rest of a division; insideOf() sees whether these do.
    const [nz, ny, nx] = inputDims.map((size, axis) => Math.max(1, Math.ceil(size / (stride[axis] ?? 1))));
    const dims: TensorDims = [nz ?? 1, ny ?? 1, nx ?? 1];
    this.#model = model;
    this.#sourceDims = sourceDims;
    this.#task = {
      image: { values: image.values, dims: tensorDims(image.grid) },
      modality,
      dims,
      stride,
      centre,
    };
    this.#mask = workers
      .use(true, (worker) => worker.maskBody(this.#task))
      .then((mask) => this.#checked(mask));
    // A failure is that of who needs the mask.
    void this.settled();
  }

  /** @throws InferenceFailure no-body */
  get mask(): Promise<Uint8Array> {
    return this.#mask;
  }

  /** Resolves when no worker makes the mask any more, however that ended. */
  async settled(): Promise<void> {
    await Promise.allSettled([this.#mask]);
  }

  /** The mask for an output, given the size of its slices; undefined for one that has vectors everywhere. */
  insideOf({ role, stride, centre }: OutputManifest): InsideOf | undefined {
    const isOnFineGrid =
      JSON.stringify([stride, centre]) === JSON.stringify([this.#task.stride, this.#task.centre]);
    if (role === 'coarse' || !isOnFineGrid) return undefined;
    return async ([ny, nx]) => {
      const [nz, ...plane] = this.#task.dims;
      if (plane[0] !== ny || plane[1] !== nx) {
        this.#task = { ...this.#task, dims: [nz, ny, nx] };
        this.#mask = Promise.resolve(this.#checked(bodyMaskOf(this.#task)));
      }
      return await this.#mask;
    };
  }

  /** @throws InferenceFailure no-body, before the time is spent on the maps. */
  #checked(mask: Uint8Array): Uint8Array {
    if (mask.includes(1)) return mask;
    const fields = { model: this.#model.id, dims: this.#sourceDims };
    throw new InferenceFailure({ code: 'embedding/no-body', fields });
  }
}

function failed(model: ModelReference, problem: string): InferenceFailure {
  return new InferenceFailure({ code: 'embedding/model-failed', fields: { model: model.id, problem } });
}

function packedOutput(
  model: ModelReference,
  grid: Grid,
  output: OutputManifest,
  packed: PackedMap | undefined,
): PackedOutput {
  const result = packed?.result();
  if (result?.channels !== output.channels) {
    throw failed(model, `"${output.tensor}" has ${result?.channels ?? 0} channels, not ${output.channels}`);
  }
  return { role: output.role, voxelToLps: mapAffine(grid.voxelToLps, output), ...result };
}

/** Grid of a map: steps of `stride` working voxels, first voxel at working index `centre`. */
function mapAffine(working: Affine, { stride, centre }: OutputManifest): Affine {
  const step = (axis: 0 | 1 | 2): [number, number, number] => {
    const [x, y, z] = axisStep(working, axis);
    const factor = stride[2 - axis] ?? 1;
    return [x * factor, y * factor, z * factor];
  };
  const [z, y, x] = centre;
  return affineFromColumns(step(0), step(1), step(2), toLps(working, voxelIndex(x, y, z)));
}
