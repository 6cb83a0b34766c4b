/**
 * Where a series looks like one point of another: made of both embeddings in a second, and kept nowhere.
 * @module
 */
import type { Caller } from '../../access/index.ts';
import type { Model } from '../../model/index.ts';
import type { Plan } from '../types.ts';
import { admitPair, embedAdmitted } from './planField.ts';
import type { FieldParts } from './planField.ts';
import type { PairField, PointSimilarityRequest } from './types.ts';

/** Share of fetching and embedding in the progress. */
const EMBEDDING_SHARE = 0.95;

/**
 * Admits a request for the similarity of a point over a series, as `planField` does for the map of the pair.
 * @throws SamepointError as `planField`
 */
export async function planSimilarity(
  request: PointSimilarityRequest,
  model: Model,
  caller: Caller,
  parts: Omit<FieldParts, 'flights'>,
  signal?: AbortSignal,
): Promise<Plan<PairField>> {
  const { query, target, lps } = request;
  const admitted = await admitPair(request, model, caller, parts, signal);
  return {
    ready: admitted.query.ready && admitted.target.ready,
    series: [query, target],
    run: async (options = {}) => {
      const embedded = await embedAdmitted(admitted, EMBEDDING_SHARE, options);
      const aligned = await parts.poses.align(embedded.query, embedded.target, model, options.signal);
      const bytes = await parts.modules.computeSimilarity({
        query: embedded.query,
        target: aligned.target,
        turn: aligned.turn,
        point: lps,
        model: model.manifest,
        signal: options.signal,
      });
      return { state: 'ready', query, target, model: model.id, bytes };
    },
  };
}
