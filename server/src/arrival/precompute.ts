/**
 * What is done of a new study before a reader opens it: its series that the rules choose are embedded, then the most suitable series of the
 * patient's earlier studies, then the findings of these are looked for. All of it goes the way of a reader's request, with its checks, in
 * the background.
 * @module
 */
import { refOf, requestOptions } from '../access/index.ts';
import type { Caller, Logger } from '../access/index.ts';
import type { Samepoint } from '../application/index.ts';
import { stringOf, tagOf } from '../dicom/index.ts';
import type { DicomwebSource, SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { PriorList, TimePointStudy } from '../priors/types.ts';
import { carryFindings } from './findings.ts';
import { comparedSeries } from './opening.ts';
import { choiceIn, needsBodyParts } from './rules.ts';
import type { ArrivalRule, Choice } from './rules.ts';

/** What precomputing needs of the server. */
export interface PrecomputeParts {
  readonly samepoint: Pick<Samepoint, 'listPriors' | 'planEmbedding' | 'listFindings' | 'planMatch'>;
  readonly rules: readonly ArrivalRule[];
  readonly logger: Logger;
}

/** A study, and where it is. */
export interface ArrivedStudy {
  readonly study: string;
  /** As the configuration names the PACS. */
  readonly sourceName: string;
  readonly client: Pick<DicomwebSource, 'searchSeries'>;
}

/** What was made. */
export interface Precomputed {
  /** False where no rule fits a series of it. */
  readonly isChosen: boolean;
  /** Studies of which something was embedded. */
  readonly studies: readonly string[];
  /** Series that cannot be embedded. */
  readonly refused: number;
}

/** Who works, and until when. */
interface Work {
  readonly caller: Caller;
  readonly signal: AbortSignal;
}

const SERVER_ERROR = 500;
const TOO_MANY = 429;

/** True for a failure that may pass; of the others another attempt would change nothing. */
export function mayPass(error: unknown): boolean {
  return !isSamepointError(error) || error.status >= SERVER_ERROR || error.status === TOO_MANY;
}

async function bodyPartsOf(
  { study, client }: ArrivedStudy,
  { caller, signal }: Work,
): Promise<ReadonlyMap<string, string>> {
  const options = requestOptions(caller, signal);
  const found = await client.searchSeries(study, { includefield: [tagOf('BodyPartExamined')] }, options);
  const pairs = found.map(
    (json) => [stringOf(json, 'SeriesInstanceUID') ?? '', stringOf(json, 'BodyPartExamined') ?? ''] as const,
  );
  return new Map(pairs);
}

/** The earlier studies that come with a new one, each by the series that is compared. */
function priorsOf(
  { priors }: PriorList,
  { priors: count }: Choice,
): readonly { study: TimePointStudy; series: SeriesRef }[] {
  const comparable = priors.flatMap((study) => {
    const series = comparedSeries(study);
    return series === undefined ? [] : [{ study, series }];
  });
  return comparable.slice(0, count);
}

/**
 * Embeds a series. False where it cannot be embedded: it is none that the model reads.
 * @throws SamepointError where that may pass, or the PACS does not show it
 */
async function embed(
  { samepoint, logger }: PrecomputeParts,
  series: SeriesRef,
  { caller, signal }: Work,
): Promise<boolean> {
  try {
    const plan = await samepoint.planEmbedding(series, undefined, caller, signal);
    if (!plan.ready) await plan.run({ signal, isStored: true });
    return true;
  } catch (error) {
    signal.throwIfAborted();
    if (mayPass(error) || !isSamepointError(error) || error.code.startsWith('dicomweb/')) throw error;
    logger.info({ code: error.code }, 'a series of a new study cannot be embedded');
    return false;
  }
}

/** Looks for the findings of the earlier studies. What fails here costs a reader some seconds, and is no reason to begin anew. */
async function carry(
  { samepoint, logger }: PrecomputeParts,
  priors: ReturnType<typeof priorsOf>,
  target: SeriesRef,
  { caller, signal }: Work,
): Promise<void> {
  for (const { study, series } of priors) {
    if (!study.hasReports) continue;
    try {
      await carryFindings(samepoint, { query: series, target }, caller, signal);
    } catch (error) {
      signal.throwIfAborted();
      if (!isSamepointError(error)) throw error;
      logger.warn(
        { code: error.code },
        'the findings of an earlier study could not be looked for in a new one',
      );
    }
  }
}

/**
 * Precomputes a study.
 * @throws SamepointError every error of `dicomweb/`, `http/busy`, and errors of `queue/`
 */
export async function precomputeStudy(
  arrived: ArrivedStudy,
  parts: PrecomputeParts,
  work: Work,
): Promise<Precomputed> {
  const { study: studyInstanceUid, sourceName: source } = arrived;
  const list = await parts.samepoint.listPriors({ studyInstanceUid, source }, work.caller, work.signal);
  const bodyParts = needsBodyParts(parts.rules)
    ? await bodyPartsOf(arrived, work)
    : new Map<string, string>();
  const choice = choiceIn(list.current, parts.rules, bodyParts);
  if (choice === undefined) return { isChosen: false, studies: [], refused: 0 };
  const studies = new Set<string>();
  let refused = 0;
  const embedded: SeriesRef[] = [];
  const priors = priorsOf(list, choice);
  const own = choice.series.map(({ seriesInstanceUid }) => refOf({ ...list.current, seriesInstanceUid }));
  for (const series of [...own, ...priors.map((prior) => prior.series)]) {
    if (await embed(parts, series, work)) {
      studies.add(series.studyInstanceUid);
      embedded.push(series);
    } else refused += 1;
  }
  const [target] = own;
  const withQuery = priors.filter(({ series }) => embedded.includes(series));
  if (choice.findings && target !== undefined && embedded.includes(target))
    await carry(parts, withQuery, target, work);
  return { isChosen: true, studies: [...studies], refused };
}
