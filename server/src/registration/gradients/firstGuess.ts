/**
 * A first guess of how two series lie to each other, from their images only: for models whose embedding does not say where in the body
 * a point is. The edge directions of both are correlated over all translations, and the best of these are refined to rigid maps.
 * @module
 */
import type { Embedding } from '../../embedding/types.ts';
import { distanceMm } from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import { applyTo } from '../affine/affineFit.ts';
import { gradientImageOf } from './orientation.ts';
import type { GradientImage } from './orientation.ts';
import { EdgeComparison, refinePose } from './rigid.ts';
import { bestTranslations } from './translation.ts';

/** Edge of the voxels that are compared, mm. */
const VOXEL_MM = 4;
/** Translations that are refined. */
const STARTS = 3;
/** Steps of the refinement, mm: of all starts, and then of the best of them. */
const [START_STEP_MM, RANKING_STEP_MM, LAST_STEP_MM] = [4, 2, 0.25];
/** Places farther apart than this are two, mm. */
const APART_MM = 20;
/** Below this score edges agree by chance. */
const SURE_SCORE = 0.45;
/** A place whose score is above this share of another one's may be the right one. */
const LIKELY_RIVALRY = 0.8;

/** How two series lie to each other; plain data. */
export interface FirstGuess {
  /** Rigid: LPS of the query to LPS of the target. */
  readonly map: Affine;
  /** 0 to 1: agreement of the edges, times the root of the share of the query's edges that are compared. */
  readonly score: number;
  /** The second best place; undefined where there is none. */
  readonly rival: { readonly map: Affine; readonly score: number } | undefined;
  /** False: the edges agree little, or elsewhere nearly as well. */
  readonly isSure: boolean;
}

/** The edges of two series that were embedded by one model. */
export class EdgePair {
  readonly #images: readonly [GradientImage, GradientImage];
  readonly #edges: EdgeComparison;

  constructor(query: Embedding, target: Embedding) {
    this.#images = [gradientImageOf(query, VOXEL_MM), gradientImageOf(target, VOXEL_MM)];
    this.#edges = new EdgeComparison(...this.#images);
  }

  /** See {@link FirstGuess}. @param map LPS of the query to LPS of the target */
  scoreOf(map: Affine): number {
    return this.#edges.scoreOf(map);
  }

  /**
   * The first guess, unless the edges agree with a map that is known already (LPS of the query to LPS of the target): undefined where it
   * should stay, or where there is no guess.
   */
  guessBeside(known: Affine | undefined): FirstGuess | undefined {
    const score = known === undefined ? 0 : this.scoreOf(known);
    if (score >= SURE_SCORE) return undefined;
    const guess = this.firstGuess();
    return guess !== undefined && score > LIKELY_RIVALRY * guess.score ? undefined : guess;
  }

  /** The first guess; undefined where the images have no edges in common. */
  firstGuess(): FirstGuess | undefined {
    const edges = this.#edges;
    const ranked = bestTranslations(...this.#images, STARTS)
      .map(({ by }) => refinePose(edges, [...by, 0, 0, 0], START_STEP_MM, RANKING_STEP_MM))
      .map((pose) => ({ pose, map: edges.mapOf(pose), score: edges.scoreOf(edges.mapOf(pose)) }))
      .sort((a, b) => b.score - a.score);
    const [first] = ranked;
    if (first === undefined || !(first.score > 0)) return undefined;
    const centre = (map: Affine): LpsPoint => applyTo(map, edges.centre);
    const rival = ranked.find(({ map }) => distanceMm(centre(map), centre(first.map)) > APART_MM);
    const map = edges.mapOf(refinePose(edges, first.pose, RANKING_STEP_MM, LAST_STEP_MM));
    const score = edges.scoreOf(map);
    const isSure = score >= SURE_SCORE && (rival?.score ?? 0) <= LIKELY_RIVALRY * score;
    return { map, score, rival: rival && { map: rival.map, score: rival.score }, isSure };
  }
}
