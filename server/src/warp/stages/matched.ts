/**
 * The stages that matching/ gives: the affine map that the embedding's matches agree on, and the dense field of the method `field`.
 * @module
 */
import { pairAffine, pairField } from '../../matching/index.ts';
import type { PairRequest } from '../../matching/index.ts';
import type { StageResult } from '../types.ts';

/** The affine map of the neighbour map (docs/decisions/008-refined-matching.md). */
export function affineStage(request: PairRequest): StageResult | undefined {
  const found = pairAffine(request);
  if (found === undefined) return undefined;
  const { affine, support, agreement } = found;
  return { affine, kept: 0, tried: 0, parameters: { support, agreement } };
}

/** The dense field: coupled convex optimisation over the embedding, then nodes that are registered with the images. */
export function fieldStage(request: PairRequest): StageResult | undefined {
  const found = pairField(request);
  if (found === undefined) return undefined;
  const { affine, support, agreement, placeOf, judgeAt, nodes } = found;
  return {
    affine,
    placeOf,
    errorRadiusAt: (lps) => judgeAt(lps)?.errorRadiusMm,
    kept: nodes.registered,
    tried: nodes.all,
    parameters: { support, agreement },
  };
}
