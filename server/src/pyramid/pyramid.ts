import { paddingOf } from '../preprocessing/padding/index.ts';
import type { Embedding } from '../embedding/types.ts';
import { perAxis, spacingOf } from '../geometry/index.ts';
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
  const isMissing = volume.modality === 'CT' ? missingOf(image) : undefined;
  const fine = { dims, spacing, origin, values: kernel.mapped(image.values, isMissing) };
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

/**
 * 1 for the voxels of a CT that the scanner has not acquired, and those beside them in their axial slice, which resampling has mixed with
 * these; undefined where there are none.
 */
function missingOf({ grid, values }: Embedding['image']): Uint8Array | undefined {
  const [ni, nj, nk] = grid.dims;
  const padding = paddingOf({ values, dims: [nk, nj, ni] });
  const result = new Uint8Array(padding.length);
  let end = 0;
  for (let from = padding.indexOf(1); from >= 0; from = padding.indexOf(1, end)) {
    const row = Math.floor(from / ni);
    const next = padding.indexOf(0, from);
    end = Math.min(next < 0 ? padding.length : next, (row + 1) * ni);
    const [first, last] = [Math.max(from - 1, row * ni), Math.min(end + 1, (row + 1) * ni)];
    result.fill(1, first, last);
    if (row % nj > 0) result.fill(1, first - ni, last - ni);
    if (row % nj < nj - 1) result.fill(1, first + ni, last + ni);
  }
  return end === 0 ? undefined : result;
}
