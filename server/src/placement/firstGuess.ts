/**
 * A first guess of how two series lie to each other: for pairs that the matches of single points cannot place. What the voxels of both
 * hold is correlated over all translations, and the best of these are refined to rigid maps.
 * @module
 */
import { distanceMm } from '../geometry/index.ts';
import type { Affine, LpsPoint } from '../geometry/index.ts';
import { applyTo } from '../affineRegistration/index.ts';
import { poseMap, refinePose } from './rigid.ts';
import type { Comparison, Pose } from './rigid.ts';
import { bestTranslations } from './translation.ts';
import type { CorrelatedImage } from './translation.ts';

/** Translations that are refined. */
const STARTS = 3;
/** Steps of the refinement, mm: of all starts, and then of the best of them. */
const [START_STEP_MM, RANKING_STEP_MM, LAST_STEP_MM] = [4, 2, 0.25];
/** Places farther apart than this are two, mm. */
const APART_MM = 20;
/** A place whose score is above this share of another one's may be the right one. */
const LIKELY_RIVALRY = 0.8;

/** How two series lie to each other; plain data. */
export interface FirstGuess {
  /** Rigid: LPS of the query to LPS of the target. */
  readonly map: Affine;
  /** 0 to 1: agreement, times the root of the share of the query that is compared. */
  readonly score: number;
  /** The second best place; undefined where there is none. */
  readonly rival: { readonly map: Affine; readonly score: number } | undefined;
  /** False: both agree little, or elsewhere nearly as well. */
  readonly isSure: boolean;
}

/** What a pair is placed by. */
export interface PlacedBy {
  /** Their best translations are refined. */
  readonly images: readonly [query: CorrelatedImage, target: CorrelatedImage];
  /** What the refinement makes agree. */
  readonly comparison: Comparison;
  /** Below this score both agree by chance. */
  readonly sureScore: number;
}

/** A map that is known already. */
export interface KnownMap {
  /** LPS of the query to LPS of the target. */
  readonly map: Affine;
  /** It stays where its score is sure, and where a guess is not clearly better; another one only where no guess is better. */
  readonly isTrusted: boolean;
}

/** The guess of a pair by what both voxels hold. */
export class Placement {
  readonly #by: PlacedBy;

  constructor(by: PlacedBy) {
    this.#by = by;
  }

  /** See {@link FirstGuess}. @param map LPS of the query to LPS of the target */
  scoreOf(map: Affine): number {
    return this.#by.comparison.scoreOf(map);
  }

  /** The first guess; undefined where a map that is known already should stay, or where there is no guess. */
  guessBeside(known: KnownMap | undefined): FirstGuess | undefined {
    const score = known === undefined ? 0 : this.scoreOf(known.map);
    const isTrusted = known?.isTrusted === true;
    if (isTrusted && score >= this.#by.sureScore) return undefined;
    const guess = this.firstGuess();
    const share = isTrusted ? LIKELY_RIVALRY : 1;
    return guess !== undefined && score > share * guess.score ? undefined : guess;
  }

  /** The first guess; undefined where both have nothing in common. */
  firstGuess(): FirstGuess | undefined {
    const { images, comparison, sureScore } = this.#by;
    const mapOf = (pose: Pose): Affine => poseMap(comparison, pose);
    const ranked = bestTranslations(...images, STARTS)
      .map(({ by }) => refinePose(comparison, [...by, 0, 0, 0], START_STEP_MM, RANKING_STEP_MM))
      .map((pose) => ({ pose, map: mapOf(pose), score: comparison.scoreOf(mapOf(pose)) }))
      .sort((a, b) => b.score - a.score);
    const [first] = ranked;
    if (first === undefined || !(first.score > 0)) return undefined;
    const centre = (map: Affine): LpsPoint => applyTo(map, comparison.centre);
    const rival = ranked.find(({ map }) => distanceMm(centre(map), centre(first.map)) > APART_MM);
    const map = mapOf(refinePose(comparison, first.pose, RANKING_STEP_MM, LAST_STEP_MM));
    const score = comparison.scoreOf(map);
    const isSure = score >= sureScore && (rival?.score ?? 0) <= LIKELY_RIVALRY * score;
    return { map, score, rival: rival && { map: rival.map, score: rival.score }, isSure };
  }
}
