/**
 * A point in the middle of a large change: a consolidated lung, an effusion, a resected part of the liver. Neither it nor what is around it
 * can be registered, and the embedding's matches inside are doubtful. Places farther off that have not changed are registered, and a
 * smooth map through them says where the point is.
 * @module
 */
import { distanceMm, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { fieldOf, packedPairs, SmoothField } from '../../neighbourMap/index.ts';
import type { NeighbourMap, Prediction, WeighedPair } from '../../neighbourMap/index.ts';
import { directionsAt, similarityAt } from '../../search/index.ts';
import type { SearchSpace } from '../../search/index.ts';
import { hasNoDirection } from '../nearest.ts';
import { intoVolume } from '../intoVolume.ts';
import type { PairContext } from './types.ts';
import { registerUnchanged } from './registerAt.ts';

/** How far the places are from the point, mm: beyond the window that is registered around it, and beyond large changes. */
const DISTANCES_MM = [32, 44, 56] as const;
/** Fewer places than this do not surround a point. */
const FEWEST_PLACES = 8;
/** Window of the map through the places, mm: about their distance. */
const SIGMA_MM = 35;
/**
 * A place weighs (TRUSTED_MM / (LEAST_MM + its standard deviation))^2: one that is known to 1.5 mm as much as a match of the neighbour map.
 * LEAST_MM is what the places err by beyond their standard deviation.
 */
const [TRUSTED_MM, LEAST_MM] = [2, 0.5];
/** Places err together with those beside them: so much weight is one independent observation. */
const INDEPENDENT_WEIGHT = 25;
const SIGNS = [-1, 1] as const;

/** To the faces and to the corners of a cube, of unit length. */
const DIRECTIONS: readonly LpsPoint[] = [
  ...SIGNS.flatMap((sign) => [lpsPoint(sign, 0, 0), lpsPoint(0, sign, 0), lpsPoint(0, 0, sign)]),
  ...SIGNS.flatMap((x) => SIGNS.flatMap((y) => SIGNS.map((z) => [x, y, z] as const))).map(([x, y, z]) =>
    lpsPoint(x / Math.sqrt(3), y / Math.sqrt(3), z / Math.sqrt(3)),
  ),
];

/** Where unchanged places put a point. */
export interface FromFarther {
  readonly prediction: Prediction;
  /** Standard error of the prediction, mm: smaller, the more places there are and the nearer they lie. */
  readonly sdMm: number;
  /** Mean similarity of the places. */
  readonly similarity: number;
}

/** A place that looks the same in both scans. */
interface UnchangedPlace extends WeighedPair {
  /** See {@link TRUSTED_MM}; may be larger than 1. */
  readonly weight: number;
  readonly similarity: number;
}

/** A point (LPS, mm) whose own tissue was not found again. */
interface ChangedPoint {
  readonly query: SearchSpace;
  readonly target: SearchSpace;
  readonly lps: LpsPoint;
  /** What the neighbour map says of it. */
  readonly prediction: Prediction;
}

/**
 * Where the unchanged places around a point put it. Undefined where there are too few of them, where the point is expected beside the
 * target, and for images of two patients or contrasts, in which no place is the same.
 */
export function predictFromFarther(context: PairContext, point: ChangedPoint): FromFarther | undefined {
  const { neighbourMap, areDifferentPatients, areImagesUnlike, areDifferentContrasts } = context;
  if (neighbourMap === undefined || areDifferentPatients || areImagesUnlike || areDifferentContrasts)
    return undefined;
  const { target, lps, prediction } = point;
  if (distanceMm(intoVolume(target.embedding.volume, prediction.lps), prediction.lps) > 0) return undefined;
  const places = unchangedPlaces(context, neighbourMap, point);
  if (places.length < FEWEST_PLACES) return undefined;
  const { affine } = neighbourMap;
  const similarity = places.reduce((sum, place) => sum + place.similarity, 0) / places.length;
  const fromPlaces = new SmoothField(affine, packedPairs(affine, places), SIGMA_MM).at(lps);
  const sdMm = fromPlaces.spreadMm * Math.sqrt(INDEPENDENT_WEIGHT / fromPlaces.support);
  return { prediction: fromPlaces, sdMm, similarity };
}

function unchangedPlaces(
  context: PairContext,
  neighbourMap: NeighbourMap,
  { query, target, lps }: ChangedPoint,
): readonly UnchangedPlace[] {
  const field = fieldOf(neighbourMap);
  return DISTANCES_MM.flatMap((mm) =>
    DIRECTIONS.flatMap(([x, y, z]) => {
      const from = lpsPoint(lps[0] + mm * x, lps[1] + mm * y, lps[2] + mm * z);
      const directions = directionsAt(query, from);
      if (hasNoDirection(directions)) return [];
      const found = registerUnchanged(context, { target, lps: from, prediction: field.at(from) });
      if (found === undefined) return [];
      const weight = (TRUSTED_MM / (LEAST_MM + found.sdMm)) ** 2;
      return [{ from, to: found.lps, weight, similarity: similarityAt(target, directions, found.lps) }];
    }),
  );
}
