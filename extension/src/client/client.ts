import type {
  Finding,
  FindingsAnswer,
  Job,
  JobProgress,
  ListedReport,
  MatchAnswer,
  MatchOutcome,
  MatchRequest,
  ModelsAnswer,
  PriorsAnswer,
  ReportsAnswer,
  ReportAnswer,
  SeriesRef,
  TimePointReportRequest,
} from '../wire.ts';
import type { SimilarityVolume } from '../fusion/similarityVolume.ts';
import type { Field } from '../linked/field.ts';
import { unexpectedAnswer } from './failure.ts';
import { requestField } from './fields.ts';
import type { FieldRequest } from './fields.ts';
import { Http } from './http.ts';
import type { HttpOptions } from './http.ts';
import { followJob, isJob, onAnotherServer } from './jobs.ts';
import { withRenewedLogin } from './renewedLogin.ts';
import { requestSimilarity } from './similarities.ts';
import type { SimilarityRequest } from './similarities.ts';

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

/** How the analysis of a series is watched and stopped. */
export interface EmbedOptions extends Pick<MatchOptions, 'signal' | 'onProgress'> {
  /** The server's default where absent. */
  readonly model?: string | undefined;
}

/** What the documents of a study hold. */
export interface StudyFindings {
  readonly findings: readonly Finding[];
  /** SOP Instance UIDs of the time point reports. */
  readonly reports: readonly string[];
  /** What is missing, in words. */
  readonly warnings: FindingsAnswer['warnings'];
}

/** A page of findings: an older server names no reports. */
type FindingsPage = Partial<Omit<FindingsAnswer, 'findings' | 'reports'>> & {
  readonly findings: readonly Finding[];
  readonly reports?: readonly { readonly sopInstanceUid: string }[];
};

/** The companion server as the viewer uses it. Every method throws `ViewerFailure` and nothing else. */
export class Client {
  readonly #http: Http;
  readonly #wait: ClientOptions['wait'];
  /** PACS of studies, where the server has several: as it has said in the list of priors. */
  readonly #sources = new Map<string, string>();

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
  async match(request: MatchRequest, options: MatchOptions): Promise<MatchAnswer> {
    return await this.#lasting(() => this.#match(request, options));
  }

  /** Work that outlasts the login with which it began, and the server that began it. */
  async #lasting<T>(work: () => Promise<T>): Promise<T> {
    return await withRenewedLogin(this.#http, () => onAnotherServer(work));
  }

