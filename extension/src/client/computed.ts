import { unexpectedAnswer } from './failure.ts';
import type { Http } from './http.ts';
import { followJob, isJob, onAnotherServer } from './jobs.ts';
import type { FollowOptions } from './jobs.ts';

/** After a job the result is in the server's cache; where it was evicted meanwhile, it is computed once more. */
const MAX_JOBS = 2;

/** What the server computes of two series, and sends as bytes. */
export interface Computed<T> {
  readonly path: string;
  readonly mediaType: string;
  /** For an administrator: "a deformation field". */
  readonly name: string;
  readonly decode: (bytes: Uint8Array) => T;
}

/** Gets what is computed; waits for the server's job where that has to be done first. */
export async function requestComputed<T>(
  http: Http,
  computed: Computed<T>,
  body: object,
  options: FollowOptions,
): Promise<T> {
  return await onAnotherServer(() => requestOnce(http, computed, body, options));
}

async function requestOnce<T>(
  http: Http,
  computed: Computed<T>,
  body: object,
  options: FollowOptions,
): Promise<T> {
  const { path, mediaType, name, decode } = computed;
  const { signal } = options;
  const accept = `${mediaType}, application/json`;
  for (let jobs = 0; jobs <= MAX_JOBS; jobs += 1) {
    const response = await http.send({ method: 'POST', path: [path], body, accept, signal });
    if (response.status !== 202) return decode(await bytesOf(response, computed));
    const job = await http.json(response, signal);
    if (!isJob(job)) throw unexpectedAnswer('a job without an id');
    await followJob(http, job, options);
  }
  throw unexpectedAnswer(`a job without ${name}`);
}

async function bytesOf(
  response: Response,
  { mediaType, name }: Pick<Computed<unknown>, 'mediaType' | 'name'>,
): Promise<Uint8Array> {
  const type = response.headers.get('content-type') ?? 'no content type';
  if (!type.startsWith(mediaType)) throw unexpectedAnswer(`${type} instead of ${name}`);
  try {
    return new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    throw unexpectedAnswer(`${name} that was cut off`, error);
  }
}
