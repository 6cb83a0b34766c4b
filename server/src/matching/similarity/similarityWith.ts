import { SamepointError } from '../../errors/index.ts';
import { compose, determinant, invert } from '../../geometry/index.ts';
import { assertComparable, outsideBody, pairMethodOf, refusalOf } from '../matchPoints.ts';
import type { Runner } from '../matchPoints.ts';
import type { PointSimilarity } from '../../similarityFormat/types.ts';
import type { SimilarityRequest } from '../types.ts';

function seriesOf({
  studyInstanceUid,
  seriesInstanceUid,
  frameOfReferenceUid,
}: PointSimilarity['target']): PointSimilarity['target'] {
  return { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid };
}

/**
 * The similarity of a point over a whole series, in the world of that series.
 * @throws SamepointError `matching/not-a-point`, `outside-volume`, `outside-body`, `different-models`, `different-maps`, `no-fine-map`,
 * `no-body`, `mirrored-pair`
 * @throws the signal's reason when it is aborted
 */
export async function similarityWith(runner: Runner, request: SimilarityRequest): Promise<PointSimilarity> {
  const { query, target, point: lps, turn, model, signal } = request;
  signal?.throwIfAborted();
  assertComparable(query, target, model);
  if (turn !== undefined && determinant(turn) < 0) throw new SamepointError('matching/mirrored-pair', {});
  const refusal = refusalOf(query, { id: '', lps });
  if (refusal !== undefined) throw refusal;
  const work = { ...pairMethodOf(request, 'nearest'), points: [{ lps }] };
  const map = await runner.similarity(work, signal);
  if (map === undefined) throw outsideBody(lps);
  return {
    query: { ...seriesOf(query.volume), lps },
    target: seriesOf(target.volume),
    model: { id: model.id, version: model.version },
    ...map,
    voxelToLps: turn === undefined ? map.voxelToLps : compose(invert(turn), map.voxelToLps),
  };
}
