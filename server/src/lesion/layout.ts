/**
 * Where the numbers lie that TypeScript and the module of rays (server/src/lesion/wasm) exchange. Both import this file, so it has
 * integer constants only.
 * @module
 */

/** Rays from a point at most, and samples along one. */
export const RAYS = 96;
export const RAY_SAMPLES = 27;
/** Directions of rays, whichever of them are in use. */
export const DIRECTIONS = 128;
/** Voxels around a place; i fastest, then j, then k. */
export const CORNERS_OF_PLACE = 8;
