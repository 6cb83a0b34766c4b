import type {
  ConfirmedPair,
  Job,
  JobProgress,
  ListedReport,
  MatchAnswer,
  MatchOutcome,
  MatchRequest,
  ModelsAnswer,
  ReportsAnswer,
  ReportAnswer,
} from '../wire.ts';
import { unexpectedAnswer } from './failure.ts';
import { Http } from './http.ts';
import type { HttpOptions } from './http.ts';
import { followJob, isJob } from './jobs.ts';

export interface ClientOptions extends HttpOptions {
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>;
}

/** How a match is watched and stopped. */
export interface MatchOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: JobProgress) => void;
  /** Receives the coarse matches so far, where the exact ones need long. */
  readonly onPreview?: (outcomes: readonly MatchOutcome[]) => void;
}

/** The companion server as the viewer uses it. Every method throws `ViewerFailure` and nothing else. */
export class Client {
  readonly #http: Http;
  readonly #wait: ClientOptions['wait'];

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.#wait = options.wait;
  }

  /** The models of the server. */
  async models(signal?: AbortSignal): Promise<ModelsAnswer['models']> {
    const response = await this.#http.send({ method: 'GET', path: ['models'], signal });
    const answer = (await this.#http.json(response, signal)) as Partial<ModelsAnswer> | null;
    if (!Array.isArray(answer?.models)) throw unexpectedAnswer('no list of models');
    return answer.models as ModelsAnswer['models'];
  }

  /** Matches points; follows the server's job where the embeddings have to be computed first. */
  async match(request: MatchRequest, { signal, onProgress, onPreview }: MatchOptions): Promise<MatchAnswer> {
    const response = await this.#http.send({ method: 'POST', path: ['matches'], body: request, signal });
    const answer = await this.#http.json(response, signal);
    if (response.status !== 202) return matchAnswerOf(answer);
    if (!isJob(answer)) throw unexpectedAnswer('a job without an id');
    let shown = '';
    const onJob = ({ preview }: Job): void => {
      // Each event carries the preview; only a new one is news.
      const text = JSON.stringify(preview);
      if (preview === undefined || text === shown) return;
      shown = text;
      onPreview?.(matchAnswerOf(preview).matches);
    };
    const options = { signal, onProgress, onJob, wait: this.#wait };
    return matchAnswerOf(await followJob(this.#http, answer, options));
  }

  /**
   * Stores confirmed pairs in the PACS as one report.
   * @param key the same for every attempt at this report: however many, the PACS holds it once
   */
  async saveReport(pairs: readonly ConfirmedPair[], key: string): Promise<ReportAnswer> {
    const response = await this.#http.send({
      method: 'POST',
      path: ['reports'],
      body: { pairs },
      headers: { 'idempotency-key': `"${key}"` },
    });
    const answer = (await this.#http.json(response)) as Partial<ReportAnswer> | null;
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = answer ?? {};
    if (studyInstanceUid === undefined || seriesInstanceUid === undefined || sopInstanceUid === undefined) {
      throw unexpectedAnswer('a stored report without its UIDs');
    }
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  /** Reports of Samepoint that the PACS holds for a study. */
  async reports(studyInstanceUid: string, signal?: AbortSignal): Promise<readonly ListedReport[]> {
    const response = await this.#http.send({
      method: 'GET',
      path: ['reports'],
      query: { studyInstanceUid },
      signal,
    });
    const answer = (await this.#http.json(response, signal)) as Partial<ReportsAnswer> | null;
    if (!Array.isArray(answer?.reports)) throw unexpectedAnswer('no list of reports');
    return answer.reports as readonly ListedReport[];
  }
}

function matchAnswerOf(answer: unknown): MatchAnswer {
  const { matches, warnings } = (answer ?? {}) as Partial<MatchAnswer>;
  if (!Array.isArray(matches)) throw unexpectedAnswer('no list of matches');
  return { matches, warnings: Array.isArray(warnings) ? warnings : [] };
}
