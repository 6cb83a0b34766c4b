/**
 * A volume as the graphs of a model read it, in threads of the server: resampled, cut to the body, normalised, padded.
 * @module
 */
export { applicabilityWarnings, bodyPartWarnings } from './applicability.ts';
export { blockMeans, bodyMask, bodyMaskOf } from './bodyMask.ts';
export type { BodyMaskTask } from './bodyMask.ts';
export { toImage } from './image.ts';
export { InferenceFailure } from './inferenceFailure.ts';
export { isLongInput } from './longInput.ts';
export { PREPROCESSING_VERSION } from './preprocess.ts';
export type { TensorDims } from './preprocess.ts';
export { Resampler } from './resampler.ts';
export { warmUp, warmUpTask } from './warmUp.ts';
export { tensorDims, toWorkingVolume } from './workingVolume.ts';
export type { AnonymousVolume, WorkingVolume } from './workingVolume.ts';
