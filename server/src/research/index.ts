/**
 * Commands for researchers, on series in files: features, landmarks, training pairs, contrast phase, tracks.
 * @module
 */
export { addFeatures } from './features/program.ts';
export { addLandmarks } from './landmarks/program.ts';
export { addPairs } from './pairs/program.ts';
export { addPhase } from './phase/program.ts';
export { addTrack } from './track/program.ts';
