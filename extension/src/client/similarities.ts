import { decodeSimilarity } from '../fusion/similarityVolume.ts';
import type { SimilarityVolume } from '../fusion/similarityVolume.ts';
import type { Lps, SeriesRef } from '../wire.ts';
import { unexpectedAnswer } from './failure.ts';
import type { Http } from './http.ts';
import { followJob, isJob } from './jobs.ts';
import type { FollowOptions } from './jobs.ts';

const MEDIA_TYPE = 'application/vnd.samepoint.similarity';
/** As for fields: after a job the same request is answered at once. */
const MAX_JOBS = 2;

/** The point that is compared, and the series that it is compared with. */
export interface SimilarityRequest {
  readonly query: SeriesRef & { readonly lps: Lps };
  readonly target: SeriesRef;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** Gets the similarity of a point over a series; waits for the server's job where the series has to be analysed first. */
export async function requestSimilarity(
  http: Http,
  { query, target, model }: SimilarityRequest,
  options: FollowOptions,
): Promise<SimilarityVolume> {
  const { signal } = options;
  const body = { query, target, ...(model === undefined ? {} : { model }) };
  const accept = `${MEDIA_TYPE}, application/json`;
  for (let jobs = 0; jobs <= MAX_JOBS; jobs += 1) {
    const response = await http.send({ method: 'POST', path: ['similarities'], body, accept, signal });
    if (response.status !== 202) return decodeSimilarity(await bytesOf(response));
    const job = await http.json(response, signal);
    if (!isJob(job)) throw unexpectedAnswer('a job without an id');
    await followJob(http, job, options);
  }
  throw unexpectedAnswer('a job without a similarity map');
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  const type = response.headers.get('content-type') ?? 'no content type';
  if (!type.startsWith(MEDIA_TYPE)) throw unexpectedAnswer(`${type} instead of a similarity map`);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw unexpectedAnswer('a similarity map that was cut off', error);
  }
}
