/**
 * Answers of a method and their errors, from which its calibration is fitted.
 * @module
 */
import { distanceMm } from '../../server/src/geometry/index.ts';
import { weightsOf } from '../../server/src/matching/answer.ts';
import { pairSpacingOf } from '../../server/src/matching/confidence/features.ts';
import type { PoolRunner } from '../../server/src/matching/pool/pool.ts';
import type { MatchMethod } from '../../server/src/matching/types.ts';
import type { Model } from '../../server/src/model/registry.ts';
import { shareEmbedding } from '../../server/src/search/sharedEmbedding.ts';
import type { Engine } from './engine.ts';
import type { Sample } from './fitCalibration.ts';
import type { Scene } from './scenes.ts';

/** What answers the points of a scene. */
export interface Answering {
  readonly engine: Engine;
  readonly runner: PoolRunner;
  readonly model: Model;
}

/**
 * The answers of a method to the points of a scene; points without an answer are omitted.
 * @param interPatientAgreement pairs that agree less are answered as those of two patients; undefined: none is
 */
export async function samplesOf(
  scene: Scene,
  method: MatchMethod,
  { engine, runner, model }: Answering,
  interPatientAgreement?: number,
): Promise<readonly Sample[]> {
  const [query, target] = [await engine.embed(scene.query, model), await engine.embed(scene.target, model)];
  const spacing = pairSpacingOf(query.volume, target.volume);
  const { globalStep, nearestPriorMm, neighbourMapWeights } = model.manifest.matching;
  const found = await runner.run({
    query: shareEmbedding(query),
    target: shareEmbedding(target),
    method,
    points: scene.points.map((point) => ({ lps: point.query })),
    ...{ interPatientAgreement, globalStep, nearestPriorMm },
    ...weightsOf(method, neighbourMapWeights),
  });
  return scene.points.flatMap(({ target: truth }, n) => {
    const answer = found[n];
    return answer === undefined ? [] : [{ found: answer, spacing, errorMm: distanceMm(answer.lps, truth) }];
  });
}
