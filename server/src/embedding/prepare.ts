/**
 * A volume on its working grid: as the graphs read it, and as the image that goes with its embedding. All arrays lie in memory that
 * threads share.
 * @module
 */
import { resampleCooperatively, workingGrid } from '../volume/index.ts';
import type { Grid } from '../volume/types.ts';
import { bodyGrid } from './bodyBox.ts';
import { toImage } from './image.ts';
import type { IntensityMap, Manifest } from './manifest.ts';
import { normalise, padTo } from './preprocess.ts';
import type { TensorDims } from './preprocess.ts';
import type { VolumeShape } from './protocol.ts';
import { InferenceFailure } from './sessions.ts';
import { slicesOf } from './tensors.ts';
import type { TensorSlices } from './tensors.ts';
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

/** What graphs read of a volume, one channel; the grid is without the padding. */
export interface PreparedVolume {
  readonly grid: Grid;
  readonly slices: TensorSlices;
}

/**
 * Resamples and normalises a volume for the graphs of a model, in small steps.
 * @param intensity that of the volume's modality
 * @throws InferenceFailure volume-too-large
 */
export async function prepare(
  volume: AnonymousVolume,
  input: Manifest['input'],
  intensity: IntensityMap,
): Promise<PreparedVolume> {
  const { outside } = intensity;
  const whole = workingGrid(volume, input.spacingMm);
  const grid = checked(input.crop === 'body' ? bodyGrid(volume, whole, outside) : whole);
  const values = await resampleCooperatively(volume, grid, { outside, antialias: input.antialias });
  const { dims, values: padded } = padTo(values, tensorDims(grid), input.minimumSize, outside);
  const tensor = { data: normalise(intensity, padded), channels: 1, dims };
  return { grid, slices: slicesOf(tensor, 0, dims[0]) };
}

/** The volume as an image on a working grid, in small steps. */
export async function imageOn(volume: AnonymousVolume, grid: Grid, outside: number): Promise<ImageMap> {
  const values = await resampleCooperatively(volume, grid, { outside, antialias: true });
  return toImage(values, grid, volume.modality);
}

/** Sizes of a grid in the order of tensors. */
export function tensorDims({ dims: [nx, ny, nz] }: Pick<Grid, 'dims'>): TensorDims {
  return [nz, ny, nx];
}

function checked(grid: Grid): Grid {
  const [nx, ny, nz] = grid.dims;
  if (nx * ny * nz <= MAX_WORKING_VOXELS) return grid;
  const fields = { dims: grid.dims, limit: MAX_WORKING_VOXELS };
  throw new InferenceFailure({ code: 'embedding/volume-too-large', fields });
}
