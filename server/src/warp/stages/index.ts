import type { PairRequest } from '../../matching/index.ts';
import type { StageName, StageResult } from '../types.ts';
import { affineStage, fieldStage } from './matched.ts';
import { samConvexFeaturesStage, samConvexStage } from './samConvex.ts';
import { sameStage } from './same.ts';

/** Every stage by its name; undefined where the pair has no common map. */
export const STAGE_OF: {
  readonly [name in StageName]: (request: PairRequest) => StageResult | undefined;
} = {
  affine: affineStage,
  same: sameStage,
  'samconvex-features': samConvexFeaturesStage,
  samconvex: samConvexStage,
  field: fieldStage,
};
