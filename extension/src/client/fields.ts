import { decodeField } from '../linked/field.ts';
import type { Field } from '../linked/field.ts';
import type { SeriesRef } from '../wire.ts';
import { unexpectedAnswer } from './failure.ts';
import type { Http } from './http.ts';
import { followJob, isJob } from './jobs.ts';
import type { FollowOptions } from './jobs.ts';

const FIELD_TYPE = 'application/vnd.samepoint.field';
/** After a job the field is in the server's cache; where it was evicted meanwhile, it is computed once more. */
const MAX_JOBS = 2;

/** The pair of series that a field is requested for. */
export interface FieldRequest {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** Gets a field; waits for the server's job where it has to be computed first. */
export async function requestField(
  http: Http,
  { query, target, model }: FieldRequest,
  options: FollowOptions,
): Promise<Field> {
  const { signal } = options;
  const body = { query, target, ...(model === undefined ? {} : { model }) };
  const accept = `${FIELD_TYPE}, application/json`;
  for (let jobs = 0; jobs <= MAX_JOBS; jobs += 1) {
    const response = await http.send({ method: 'POST', path: ['fields'], body, accept, signal });
    if (response.status !== 202) return decodeField(await bytesOf(response));
    const job = await http.json(response, signal);
    if (!isJob(job)) throw unexpectedAnswer('a job without an id');
    await followJob(http, job, options);
  }
  throw unexpectedAnswer('a job without a deformation field');
}

async function bytesOf(response: Response): Promise<Uint8Array> {
  const type = response.headers.get('content-type') ?? 'no content type';
  if (!type.startsWith(FIELD_TYPE)) throw unexpectedAnswer(`${type} instead of a deformation field`);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw unexpectedAnswer('a deformation field that was cut off', error);
  }
}
