/**
 * A volume through a model, inside the inference process: resample, normalise, run in slabs, pack, mask.
 * @module
 */
import { affineFromColumns, axisStep, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { resampleCooperatively, workingGrid } from '../volume/index.ts';
import type { Grid, VolumeWarning } from '../volume/types.ts';
import { bodyGrid } from './bodyBox.ts';
import { blockMeans, bodyMask } from './bodyMask.ts';
import type { IntensityMap, Manifest, OutputManifest } from './manifest.ts';
import { fitWarnings } from './fit.ts';
import { toImage } from './image.ts';
import { normalise, padTo } from './preprocess.ts';
import type { TensorDims } from './preprocess.ts';
import type { InferenceSettings, MapShape, ModelReference, VolumeShape } from './protocol.ts';
import { InferenceFailure } from './sessions.ts';
import type { PackedMap } from './packing.ts';
import { runGraphs } from './slabs.ts';
import type { InsideOf, SlabOptions } from './slabs.ts';
import type { ImageMap } from './types.ts';

/**
 * Most working voxels of a volume. 1.5 m of patient in a 500 mm field at 2 mm are 47 million; past this a wrong spacing is
 * more likely than a patient, and the image alone would take a gigabyte.
 */
const MAX_WORKING_VOXELS = 200_000_000;

/** A volume in the inference process: voxels and where they are, nothing about the patient. */
export interface AnonymousVolume extends VolumeShape {
  readonly data: Int16Array | Float32Array;
}

/** One packed map with its grid; see EmbeddingMap. */
export interface PackedOutput extends MapShape {
  readonly vectors: Int8Array;
  readonly inverseNorms: Float32Array;
}

/** What {@link infer} gives. */
export interface InferenceResult {
  readonly maps: readonly PackedOutput[];
  /** On the grid of the fine map. */
  readonly bodyMask: Uint8Array;
  readonly image: ImageMap;
  readonly warnings: readonly VolumeWarning[];
}

/**
 * Computes the maps of a volume.
 * @throws InferenceFailure no-body, volume-too-large, model-failed; and whatever `beforeRun` throws.
 */
export async function infer(
  model: ModelReference,
  volume: AnonymousVolume,
  settings: Pick<InferenceSettings, 'slabMemoryBytes'>,
  hooks: Pick<SlabOptions, 'beforeRun' | 'onProgress' | 'lanes'>,
): Promise<InferenceResult> {
  const { input, outputs } = model.manifest;
  const intensity = input.intensity[volume.modality];
  if (intensity === undefined) throw failed(model, `it does not read ${volume.modality}`);
  const { grid, working } = await inTurn(() => prepare(volume, input, intensity));
  const tensor = { data: working.values, channels: 1, dims: working.dims };
  // Made while the first slabs run: it is wanted when the first map is packed.
  const imaged = inTurn(() => imageOn(grid, volume, intensity));
  const body = new BodyOfMap(model, imaged, working.dims[0], volume);
  const packed = await runGraphs(model.manifest, tensor, {
    ...hooks,
    memoryBytes: settings.slabMemoryBytes,
    insideOf: (output) => body.insideOf(output),
  });
  const maps = outputs.map((output) => packedOutput(model, grid, output, packed.get(output.tensor)));
  const fine = maps.find(({ role }) => role === 'fine');
  const [image, made] = await Promise.all([imaged, body.mask]);
  const mask = made.subarray(0, fine?.inverseNorms.length);
  const warnings = fitWarnings({ image, mask, modality: volume.modality }, model.manifest);
  return { maps, bodyMask: mask, image, warnings };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** Volumes that come together are prepared one after the other: the slabs of the first run while the next is prepared. */
function inTurn<T>(work: () => Promise<T>): Promise<T> {
  const turn = lastTurn.then(work);
  lastTurn = turn.catch(() => undefined);
  return turn;
}

/** A volume on its working grid, as the network reads it. In small steps: lanes want their slabs meanwhile. */
async function prepare(
  volume: AnonymousVolume,
  input: Manifest['input'],
  intensity: IntensityMap,
): Promise<{
  readonly grid: Grid;
  readonly working: { readonly values: Float32Array; readonly dims: TensorDims };
}> {
  const { outside } = intensity;
  const whole = workingGrid(volume, input.spacingMm);
  const grid = checked(input.crop === 'body' ? bodyGrid(volume, whole, outside) : whole);
  const values = await resampleCooperatively(volume, grid, { outside, antialias: input.antialias });
  const working = padTo(values, tensorDims(grid), input.minimumSize, outside);
  return { grid, working: { ...working, values: normalise(intensity, working.values) } };
}

/** The same as an image, in small steps. */
async function imageOn(grid: Grid, volume: AnonymousVolume, { outside }: IntensityMap): Promise<ImageMap> {
  const values = await resampleCooperatively(volume, grid, { outside, antialias: true });
  return toImage(values, grid, volume.modality);
}

/**
 * Body mask on the grid of the fine map, made when the first slab tells that grid's size in plane. Fine and semantic maps
 * have vectors inside of it only; coarse ones have all, because they are interpolated and a coarse voxel whose centre is in
 * air may hold half a body.
 */
class BodyOfMap {
  readonly #model: ModelReference;
  readonly #image: Promise<ImageMap>;
  readonly #depth: number;
  readonly #volume: VolumeShape;
  #mask: Promise<Uint8Array> | undefined;

  /** @param depth working slices, padding included. */
  constructor(model: ModelReference, image: Promise<ImageMap>, depth: number, volume: VolumeShape) {
    this.#model = model;
    this.#image = image;
    this.#depth = depth;
    this.#volume = volume;
  }

  get mask(): Promise<Uint8Array> {
    return this.#mask ?? Promise.resolve(new Uint8Array(0));
  }

  /** The mask for an output, given the size of its slices; undefined for one that has vectors everywhere. */
  insideOf(output: OutputManifest): InsideOf | undefined {
    const { stride, centre } = output;
    const fine = this.#model.manifest.outputs.find(({ role }) => role === 'fine');
    const isOnFineGrid = JSON.stringify([stride, centre]) === JSON.stringify([fine?.stride, fine?.centre]);
    if (output.role === 'coarse' || !isOnFineGrid) return undefined;
    return ([ny, nx]) => {
      const nz = Math.max(1, Math.ceil(this.#depth / stride[0]));
      return (this.#mask ??= this.#make([nz, ny, nx], output));
    };
  }

  /** @throws InferenceFailure no-body, before the time is spent on the maps. */
  async #make(dims: TensorDims, { stride, centre }: OutputManifest): Promise<Uint8Array> {
    const { values, grid } = await this.#image;
    const means = blockMeans({ values, dims: tensorDims(grid) }, dims, stride, centre);
    const mask = bodyMask(means, this.#volume.modality);
    if (mask.includes(1)) return mask;
    const fields = { model: this.#model.id, dims: this.#volume.dims };
    throw new InferenceFailure({ code: 'embedding/no-body', fields });
  }
}

function failed(model: ModelReference, problem: string): InferenceFailure {
  return new InferenceFailure({ code: 'embedding/model-failed', fields: { model: model.id, problem } });
}

function checked(grid: Grid): Grid {
  const [nx, ny, nz] = grid.dims;
  if (nx * ny * nz <= MAX_WORKING_VOXELS) return grid;
  const fields = { dims: grid.dims, limit: MAX_WORKING_VOXELS };
  throw new InferenceFailure({ code: 'embedding/volume-too-large', fields });
}

function tensorDims({ dims: [nx, ny, nz] }: Pick<Grid, 'dims'>): TensorDims {
  return [nz, ny, nx];
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
