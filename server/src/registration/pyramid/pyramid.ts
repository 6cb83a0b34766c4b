import type { Embedding } from '../../embedding/types.ts';
import { perAxis, spacingOf } from '../../geometry/index.ts';
import { unitsOf } from './level.ts';
import type { Level } from './level.ts';
import { PyramidKernel } from './pyramidKernel.ts';

/** The images of a series for registration, fine to coarse. */
export interface Pyramid {
  /** On the working grid (2 mm). */
  readonly fine: Level;
  /** At half its resolution (4 mm). */
  readonly coarse: Level;
}

/** Embeddings are immutable, so a pyramid lives as long as its embedding. */
const pyramids = new WeakMap<Embedding, Pyramid>();

/** The pyramid of an embedding's image; computed on first use in each thread (about 30 ms for a chest). */
export function pyramidOf(embedding: Embedding): Pyramid {
  const known = pyramids.get(embedding);
  if (known !== undefined) return known;
  const made = makePyramid(embedding);
  pyramids.set(embedding, made);
  return made;
}

/** Both images low-passed by [1 2 1] / 4 along each axis (a Gaussian of 0.7 voxels), the coarse one of means of 2 x 2 x 2. */
function makePyramid({ image, volume }: Pick<Embedding, 'image' | 'volume'>): Pyramid {
  const { dims, voxelToLps: m } = image.grid;
  const kernel = new PyramidKernel(dims, unitsOf(image, volume.modality === 'CT'));
  const spacing = spacingOf(m);
  const origin = [m[3], m[7], m[11]] as const;
  const fine = { dims, spacing, origin, values: kernel.mapped(image.values) };
  return { fine, coarse: halved(fine, kernel) };
}

/** Half the resolution, low-passed; an odd last plane is omitted. */
function halved({ dims, spacing, origin, values }: Level, kernel: PyramidKernel): Level {
  const steps = perAxis((axis) => (dims[axis] > 1 ? 2 : 1));
  const half = perAxis((axis) => Math.max(dims[axis] >> 1, 1));
  return {
    dims: half,
    spacing: perAxis((axis) => spacing[axis] * steps[axis]),
    origin: perAxis((axis) => origin[axis] + (spacing[axis] * (steps[axis] - 1)) / 2),
    values: kernel.halved(values, half),
  };
}
