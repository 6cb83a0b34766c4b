/**
 * A volume through a model, inside the inference process: resample, normalise, run in slabs, pack, mask.
 * @module
 */
import { affineFromColumns, axisStep, toLps, voxelIndex } from '../geometry/index.ts';
import type { Affine } from '../geometry/index.ts';
import { resample, workingGrid } from '../volume/index.ts';
import type { Grid } from '../volume/types.ts';
import { blockMeans, bodyMask } from './bodyMask.ts';
import type { ValueGrid } from './bodyMask.ts';
import type { OutputManifest } from './manifest.ts';
import { toImage } from './image.ts';
import { normalise, padTo } from './preprocess.ts';
import type { TensorDims } from './preprocess.ts';
import type { InferenceSettings, MapShape, ModelReference, VolumeShape } from './protocol.ts';
import { InferenceFailure } from './sessions.ts';
import type { PackedMap } from './packing.ts';
import { runGraphs } from './slabs.ts';
import type { RunGraph, SlabOptions } from './slabs.ts';
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
}

/**
 * Computes the maps of a volume.
 * @throws InferenceFailure no-body, volume-too-large, model-failed; and whatever `beforeRun` throws.
 */
export async function infer(
  model: ModelReference,
  volume: AnonymousVolume,
  settings: Pick<InferenceSettings, 'slabMemoryBytes'>,
  hooks: Pick<SlabOptions, 'beforeRun' | 'onProgress'> & { run: RunGraph },
): Promise<InferenceResult> {
  const { input, outputs } = model.manifest;
  const intensity = input.intensity[volume.modality];
  if (intensity === undefined) throw failed(model, `it does not read ${volume.modality}`);
  const grid = checkedGrid(volume, input.spacingMm);
  const sample = (antialias: boolean): Float32Array =>
    resample(volume, grid, { outside: intensity.outside, antialias });
  const image = toImage(sample(true), grid, volume.modality);
  const acquired: ValueGrid = { values: sample(input.antialias), dims: tensorDims(grid) };
  const working = padTo(acquired.values, acquired.dims, input.minimumSize, intensity.outside);
  const tensor = { data: normalise(intensity, working.values), channels: 1, dims: working.dims };
  const packed = await runGraphs(model.manifest, tensor, { ...hooks, memoryBytes: settings.slabMemoryBytes });
  const maps = outputs.map((output) => packedOutput(model, grid, output, packed.get(output.tensor)));
  const mask = maskMaps(maps, outputs, working, volume);
  if (!mask.includes(1)) {
    throw new InferenceFailure({ code: 'embedding/no-body', fields: { model: model.id, dims: volume.dims } });
  }
  return { maps, bodyMask: mask, image };
}

function failed(model: ModelReference, problem: string): InferenceFailure {
  return new InferenceFailure({ code: 'embedding/model-failed', fields: { model: model.id, problem } });
}

function checkedGrid(volume: AnonymousVolume, spacingMm: number): Grid {
  const grid = workingGrid(volume, spacingMm);
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

/**
 * Body mask on the grid of the fine map. Fine and semantic vectors outside of it are cleared; coarse ones stay, because
 * they are interpolated and a coarse voxel whose centre is in air may hold half a body.
 */
function maskMaps(
  maps: readonly PackedOutput[],
  outputs: readonly OutputManifest[],
  working: ValueGrid,
  { modality }: VolumeShape,
): Uint8Array {
  const fineIndex = outputs.findIndex(({ role }) => role === 'fine');
  const [fine, output] = [maps[fineIndex], outputs[fineIndex]];
  if (fine === undefined || output === undefined) return new Uint8Array(0);
  const mask = bodyMask(blockMeans(working, tensorDims(fine), output.stride, output.centre), modality);
  for (const map of maps) {
    if (map.role !== 'coarse' && map.inverseNorms.length === mask.length) clearOutside(map, mask);
  }
  return mask;
}

function clearOutside({ channels, vectors, inverseNorms }: PackedOutput, mask: Uint8Array): void {
  mask.forEach((inside, voxel) => {
    if (inside === 1) return;
    vectors.fill(0, voxel * channels, (voxel + 1) * channels);
    inverseNorms[voxel] = 0;
  });
}
