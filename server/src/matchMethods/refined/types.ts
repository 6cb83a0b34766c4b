import type { FirstGuess } from '../../placement/index.ts';
import type { NeighbourMap } from '../../neighbourMap/index.ts';
import type { Pyramid } from '../../pyramid/index.ts';

/** What refinement computes once per pair; plain data, large arrays in shared memory. */
export interface PairContext {
  readonly query: Pyramid;
  readonly target: Pyramid;
  /** Undefined where matches of the pair do not agree on any map. */
  readonly neighbourMap: NeighbourMap | undefined;
  /**
   * The matches agree no better than those of two patients. Patches of two patients do not correspond: registered, they slide
   * to what looks alike, and are farther off than what the neighbours say.
   */
  readonly areDifferentPatients: boolean;
  /** Matches agree as those of one patient, but tissue does not: nothing is claimed. */
  readonly areImagesUnlike: boolean;
  /**
   * The intensities of two modalities, or of two sequences of an MR, do not follow from each other by gain and offset: patches are not
   * registered.
   */
  readonly areDifferentContrasts: boolean;
  /** What the pair was placed by, if not by the matches of the embedding. */
  readonly guess: FirstGuess | undefined;
}
