/**
 * A study that a reader opens: the embeddings of its pairs are read into memory, and what a pair computes once is computed, before the
 * first click. Nothing is embedded for it.
 * @module
 */
import { refOf } from '../access/index.ts';
import type { Caller, Logger } from '../access/index.ts';
import type { Samepoint } from '../application/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { PriorList, TimePointStudy } from '../priors/types.ts';
import type { Pair } from './findings.ts';

/** Earlier studies that a reader compares with first. */
const MAX_PRIORS = 2;
/** Studies for which this is done at a time; the next ones do without it. */
const MAX_STUDIES = 4;

/** What opening needs of the server. */
export interface OpeningParts {
  readonly samepoint: Pick<Samepoint, 'planMatch'>;
  readonly authorization: () => Promise<string | undefined>;
  readonly logger: Pick<Logger, 'info'>;
}

/** The series of a study that is compared. */
export function comparedSeries(study: TimePointStudy): SeriesRef | undefined {
  const first = study.series.find(({ isComparable }) => isComparable);
  return first && refOf({ ...study, seriesInstanceUid: first.seriesInstanceUid });
}

/** The pairs of a reader's first clicks, from the new study and into it. */
function pairsOf({ current, priors }: Pick<PriorList, 'current' | 'priors'>): readonly Pair[] {
  const own = comparedSeries(current);
  const others = priors.flatMap((study) => comparedSeries(study) ?? []).slice(0, MAX_PRIORS);
  if (own === undefined) return [];
  return others.flatMap((other) => [
    { query: own, target: other },
    { query: other, target: own },
  ]);
}

/** A match without points: all that comes before the search. */
async function begin(
  { samepoint }: OpeningParts,
  { query, target }: Pair,
  caller: Caller,
  signal: AbortSignal,
): Promise<void> {
  const plan = await samepoint.planMatch({ query, targets: [target], points: [] }, caller, signal);
  if (plan.ready) await plan.run({ signal });
}

/** Studies that are being opened. */
export class Openings {
  readonly #parts: OpeningParts;
  readonly #signal: AbortSignal;
  readonly #running = new Map<string, Promise<void>>();

  constructor(parts: OpeningParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = signal;
  }

  /** Begins with what the first clicks need; of a study at most once at a time. Resolves when it is over; never throws. */
  async open(list: Pick<PriorList, 'current' | 'priors'>): Promise<void> {
    const study = list.current.studyInstanceUid;
    if (this.#running.has(study) || this.#running.size >= MAX_STUDIES) return;
    const opening = this.#open(list).finally(() => this.#running.delete(study));
    this.#running.set(study, opening);
    await opening;
  }

  async #open(list: Pick<PriorList, 'current' | 'priors'>): Promise<void> {
    const { authorization, logger } = this.#parts;
    try {
      const own = await authorization();
      const caller = own === undefined ? {} : { authorization: own };
      for (const pair of pairsOf(list)) await begin(this.#parts, pair, caller, this.#signal);
    } catch (error) {
      if (this.#signal.aborted) return;
      const code = isSamepointError(error) ? error.code : undefined;
      logger.info({ code }, 'an opened study was not made ready for its first click');
    }
  }
}
