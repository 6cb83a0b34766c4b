import type { RegisterRequest } from '../register.ts';
import type { StageName, StageResult } from '../types.ts';
import { affineStage, fieldStage } from './matched.ts';

/** Every stage by its name; undefined where the pair has no common map. */
export const STAGE_OF: {
  readonly [name in StageName]: (request: RegisterRequest) => StageResult | undefined;
} = { affine: affineStage, same: affineStage, samconvex: fieldStage, field: fieldStage };
