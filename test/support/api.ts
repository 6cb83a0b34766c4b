import { setTimeout as pause } from 'node:timers/promises';

export type Lps = readonly [number, number, number];

export interface SeriesRef {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
}

export interface ErrorBody {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly remedy: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface SeriesPoint extends SeriesRef {
  readonly frameOfReferenceUid: string;
  readonly lps: Lps;
  readonly pixel: {
    readonly sopInstanceUid: string;
    readonly column: number;
    readonly row: number;
    readonly offPlaneMm: number;
  };
}

export interface Match {
  readonly method: string;
  readonly step: string;
  readonly verdict: 'matched' | 'uncertain' | 'out-of-view' | 'absent';
  readonly outOfView?: readonly string[];
  readonly errorRadiusMm: number;
  readonly query: SeriesPoint;
  readonly target: SeriesPoint;
  readonly similarity: number;
  readonly cycleErrorMm: number;
  readonly axes?: Axes & { readonly isFitted: boolean };
}

/** Ends of diameters, LPS mm. */
export interface Axes {
  readonly longAxis: readonly [Lps, Lps];
  readonly shortAxis?: readonly [Lps, Lps];
}

export type MatchOutcome = { readonly pointId: string; readonly target: SeriesRef } & (
  { readonly ok: true; readonly match: Match } | { readonly ok: false; readonly error: ErrorBody }
);

export interface Job {
  readonly id: string;
  readonly state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled';
  readonly result?: { readonly matches?: readonly MatchOutcome[] };
  readonly error?: ErrorBody;
}

/** An answer as it came: status and parsed body; undefined for one that is not JSON. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export interface MatchRequest {
  readonly query: SeriesRef;
  readonly targets: readonly SeriesRef[];
  readonly points: readonly { readonly id: string; readonly lps: Lps; readonly axes?: Axes }[];
  readonly method?: string;
}

/** Pause between two looks at a job, ms. */
const POLL_MS = 100;
/** A job that runs longer is stuck, ms. */
const JOB_TIMEOUT_MS = 240_000;

/** The HTTP API as any client sees it. */
export class SamepointApi {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  async request(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(`${this.root}${path}`, {
      method,
      headers: { ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = /json/u.test(response.headers.get('content-type') ?? '');
    const parsed: unknown = isJson && text !== '' ? JSON.parse(text) : undefined;
    return { status: response.status, body: parsed };
  }

  /** Waits until a job has ended. */
  async finished(id: string, headers: Record<string, string> = {}): Promise<Job> {
    const deadline = Date.now() + JOB_TIMEOUT_MS;
    while (Date.now() < deadline) {
      const { body } = await this.request('GET', `/jobs/${id}`, undefined, headers);
      const job = jobOf(body);
      if (!['queued', 'running'].includes(job.state)) return job;
      await pause(POLL_MS);
    }
    throw new Error(`job ${id} has not ended after ${JOB_TIMEOUT_MS} ms`);
  }

  /** Posts, and follows the job where the answer is one: the ended job, or the immediate answer. */
  async follow(path: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer | Job> {
    const answer = await this.request('POST', path, body, headers);
    return answer.status === 202 ? await this.finished(jobOf(answer.body).id, headers) : answer;
  }

  /** Matches points; the outcomes, or the error body of a failed request or job. */
  async match(
    request: MatchRequest,
    headers: Record<string, string> = {},
  ): Promise<MatchOutcome[] | ErrorBody> {
    const ended = await this.follow('/matches', request, headers);
    if ('state' in ended) {
      if (ended.error !== undefined) return ended.error;
      return [...(ended.result?.matches ?? [])];
    }
    return ended.status === 200
      ? [...(ended.body as { matches: MatchOutcome[] }).matches]
      : (ended.body as { error: ErrorBody }).error;
  }
}

/** Distance of two points, mm. */
export function distanceMm(a: Lps, b: Lps): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

/** The job that an answer is. @throws where it is none */
export function jobOf(body: unknown): Job {
  if (typeof body !== 'object' || body === null || !('id' in body) || !('state' in body))
    throw new TypeError(`no job: ${JSON.stringify(body)}`);
  return body as Job;
}
