/**
 * The difference of two images as a function of displacements on a lattice, and its gradient.
 * @module
 */
import { AXES, lpsPoint, perAxis } from '../../../geometry/index.ts';
import type { LpsPoint } from '../../../geometry/index.ts';
import type { Grid } from '../../../volume/types.ts';
import { cornersIn } from '../lattice.ts';
import { LinearImage } from './linearImage.ts';
import type { Level } from './normalised.ts';

const CORNERS = 8;

/** An image to compare: its local contrast on the grid of its level. */
export interface Contrast {
  readonly level: Level;
  readonly values: Float32Array;
}

/** Where images are compared. */
export interface Comparison {
  /** Three displacements per node are looked for, LPS mm. */
  readonly lattice: Grid;
  /** Every so many voxels of the fixed image along each axis. */
  readonly sampleStride: number;
  readonly isInBody: (lps: LpsPoint) => boolean;
  /** Where points of the fixed image are expected in the moving one; LPS, mm. */
  readonly guess: (lps: LpsPoint) => LpsPoint;
}

/** Samples of the fixed image, with the nodes that move them. */
interface Samples {
  readonly values: Float32Array;
  /** Where the guess puts them, voxels of the moving level; three per sample. */
  readonly places: Float32Array;
  /** Eight per sample. */
  readonly nodes: Int32Array;
  readonly weights: Float32Array;
}

/** The mean squared difference of the images; samples that are moved out of view count nothing. */
export interface ImageTerm {
  /** @returns the mean; adds its gradient by the displacements (LPS mm, three per node) */
  readonly addGradient: (displacements: Float32Array, gradient: Float32Array) => number;
  readonly samples: number;
}

/** Compares two images through displacements of a lattice. */
export function imageTerm(fixed: Contrast, moving: Contrast, comparison: Comparison): ImageTerm {
  const samples = samplesOf(fixed, moving.level, comparison);
  const image = new LinearImage(moving.values, moving.level.dims);
  const perMm = perAxis((axis) => 1 / moving.level.spacing[axis]);
  const count = samples.values.length;
  const addGradient: ImageTerm['addGradient'] = (displacements, gradient) => {
    let sum = 0;
    for (let sample = 0; sample < count; sample++) {
      if (!readMoved(image, samples, sample, displacements, perMm)) continue;
      const difference = image.value - (samples.values[sample] ?? NaN);
      sum += difference * difference;
      const pull = (2 * difference) / count;
      for (let corner = CORNERS * sample; corner < CORNERS * (sample + 1); corner++) {
        const at = 3 * (samples.nodes[corner] ?? NaN);
        const share = pull * (samples.weights[corner] ?? NaN);
        for (let axis = 0; axis < 3; axis++)
          gradient[at + axis] =
            (gradient[at + axis] ?? NaN) + share * (image.slope[axis] ?? NaN) * (perMm[axis] ?? NaN);
      }
    }
    return sum / count;
  };
  return { addGradient, samples: count };
}

/** Reads the moving image where a sample goes. */
function readMoved(
  image: LinearImage,
  { places, nodes, weights }: Samples,
  sample: number,
  displacements: Float32Array,
  perMm: readonly [number, number, number],
): boolean {
  let [x, y, z] = [0, 0, 0];
  for (let corner = CORNERS * sample; corner < CORNERS * (sample + 1); corner++) {
    const weight = weights[corner] ?? NaN;
    const at = 3 * (nodes[corner] ?? NaN);
    x += weight * (displacements[at] ?? NaN);
    y += weight * (displacements[at + 1] ?? NaN);
    z += weight * (displacements[at + 2] ?? NaN);
  }
  const at = 3 * sample;
  return image.read(
    (places[at] ?? NaN) + x * perMm[0],
    (places[at + 1] ?? NaN) + y * perMm[1],
    (places[at + 2] ?? NaN) + z * perMm[2],
  );
}

function samplesOf(
  { level, values }: Contrast,
  moving: Level,
  { lattice, sampleStride, isInBody, guess }: Comparison,
): Samples {
  const voxels = bodyVoxels(level, sampleStride, isInBody).filter(
    ({ voxel }) => !Number.isNaN(values[voxel] ?? NaN),
  );
  const count = voxels.length;
  const [nodes, weights] = [new Int32Array(CORNERS * count), new Float32Array(CORNERS * count)];
  const places = new Float32Array(3 * count);
  const corners = cornersIn(lattice);
  for (const [sample, { lps }] of voxels.entries()) {
    const around = corners(lps);
    nodes.set(around.nodes, CORNERS * sample);
    weights.set(around.weights, CORNERS * sample);
    const place = guess(lps);
    for (const axis of AXES)
      places[3 * sample + axis] = (place[axis] - moving.origin[axis]) / moving.spacing[axis];
  }
  return { values: Float32Array.from(voxels, ({ voxel }) => values[voxel] ?? NaN), places, nodes, weights };
}

interface BodyVoxel {
  readonly voxel: number;
  readonly lps: LpsPoint;
}

/** Voxels of a level in the body, every so many along each axis. */
function bodyVoxels(
  { dims, origin, spacing }: Level,
  stride: number,
  isInBody: (lps: LpsPoint) => boolean,
): readonly BodyVoxel[] {
  const found: BodyVoxel[] = [];
  for (let k = 0; k < dims[2]; k += stride)
    for (let j = 0; j < dims[1]; j += stride)
      for (let i = 0; i < dims[0]; i += stride) {
        const at = [i, j, k] as const;
        const lps = lpsPoint(...perAxis((axis) => origin[axis] + at[axis] * spacing[axis]));
        if (isInBody(lps)) found.push({ voxel: (k * dims[1] + j) * dims[0] + i, lps });
      }
  return found;
}
