/**
 * A volume on its working grid: as the graphs read it, and as the image that goes with its embedding. This is done in the server (resampler.ts): the inference process gets a twentieth of the voxels of thin slices.
 * @module
 */
import { collectGarbage } from '../concurrency/index.ts';
import { averages, resampleCooperatively, voxelsOf } from '../resampling/index.ts';
import { workingGrid } from '../volume/index.ts';
import type { Grid, Volume } from '../volume/types.ts';
import { bodyGrid } from './bodyBox.ts';
import { toImage } from './image.ts';
import type { IntensityMap, Manifest } from '../model/index.ts';
import { isLongInput } from './longInput.ts';
import { normalise, padTo } from './preprocess.ts';
import type { TensorDims } from './preprocess.ts';
import type { WorkingShape, ImageMap } from './types.ts';
import { InferenceFailure } from './inferenceFailure.ts';

/**
 * Most working voxels of a volume. 1.5 m of patient in a 500 mm field at 2 mm are 47 million; past this a wrong spacing is
 * more likely than a patient, and its image would need a gigabyte.
 */
const MAX_WORKING_VOXELS = 200_000_000;

/** A volume to be embedded: voxels and where they are, nothing about the patient. */
export type AnonymousVolume = Pick<Volume, 'dims' | 'voxelToLps' | 'modality' | 'data' | 'reduced'>;

/** What is embedded of a volume, on the grid of a model. */
export interface WorkingVolume extends WorkingShape {
  /** What the graphs read: one channel, padded, normalised; in memory of its own. */
  readonly input: Float32Array;
  /** Without the padding; in memory that threads share. */
  readonly image: ImageMap;
}

/**
 * Resamples a volume for the graphs of a model, as the image that goes with the embedding, too.
 * @param intensity that of the volume's modality
 * @throws InferenceFailure volume-too-large
 */
export async function toWorkingVolume(
  volume: AnonymousVolume,
  input: Manifest['input'],
  intensity: IntensityMap,
): Promise<WorkingVolume> {
  const { outside } = intensity;
  const whole = workingGrid(volume, input.spacingMm);
  const grid = checked(input.crop === 'body' ? bodyGrid(volume, whole, outside) : whole);
  const { inputDims, input: read, image: same } = await inputOf(volume, grid, input, intensity);
  giveBackKernels(read);
  const image = same ?? (await imageOf(volume, grid, outside));
  return { sourceDims: volume.dims, modality: volume.modality, grid, inputDims, input: read, image };
}

/** What the graphs read, and the image where it has the same values. */
async function inputOf(
  volume: AnonymousVolume,
  grid: Grid,
  { antialias, minimumSize }: Manifest['input'],
  intensity: IntensityMap,
): Promise<Pick<WorkingVolume, 'inputDims' | 'input'> & Partial<Pick<WorkingVolume, 'image'>>> {
  const { outside } = intensity;
  const pixels = voxelsOf(volume, antialias ? 'means' : 'points');
  const values = await resampleCooperatively(pixels, grid, { outside, antialias });
  const padded = padTo(values, tensorDims(grid), minimumSize, outside);
  const read = { inputDims: padded.dims, input: normalise(intensity, padded.values) };
  const areMeans = antialias || (volume.reduced === undefined && !averages(volume, grid));
  return areMeans ? { ...read, image: toImage(values, grid, volume.modality) } : read;
}

/** The image of a volume that is finer than the grid: each voxel the mean of those that it covers. */
async function imageOf(volume: AnonymousVolume, grid: Grid, outside: number): Promise<ImageMap> {
  const means = await resampleCooperatively(voxelsOf(volume, 'means'), grid, { outside, antialias: true });
  return toImage(means, grid, volume.modality);
}

/** Collects the memories of resamplings that are done, each as large as the input, which V8 does not count. */
export function giveBackKernels(input: Float32Array): void {
  if (isLongInput(input)) collectGarbage();
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
