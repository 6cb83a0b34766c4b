/**
 * The names that a manifest may use in what it says about matching: closed lists, so that a misspelt one is refused and not ignored.
 * matching/ uses the same.
 * @module
 */
/** Names of the matching methods, the default first (docs/architecture.md, "Matching methods"). */
export const MATCH_METHODS = ['refined', 'nearest', 'structural', 'field'] as const;
export type MatchMethod = (typeof MATCH_METHODS)[number];

/** The steps of the methods that may give an answer; `local`, `surroundings`, `farther` and `neighbour-map` are those of `refined` (docs/decisions/008-refined-matching.md and 018). */
export const MATCH_STEPS = [
  'local',
  'surroundings',
  'farther',
  'neighbour-map',
  'nearest',
  'structural',
  'field',
] as const;
export type MatchStep = (typeof MATCH_STEPS)[number];

/**
 * How a pair is placed before points are searched near their places: by the matches of the embedding in the whole volume, or, where the
 * embedding does not say where in the body a point is, by the edges of the images (docs/decisions/019-global-first-guess.md), or, where single
 * vectors are noisy, by all of them together (docs/decisions/027-vectors-place-a-pair.md).
 */
export const GLOBAL_STEPS = ['embedding', 'edges', 'vectors'] as const;
export type GlobalStep = (typeof GLOBAL_STEPS)[number];

/** What the error radius is computed from, in the order of matching/confidence/features.ts. */
export const FEATURES = [
  'cycle',
  'dissimilarity',
  'rivalry',
  'spread',
  'neighbours',
  'disagreement',
  'candidate',
  'patchMismatch',
  'slices',
  'pixels',
] as const;
export type Feature = (typeof FEATURES)[number];
