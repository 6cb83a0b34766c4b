import type {
  ConfirmedPair,
  JobProgress,
  ListedReport,
  MatchAnswer,
  MatchOutcome,
  MatchRequest,
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

/** The companion server as the viewer uses it. Every method throws `ViewerFailure` and nothing else. */
export class Client {
  readonly #http: Http;
  readonly #wait: ClientOptions['wait'];

  constructor(options: ClientOptions) {
    this.#http = new Http(options);
    this.#wait = options.wait;
  }

  /** Matches points; follows the server's job where the embeddings have to be computed first. */
  async match(
    request: MatchRequest,
    { signal, onProgress }: { signal: AbortSignal; onProgress: (progress: JobProgress) => void },
  ): Promise<readonly MatchOutcome[]> {
    const response = await this.#http.send({ method: 'POST', path: ['matches'], body: request, signal });
    const answer = await this.#http.json(response, signal);
    if (response.status !== 202) return matchesOf(answer);
    if (!isJob(answer)) throw unexpectedAnswer('a job without an id');
    return matchesOf(await followJob(this.#http, answer, { signal, onProgress, wait: this.#wait }));
  }

  /** Stores confirmed pairs in the PACS as one report. */
  async saveReport(pairs: readonly ConfirmedPair[]): Promise<ReportAnswer> {
    const response = await this.#http.send({ method: 'POST', path: ['reports'], body: { pairs } });
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

function matchesOf(answer: unknown): readonly MatchOutcome[] {
  const matches = (answer as Partial<MatchAnswer> | null | undefined)?.matches;
  if (matches === undefined || !Array.isArray(matches)) throw unexpectedAnswer('no list of matches');
  return matches as readonly MatchOutcome[];
}
