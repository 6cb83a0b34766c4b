/**
 * Whether the images of a pair speak against one patient. Matches of two necks may agree as those of one patient do; the tissue at matched
 * places then does not.
 * @module
 */
import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { fieldOf, NODE_NUMBERS } from '../../neighbourMap/index.ts';
import type { NeighbourMap } from '../../neighbourMap/index.ts';
import { directionsAt } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import { intoVolume } from '../intoVolume.ts';
import { hasNoDirection } from '../nearest.ts';
import type { PairContext } from './types.ts';
import { coarseCorrelation } from './registerAt.ts';

/** Two patients agree by less than this, and most pairs of one patient by more: their images are not compared. */
const DOUBTFUL_AGREEMENT = 0.55;
/** So many places are compared, and fewer say nothing. */
const [PLACES, FEWEST_PLACES] = [120, 12];
/** Tissue of one patient correlates by this around most places, also in another contrast phase: at 4 mm, noise and thick slices do not show. */
const ALIKE_CORRELATION = 0.96;
/** A smaller share of such places is that of two patients (docs/decisions/009-error-radius.md). */
const LEAST_ALIKE = 0.5;

/** True where matches agree little, and hardly a place that they join looks the same. */
export function areImagesUnlike(
  images: Pick<PairContext, 'query' | 'target'>,
  neighbourMap: NeighbourMap,
  target: SearchSpace,
): boolean {
  if (neighbourMap.agreement >= DOUBTFUL_AGREEMENT) return false;
  const share = alikeShare(images, neighbourMap, target);
  return share !== undefined && share < LEAST_ALIKE;
}

/** Share of places around which both images are alike, of those that can be registered; undefined where these are too few. */
export function alikeShare(
  images: Pick<PairContext, 'query' | 'target'>,
  neighbourMap: NeighbourMap,
  target: SearchSpace,
): number | undefined {
  const field = fieldOf(neighbourMap);
  const correlations = placesOf(neighbourMap).flatMap((from) => {
    const prediction = field.at(from);
    if (!isShown(target, prediction.lps)) return [];
    return coarseCorrelation(images, from, prediction) ?? [];
  });
  if (correlations.length < FEWEST_PLACES) return undefined;
  return correlations.filter((value) => value >= ALIKE_CORRELATION).length / correlations.length;
}

/** Some of the places whose matches made the map, from all parts of the body: the first three numbers of a node are its place. */
function placesOf({ nodes }: NeighbourMap): readonly LpsPoint[] {
  const count = nodes.length / NODE_NUMBERS;
  const step = Math.max(1, count / PLACES);
  return Array.from({ length: Math.min(count, PLACES) }, (_, n) => {
    const at = NODE_NUMBERS * Math.floor(n * step);
    return lpsPoint(nodes[at] ?? NaN, nodes[at + 1] ?? NaN, nodes[at + 2] ?? NaN);
  });
}

function isShown(target: SearchSpace, lps: LpsPoint): boolean {
  const isWithin = distanceMm(intoVolume(target.embedding.volume, lps), lps) === 0;
  return isWithin && !hasNoDirection(directionsAt(target, lps));
}
