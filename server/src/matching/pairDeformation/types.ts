import type { FieldPrior } from '../../deformation/types.ts';
import type { Affine } from '../../geometry/index.ts';
import type { MatchRequest } from '../types.ts';

/** A pair of which the whole map is wanted; see {@link MatchRequest}. */
export interface DeformationRequest extends Pick<
  MatchRequest,
  'query' | 'target' | 'turn' | 'isSideUnsure' | 'model' | 'signal'
> {
  /** Places the pair where its own matches agree on no map: LPS of the query to the LPS of the target series. */
  readonly prior?: (FieldPrior & { readonly affine: Affine }) | undefined;
}
