import type { Affine } from '../../geometry/index.ts';
import type { MatchModel } from '../../matching/index.ts';
import type { SharedEmbedding } from '../../search/index.ts';
import type { Grid } from '../../volume/types.ts';
import type { RegistrationFacts } from '../register.ts';
import type { DisplacementField, StageName, Voxels } from '../types.ts';

/** Work of the registering thread. */
export type WarpTask =
  | {
      readonly kind: 'register';
      readonly query: SharedEmbedding;
      readonly target: SharedEmbedding;
      readonly model: MatchModel;
      readonly stage: StageName;
      readonly turn: Affine | undefined;
    }
  | {
      readonly kind: 'warp';
      /** Some slices of the fixed grid. */
      readonly grid: Grid;
      readonly moving: Voxels;
      readonly field: DisplacementField;
      readonly outside: number;
    };

/** What they give: a registration, or the values of the slices, of the type of the moving series. */
export type WarpAnswer = RegistrationFacts | Int16Array<ArrayBuffer> | Float32Array<ArrayBuffer>;
