import type { Embedding } from '../embedding/types.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';

/** How much each place of a series looks like one point of another. */
export interface SimilarityMap {
  readonly dims: Embedding['image']['grid']['dims'];
  /** Index of a place to LPS mm of the series. */
  readonly voxelToLps: Affine;
  /** Mean cosine per place, -1 to 1, i fastest; NaN outside of the body. */
  readonly similarities: Float32Array;
}

/** A similarity map with what it is of. */
export interface PointSimilarity extends SimilarityMap {
  readonly query: SimilaritySeries & { readonly lps: LpsPoint };
  readonly target: SimilaritySeries;
  readonly model: { readonly id: string; readonly version: string };
}

/** A series, and the coordinate system of its images. */
interface SimilaritySeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly frameOfReferenceUid: string;
}
