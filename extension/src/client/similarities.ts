import { decodeSimilarity } from '../fusion/similarityVolume.ts';
import type { SimilarityVolume } from '../fusion/similarityVolume.ts';
import type { Lps, SeriesRef } from '../wire.ts';
import { requestComputed } from './computed.ts';
import type { Http } from './http.ts';
import type { FollowOptions } from './jobs.ts';

const SIMILARITY = {
  path: 'similarities',
  mediaType: 'application/vnd.samepoint.similarity',
  name: 'a similarity map',
  decode: decodeSimilarity,
};

/** The point that is compared, and the series that it is compared with. */
export interface SimilarityRequest {
  readonly query: SeriesRef & { readonly lps: Lps };
  readonly target: SeriesRef;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** Gets the similarity of a point over a series; waits for the server's job where a series has to be analysed first. */
export async function requestSimilarity(
  http: Http,
  { query, target, model }: SimilarityRequest,
  options: FollowOptions,
): Promise<SimilarityVolume> {
  const body = { query, target, ...(model === undefined ? {} : { model }) };
  return await requestComputed(http, SIMILARITY, body, options);
}
