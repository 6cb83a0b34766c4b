import type { Embedding } from '../embedding/index.ts';
import type { Model } from '../model/index.ts';
import { SamepointError } from '../errors/index.ts';
import { assertSamePatient } from '../access/index.ts';
import type { Access, Caller, GrantedSeries, Logger } from '../access/index.ts';
import { Speculation } from './speculation.ts';
import type { SeriesOf } from './speculation.ts';
import type { Embeddings, EmbeddingPlan, Poses } from '../seriesEmbeddings/index.ts';
import { MatchPreview } from './matchPreview.ts';
import type { MatchPreviewParts } from './matchPreview.ts';
import type { Modules } from '../ports/index.ts';
import { attempt, matchTargets } from './matchTargets.ts';
import type { Attempt } from './matchTargets.ts';
import { combineProgress } from '../seriesEmbeddings/index.ts';
import type { MatchOutcome, MatchRequest, MatchResult, Plan, PlanOptions } from './types.ts';
import type { SeriesRef } from '../dicomweb/index.ts';

/** Share of fetching and embedding in the progress of a match that needs them; the search itself needs 0.05 s. */
const EMBEDDING_SHARE = 0.95;

/**
 * Searches that are answered within a request. One needs about 0.05 s on two cores, and the first of a pair
 * 1 s more (`field` 4 s); reverse proxies give up after 60 s, and a reader should see progress long before that.
 */
const DIRECT_SEARCHES = 30;

/** What matching needs of the rest of the application. */
export interface MatchingParts {
  readonly access: Access;
  readonly embeddings: Embeddings;
  readonly poses: Poses;
  readonly modules: Modules;
  readonly logger: Logger;
}

async function grantAll(
  { query, targets }: MatchRequest,
  caller: Caller,
  access: Access,
  signal: AbortSignal | undefined,
  speculation: Speculation | undefined,
): Promise<SeriesOf<GrantedSeries>> {
  const grant = (series: SeriesRef, index: number): Promise<GrantedSeries> =>
    access.grant(series, caller, signal, speculation?.isRetrieved(index));
  const [first, ...others] = await Promise.all([
    grant(query, 0),
    ...targets.map((target, index) => grant(target, index + 1)),
  ]);
  for (const other of others) assertSamePatient(first, other);
  return [first, ...others];
}

function refuseSelfMatch({ query, targets }: MatchRequest): void {
  if (targets.some(({ seriesInstanceUid }) => seriesInstanceUid === query.seriesInstanceUid)) {
    throw new SamepointError('application/same-series', { seriesInstanceUid: query.seriesInstanceUid });
  }
}

/** Waits for all embeddings. A failure of the query ends the request; one of a target is the target's outcome. */
async function embedAll(
  query: EmbeddingPlan,
  targets: readonly EmbeddingPlan[],
  share: number,
  parts: Pick<MatchPreviewParts, 'request' | 'modules' | 'logger'>,
  { signal, onProgress, onPreview }: PlanOptions<MatchResult>,
): Promise<{ readonly query: Embedding; readonly targets: readonly Attempt<Embedding>[] }> {
  const progressOf = combineProgress(targets.length + 1, share, onProgress);
  const failed = new AbortController();
  const abortSignal = signal === undefined ? failed.signal : AbortSignal.any([signal, failed.signal]);
  const showPreview = (matches: readonly MatchOutcome[]): void => onPreview?.({ matches, warnings: [] });
  const preview = onPreview && new MatchPreview({ ...parts, signal: abortSignal, onPreview: showPreview });
  const embed = (series: EmbeddingPlan, part: number): Promise<Embedding> => {
    const report = progressOf(part);
    return preview === undefined
      ? series.run({ signal: abortSignal, onProgress: report })
      : preview.follow(part, series, { signal: abortSignal, onProgress: report });
  };
  try {
    const [first, ...others] = await Promise.all([
      embed(query, 0),
      ...targets.map((target, index) => attempt(embed(target, index + 1))),
    ]);
    return { query: first, targets: others };
  } catch (error) {
    failed.abort(error);
    throw error;
  }
}

/** A request whose every target failed has failed as a whole. */
function requireOneTarget(targets: readonly Attempt<Embedding>[]): void {
  const [first] = targets;
  if (first !== undefined && 'error' in first && targets.every((target) => 'error' in target))
    throw first.error;
}

