import { setTimeout as sleep } from 'node:timers/promises';
import { jobOf } from '../support/api.ts';
import type { Match, MatchOutcome } from '../support/api.ts';
import type { FreshApi } from './freshApi.ts';
import type { PhantomCopies } from './phantomCopies.ts';

/** Pauses between two pieces of work of one kind, ms. */
const PAUSE_MS = { match: 200, report: 4000, stream: 3000, abort: 1000 } as const;
/** Readers who match. */
const MATCHERS = 4;
/** A request is aborted, or a stream closed, after at most this time, ms. */
const PATIENCE_MS = 400;

type Kind = keyof typeof PAUSE_MS;

function pick<T>(from: readonly T[]): T {
  const chosen = from[Math.floor(Math.random() * from.length)];
  if (chosen === undefined) throw new RangeError('there is nothing to choose from');
  return chosen;
}

/** What readers do all day, in any order. */
export class SoakWork {
  readonly #api: FreshApi;
  readonly #copies: PhantomCopies;
  /** Pieces of work by kind. */
  readonly done: Record<Kind, number> = { match: 0, report: 0, stream: 0, abort: 0 };
  /** Failures by what was wrong. */
  readonly errors: Record<string, number> = {};

  constructor(api: FreshApi, copies: PhantomCopies) {
    this.#api = api;
    this.#copies = copies;
  }

  /** Works until it may go on no longer. */
  async run(mayGoOn: () => boolean): Promise<void> {
    const repeat = async (kind: Kind, work: () => Promise<unknown>): Promise<void> => {
      while (mayGoOn()) {
        await this.#attempt(kind, work);
        await sleep(PAUSE_MS[kind] * (0.5 + Math.random()));
      }
    };
    await Promise.all([
      ...Array.from({ length: MATCHERS }, () => repeat('match', () => this.#match())),
      repeat('report', () => this.#report()),
      repeat('stream', () => this.#closeStream()),
      repeat('abort', () => this.#abortRequest()),
    ]);
  }

  async #attempt(kind: Kind, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.done[kind] += 1;
    } catch (error) {
      const reason = `${kind}: ${error instanceof Error ? error.message : String(error)}`;
      this.errors[reason] = (this.errors[reason] ?? 0) + 1;
    }
  }

  #request(): Parameters<FreshApi['match']>[0] {
    const { currents, priors, points } = this.#copies;
    return { query: pick(currents), targets: [pick(priors)], points: [{ id: 'p', lps: pick(points) }] };
  }

  async #match(): Promise<Match> {
    const answer = await this.#api.match(this.#request());
    if (!Array.isArray(answer)) throw new Error(answer.code);
    const [outcome]: readonly MatchOutcome[] = answer;
    if (outcome?.ok !== true) throw new Error(outcome?.error.code ?? 'no outcome');
    return outcome.match;
  }

  /** Stores a pair, and reads what the study has. */
  async #report(): Promise<void> {
    const { query, target, similarity, cycleErrorMm } = await this.#match();
    const pair = {
      label: 'Lesion',
      lesionUid: '2.25.329800735698586629295641978511506172918',
      state: 'accepted',
      current: query,
      prior: target,
      similarity,
      cycleErrorMm,
    };
    const stored = await this.#api.request('POST', '/reports', { pairs: [pair] });
    if (stored.status !== 201) throw new Error(`POST answered ${stored.status}`);
    const { studyInstanceUid } = query as unknown as { readonly studyInstanceUid: string };
    const listed = await this.#api.request('GET', `/reports?studyInstanceUid=${studyInstanceUid}`);
    if (listed.status !== 200) throw new Error(`GET answered ${listed.status}`);
  }

  /** Opens the event stream of a job, where there is one, and closes it in the middle. */
  async #closeStream(): Promise<void> {
    const { status, body } = await this.#api.request('POST', '/matches', this.#request());
    if (status === 200) return;
    if (status !== 202) throw new Error(`POST answered ${status}`);
    const { id } = jobOf(body);
    const controller = new AbortController();
    const response = await fetch(`${this.#api.root}/jobs/${id}/events`, { signal: controller.signal });
    if (response.status !== 200) throw new Error(`events answered ${response.status}`);
    await sleep(Math.random() * PATIENCE_MS);
    controller.abort();
    const job = await this.#api.finished(id);
    if (job.state !== 'done') throw new Error(`the job was ${job.state}`);
  }

  /** Sends a request and does not wait for the answer; cancels the job if there is one. */
  async #abortRequest(): Promise<void> {
    const controller = new AbortController();
    const timer = setTimeout(() => {
      controller.abort();
    }, Math.random() * PATIENCE_MS);
    try {
      const { status, body } = await this.#api.request(
        'POST',
        '/matches',
        this.#request(),
        {},
        controller.signal,
      );
      if (status === 202) await this.#api.request('DELETE', `/jobs/${jobOf(body).id}`);
    } catch (error) {
      if (!controller.signal.aborted) throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}
