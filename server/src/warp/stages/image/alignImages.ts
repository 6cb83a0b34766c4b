/**
 * Instance optimisation with the images: displacements moved until the local contrast at their ends is alike. SAMConvex stops at the
 * features, whose voxels have 4 mm; ConvexAdam (Siebert et al. 2022) ends with features of the image, as here.
 * @module
 */
import type { LpsPoint } from '../../../geometry/index.ts';
import { pyramidOf } from '../../../pyramid/index.ts';
import type { SearchSpace } from '../../../search/index.ts';
import { latticeAround, sizeOf } from '../../field/displacementField.ts';
import { isInBody } from '../../field/quality.ts';
import { adam, addDiffusion } from '../adam.ts';
import { boxed } from '../instance.ts';
import { cornersIn, movedBy } from '../lattice.ts';
import { imageTerm } from './imageTerm.ts';
import type { Contrast } from './imageTerm.ts';
import { normalised } from './normalised.ts';

/** How images are aligned; lengths in mm, images in voxels of 2 mm. */
export const IMAGE_PARAMETERS = {
  imageNodeMm: 8,
  imageSampleStride: 2,
  imageWindowReach: 3,
  imageNoise: 20,
  imageDiffusionWeight: 0.03,
  imageBoxSmoothings: 3,
} as const;
/** Steps of Adam with their rates, mm: they begin as far as the features err, and end well below a voxel. */
const ROUNDS = [
  { steps: 25, learningRate: 0.3 },
  { steps: 15, learningRate: 0.1 },
  { steps: 10, learningRate: 0.03 },
] as const;

type Place = (lps: LpsPoint) => LpsPoint;

/** A map of the body, moved until the images at its ends are alike. @param guess LPS mm of `fixed` to LPS mm of `moving` */
export function aligned(fixed: SearchSpace, moving: SearchSpace, guess: Place): Place {
  const { grid } = fixed.maps[0].map;
  const lattice = latticeAround(grid, IMAGE_PARAMETERS.imageNodeMm);
  const { addGradient, samples } = imageTerm(contrastOf(fixed), contrastOf(moving), {
    lattice,
    sampleStride: IMAGE_PARAMETERS.imageSampleStride,
    isInBody: isInBody({ grid, mask: fixed.embedding.bodyMask }),
    guess,
  });
  if (samples === 0) return guess;
  const smooth = (values: Float32Array): Float32Array =>
    boxed(values, lattice.dims, IMAGE_PARAMETERS.imageBoxSmoothings);
  const change = new Float32Array(3 * sizeOf(lattice));
  for (const settings of ROUNDS)
    adam(change, settings, (values, gradient) => {
      // What the optimiser moves is smoothed before it is used: neighbours move together.
      const displacements = smooth(values);
      const raw = new Float32Array(gradient.length);
      addGradient(displacements, raw);
      addDiffusion(lattice.dims, displacements, IMAGE_PARAMETERS.imageDiffusionWeight, raw);
      gradient.set(smooth(raw));
    });
  const displacements = smooth(change);
  const corners = cornersIn(lattice);
  return (lps) => movedBy(guess(lps), corners(lps), displacements, 1);
}

function contrastOf({ embedding }: SearchSpace): Contrast {
  const level = pyramidOf(embedding).fine;
  const { imageWindowReach: windowReach, imageNoise: noise } = IMAGE_PARAMETERS;
  return { level, values: normalised(level, { windowReach, noise }) };
}