/** Begins a speculative search in what is at hand of these series; undefined where it would be too much to do. */
function speculate(
  [query, ...targets]: readonly GrantedSeries[],
  request: MatchRequest,
  { model, caller, signal }: RequestContext,
  { embeddings, modules, poses }: MatchingParts,
): Speculation | undefined {
  if (query === undefined || !isDirect(request)) return undefined;
  return new Speculation({
    expected: [query, ...targets],
    candidate: (series, abortSignal) => embeddings.candidate(series, model, caller, abortSignal),
    match: ([first, ...others], abortSignal) =>
      matchTargets(
        request,
        first,
        others.map((value) => ({ value })),
        { modules, poses, model },
        abortSignal,
      ),
    signal,
  });
}

/** Few enough searches to be answered within the request. */
function isDirect({ points, targets }: MatchRequest): boolean {
  return points.length * targets.length <= DIRECT_SEARCHES;
}

/** Who requests matches with which model, and until when. */
interface RequestContext {
  readonly model: Model;
  readonly caller: Caller;
  readonly signal: AbortSignal | undefined;
}

/** Access, same patient, and what is at hand of the series; the search begins meanwhile. */
async function admit(
  request: MatchRequest,
  context: RequestContext,
  parts: MatchingParts,
): Promise<{ readonly plans: SeriesOf<EmbeddingPlan>; readonly speculation: Speculation | undefined }> {
  const { model, caller, signal } = context;
  const { access, embeddings } = parts;
  const expected = access.expected([request.query, ...request.targets], caller) ?? [];
  let speculation = speculate(expected, request, context, parts);
  try {
    const granted = await grantAll(request, caller, access, signal, speculation);
    speculation ??= speculate(granted, request, context, parts);
    const begun = await speculation?.candidates;
    const plan = async (series: GrantedSeries, index: number): Promise<EmbeddingPlan> => {
      const candidate = begun?.[index] ?? (await embeddings.candidate(series, model, caller, signal));
      return await embeddings.plan(series, model, caller, candidate);
    };
    const [query, ...targets] = granted;
    const plans = await Promise.all([
      plan(query, 0),
      ...targets.map((target, index) => plan(target, index + 1)),
    ]);
    return { plans, speculation };
  } catch (error) {
    speculation?.drop();
    throw error;
  }
}

/**
 * Admits a match request: access, same patient, same images, a place in the queue. A second time where the first one found that
 * the PACS holds other images than before: they are listed anew.
 * @throws SamepointError `application/same-series`, `application/different-patients`, `application/patient-unknown`,
 * `application/identity-mismatch`, `http/busy`, and every error of `dicomweb/`.
 */
export async function planMatch(
  request: MatchRequest,
  model: Model,
  caller: Caller,
  parts: MatchingParts,
  signal?: AbortSignal,
): Promise<Plan<MatchResult, MatchResult>> {
  refuseSelfMatch(request);
  for (let again = false; ; again = true) {
    const { plans, speculation } = await admit(request, { model, caller, signal }, parts);
    if (!again && plans.some(({ isOutdated }) => isOutdated)) {
      speculation?.drop();
      continue;
    }
    const isEmbedded = plans.every(({ ready }) => ready);
    return {
      ready: isEmbedded && isDirect(request),
      series: [request.query, ...request.targets],
      run: async (options = {}) =>
        (isEmbedded
          ? await speculation?.resultFor(await Promise.all(plans.map((one) => one.run())))
          : undefined) ?? (await matchEmbedded(request, model, plans, isEmbedded, parts, options)),
    };
  }
}

/** Waits for the embeddings, then searches. */
async function matchEmbedded(
  request: MatchRequest,
  model: Model,
  [query, ...targets]: SeriesOf<EmbeddingPlan>,
  isEmbedded: boolean,
  { modules, poses, logger }: MatchingParts,
  options: PlanOptions<MatchResult>,
): Promise<MatchResult> {
  const share = isEmbedded ? 0 : EMBEDDING_SHARE;
  const embedded = await embedAll(query, targets, share, { request, modules, logger }, options);
  requireOneTarget(embedded.targets);
  let searched = 0;
  const report = (): void => {
    const fraction = share + ((1 - share) * searched) / targets.length;
    options.onProgress?.({ stage: 'match', fraction, message: 'Searching the points' });
  };
  report();
  const count = (): void => {
    searched++;
    report();
  };
  const { query: first, targets: others } = embedded;
  return await matchTargets(request, first, others, { modules, poses, model }, options.signal, count);
}