  async #match(request: MatchRequest, { signal, onProgress, onPreview }: MatchOptions): Promise<MatchAnswer> {
    const { query, targets } = request;
    const body = {
      ...request,
      query: this.#inSource(query),
      targets: targets.map((target) => this.#inSource(target)),
    };
    const response = await this.#http.send({ method: 'POST', path: ['matches'], body, signal });
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

  /** Analyses a series, so that a click in or for it is answered at once. Resolves when it is ready. */
  async embedSeries(series: SeriesRef, options: EmbedOptions): Promise<void> {
    await this.#lasting(() => this.#embedSeries(series, options));
  }

  async #embedSeries(
    { studyInstanceUid, seriesInstanceUid }: SeriesRef,
    { model, signal, onProgress }: EmbedOptions,
  ): Promise<void> {
    const series = this.#inSource({ studyInstanceUid, seriesInstanceUid });
    const body = { ...series, ...(model === undefined ? {} : { model }) };
    const response = await this.#http.send({ method: 'POST', path: ['series-embeddings'], body, signal });
    const answer = await this.#http.json(response, signal);
    if (response.status !== 202) return;
    if (!isJob(answer)) throw unexpectedAnswer('a job without an id');
    await followJob(this.#http, answer, { signal, onProgress, wait: this.#wait });
  }

  /** The deformation field between two series; computed first where the server does not have it. */
  async field(request: FieldRequest, options: Pick<MatchOptions, 'signal' | 'onProgress'>): Promise<Field> {
    return await withRenewedLogin(this.#http, () =>
      requestField(this.#http, request, { ...options, wait: this.#wait }),
    );
  }

  /** How much each place of a series looks like a point of another. */
  async similarity(
    request: SimilarityRequest,
    options: Pick<MatchOptions, 'signal' | 'onProgress'>,
  ): Promise<SimilarityVolume> {
    return await withRenewedLogin(this.#http, () =>
      requestSimilarity(this.#http, request, { ...options, wait: this.#wait }),
    );
  }

  /** A study, and the other studies of its patient. */
  async priors(studyInstanceUid: string, model?: string): Promise<PriorsAnswer> {
    const query = { studyInstanceUid, ...(model === undefined ? {} : { model }) };
    const response = await this.#http.send({ method: 'GET', path: ['priors'], query });
    const answer = (await this.#http.json(response)) as Partial<PriorsAnswer> | null;
    if (answer?.current === undefined || !Array.isArray(answer.priors)) throw unexpectedAnswer('no priors');
    const { current, warnings = [] } = answer;
    const priors = answer.priors as PriorsAnswer['priors'];
    for (const { studyInstanceUid: study, source } of [current, ...priors])
      if (source !== undefined) this.#sources.set(study, source);
    return { current, priors, warnings };
  }

  /** A reference with the PACS of its study, where that is known. */
  #inSource<R extends { readonly studyInstanceUid: string }>(ref: R): R {
    const source = this.#sources.get(ref.studyInstanceUid);
    return source === undefined ? ref : { ...ref, source };
  }

  /** All findings of the documents of a study. */
  async findings(studyInstanceUid: string): Promise<StudyFindings> {
    const findings: Finding[] = [];
    const reports = new Set<string>();
    const warnings = new Map<string, FindingsAnswer['warnings'][number]>();
    for (let offset: number | undefined = 0; offset !== undefined;) {
      const page: FindingsPage = await this.#findingsPage(studyInstanceUid, offset);
      findings.push(...page.findings);
      for (const { sopInstanceUid } of page.reports ?? []) reports.add(sopInstanceUid);
      for (const warning of page.warnings ?? []) warnings.set(warning.message, warning);
      // A server that repeats a page must not get requests for ever.
      offset = page.next !== undefined && page.next > offset ? page.next : undefined;
    }
    return { findings, reports: [...reports], warnings: [...warnings.values()] };
  }

  async #findingsPage(studyInstanceUid: string, offset: number): Promise<FindingsPage> {
    const query = {
      ...this.#inSource({ studyInstanceUid }),
      ...(offset === 0 ? {} : { offset: String(offset) }),
    };
    const response = await this.#http.send({ method: 'GET', path: ['findings'], query });
    const answer = (await this.#http.json(response)) as Partial<FindingsPage> | null;
    if (!Array.isArray(answer?.findings)) throw unexpectedAnswer('no list of findings');
    return { ...answer, findings: answer.findings as readonly Finding[] };
  }

  /**
   * Stores the report of a time point in the PACS.
   * @param key the same for every attempt at this report: however many, the PACS holds it once
   */
  async saveTimePoint(body: TimePointReportRequest, key: string): Promise<ReportAnswer> {
    const response = await this.#http.send({
      method: 'POST',
      path: ['time-point-reports'],
      body: this.#inSource(body),
      headers: { 'idempotency-key': `"${key}"` },
    });
    const answer = (await this.#http.json(response)) as Partial<ReportAnswer> | null;
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = answer ?? {};
    if (studyInstanceUid === undefined || seriesInstanceUid === undefined || sopInstanceUid === undefined) {
      throw unexpectedAnswer('a stored report without its UIDs');
    }
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  /** Reports of pairs that the PACS holds for a study. */
  async reports(studyInstanceUid: string, signal?: AbortSignal): Promise<readonly ListedReport[]> {
    const response = await this.#http.send({
      method: 'GET',
      path: ['reports'],
      query: this.#inSource({ studyInstanceUid }),
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
