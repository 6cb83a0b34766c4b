/**
 * The arrivals of one PACS: notices new studies, precomputes them in turn, and looks whether the PACS still holds those that were precomputed.
 * What it knows is written before anything is done about it, so that a restart goes on where it was; a study that is precomputed twice is the
 * same embeddings. A PACS that is down is looked at again with the next look, and costs no study an attempt.
 * @module
 */
import { requestOptions } from '../access/index.ts';
import type { Caller } from '../access/index.ts';
import type { RequestOptions } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import { goneOf } from './gone.ts';
import type { Suspect } from './gone.ts';
import { changesSince } from './orthanc.ts';
import { afterFailure, nextDue, withChange, withEntry, withOpened } from './pending.ts';
import { afterSearch, firstDay, studiesSince } from './poll.ts';
import { mayPass, precomputeStudy } from './precompute.ts';
import { NOTHING_KNOWN } from './state.ts';
import type { ArrivalState, PendingStudy } from './state.ts';
import type { ArrivalOutcome, WatchedSource, WatchParts, WatchStatus } from './types.ts';

/** Precomputed studies that are looked at with each look, in turn. */
const LOOKED_AT = 20;
/** Studies of which it is remembered that something was made of them. */
const MAX_PRECOMPUTED = 20_000;
const MAX_SUSPECTS = 1_000;
/** Errors of a PACS, or of an identity provider, that is down: they say nothing about the study. */
const OUTAGES: ReadonlySet<string> = new Set([
  'dicomweb/unreachable',
  'dicomweb/timeout',
  'dicomweb/server-error',
  'auth/own-login-failed',
  'queue/unreachable',
  'http/busy',
]);

/** The watch of one PACS. */
export class SourceWatch {
  readonly #source: WatchedSource;
  readonly #parts: WatchParts;
  readonly #signal: AbortSignal;
  readonly #running = new Set<string>();
  /** Deleted ones, perhaps, by what names them. */
  readonly #suspects = new Map<string, Suspect>();
  #state: ArrivalState = NOTHING_KNOWN;
  #opened: Promise<void> | undefined;
  #writing: Promise<void> = Promise.resolve();
  #problem: WatchStatus['problem'];
  #lookedAt = 0;

  constructor(source: WatchedSource, parts: WatchParts, signal: AbortSignal) {
    this.#source = source;
    this.#parts = parts;
    this.#signal = signal;
  }

  /** From now on the state is what lies in its place: another server may have watched meanwhile. */
  reopen(): void {
    this.#opened = undefined;
  }

  get name(): string {
    return this.#source.name;
  }

  get status(): WatchStatus {
    return { name: this.name, pending: this.#state.pending.length, problem: this.#problem };
  }

  /** The PACS has reported a study. Resolves when it is written. @throws SamepointError `arrival/state-unusable` */
  async report(study: string): Promise<void> {
    await this.#open();
    const changedAtMs = this.#parts.clock();
    this.#count('seen', 1);
    this.#setPending(withChange(this.#state.pending, { study, changedAtMs }));
    await this.#write();
  }

  /** A reader has opened a study: where it waits, it is next, complete or not. True where it waits. */
  promote(study: string): boolean {
    const waits = this.#state.pending.some((one) => one.study === study);
    if (waits) this.#setPending(withOpened(this.#state.pending, study, this.#parts.clock()));
    return waits;
  }

  /** A reader has requested a series that the PACS does not hold. */
  suspect(series: Suspect): void {
    if (this.#suspects.size < MAX_SUSPECTS)
      this.#suspects.set(`${series.studyInstanceUid} ${series.seriesInstanceUid ?? ''}`, series);
  }

  /** Looks for new studies once. Never throws: what is wrong is the status. */
  async look(): Promise<void> {
    try {
      await this.#open();
      if (this.#source.by === 'orthanc') await this.#readChanges();
      else if (this.#source.by === 'poll') await this.#search();
      await this.#checkDeleted();
      this.#mended();
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Precomputes the studies that are due, some at a time, until none is. Never throws. */
  async precomputeDue(): Promise<void> {
    const worker = async (): Promise<void> => {
      for (let entry = this.#next(); entry !== undefined; entry = this.#next()) {
        const goesOn = await this.#precompute(entry);
        if (!goesOn) return;
      }
    };
    await this.#open().then(
      () => Promise.all(Array.from({ length: this.#parts.studiesAtOnce }, worker)),
      (error: unknown) => {
        this.#failed(error);
      },
    );
  }

  async #open(): Promise<void> {
    this.#opened ??= this.#source.state.read().then((state) => {
      this.#state = state;
    });
    try {
      await this.#opened;
    } catch (error) {
      this.#opened = undefined;
      throw error;
    }
  }

  async #caller(): Promise<Caller> {
    const authorization = await this.#parts.authorization();
    return authorization === undefined ? {} : { authorization };
  }

  async #options(): Promise<RequestOptions> {
    return requestOptions(await this.#caller(), this.#signal);
  }

  async #search(): Promise<void> {
    const { clock, times } = this.#parts;
    const nowMs = clock();
    const since = firstDay(this.#state, nowMs, times.lookbackDays);
    const found = await studiesSince(this.#source.client, since, await this.#options());
    const { state, news } = afterSearch(this.#state, { found, since, nowMs });
    this.#state = state;
    this.#count('seen', news);
    this.#setPending(state.pending);
    await this.#write();
  }

  async #readChanges(): Promise<void> {
    const { orthanc } = this.#source;
    if (orthanc === undefined) throw new Error('the root of Orthanc is not known');
    const { authorization } = await this.#caller();
    const { studies, last } = await changesSince(orthanc, this.#state.change, {
      authorization,
      signal: this.#signal,
    });
    if (last === this.#state.change && studies.length === 0) return;
    // Orthanc itself waits until a study changes no more.
    const pending = studies.reduce<readonly PendingStudy[]>(
      (all, study) => withChange(all, { study, changedAtMs: 0 }),
      this.#state.pending,
    );
    this.#state = { ...this.#state, change: last };
    this.#count('seen', studies.length);
    this.#setPending(pending);
    await this.#write();
  }

  /** Some of the precomputed studies in turn, and what readers did not get. */
  async #checkDeleted(): Promise<void> {
    const { precomputed } = this.#state;
    const count = Math.min(LOOKED_AT, precomputed.length);
    const turn = Array.from(
      { length: count },
      (_, index) => precomputed[(this.#lookedAt + index) % precomputed.length],
    );
    this.#lookedAt = precomputed.length === 0 ? 0 : (this.#lookedAt + count) % precomputed.length;
    const suspects = [...this.#suspects.values()];
    const known = turn.flatMap((study): readonly Suspect[] =>
      study === undefined ? [] : [{ studyInstanceUid: study }],
    );
    for (const suspect of [...suspects, ...known]) {
      const gone = await goneOf(this.#source.client, suspect, await this.#options());
      this.#suspects.delete(`${suspect.studyInstanceUid} ${suspect.seriesInstanceUid ?? ''}`);
      if (gone !== undefined) await this.#forget(gone);
    }
  }

  /** Removes what was made of what the PACS holds no more. */
  async #forget(gone: Suspect): Promise<void> {
    const removed = await this.#parts.drop(gone);
    this.#parts.logger.info(
      { removed },
      'the PACS holds a study or series no more; what was made of it is removed',
    );
    this.#count('gone', 1);
    if (gone.seriesInstanceUid !== undefined) return;
    const { [gone.studyInstanceUid]: _, ...seen } = this.#state.seen;
    const precomputed = this.#state.precomputed.filter((study) => study !== gone.studyInstanceUid);
    this.#state = withEntry({ ...this.#state, seen, precomputed }, gone.studyInstanceUid, undefined);
    await this.#write();
  }

  #next(): PendingStudy | undefined {
    if (this.#signal.aborted || this.#source.duty?.isMine === false) return undefined;
    const { clock, times } = this.#parts;
    const isRunning = (study: string): boolean => this.#running.has(study);
    return nextDue(this.#state.pending, isRunning, { nowMs: clock(), settleMs: times.settleMs });
  }

  /** Precomputes one study. False where another one would fail for the same reason. */
  async #precompute(entry: PendingStudy): Promise<boolean> {
    const { study } = entry;
    this.#running.add(study);
    try {
      const { client } = this.#source;
      const work = { caller: await this.#caller(), signal: this.#signal };
      const made = await precomputeStudy({ study, sourceName: this.name, client }, this.#parts, work);
      this.#count('chosen', made.isChosen ? 1 : 0);
      this.#count('ready', made.studies.includes(study) ? 1 : 0);
      this.#count('failed', made.isChosen && !made.studies.includes(study) ? 1 : 0);
      await this.#done(entry, made.studies);
      return true;
    } catch (error) {
      if (this.#signal.aborted) return false;
      return await this.#notPrecomputed(entry, error);
    } finally {
      this.#running.delete(study);
    }
  }

  /** One that has changed meanwhile waits for another turn. */
  async #done({ study, changedAtMs }: PendingStudy, made: readonly string[]): Promise<void> {
    const now = this.#state.pending.find((one) => one.study === study);
    const isSame = now?.changedAtMs === changedAtMs;
    const precomputed = [...new Set([...this.#state.precomputed, ...made])].slice(-MAX_PRECOMPUTED);
    const state = { ...this.#state, precomputed };
    this.#state = isSame ? withEntry(state, study, undefined) : state;
    await this.#write();
  }

  async #notPrecomputed(entry: PendingStudy, error: unknown): Promise<boolean> {
    const { logger, clock } = this.#parts;
    const code = isSamepointError(error) ? error.code : undefined;
    if (code !== undefined && OUTAGES.has(code)) {
      this.#failed(error);
      return false;
    }
    if (code === undefined) logger.error({ err: error }, 'a new study could not be precomputed');
    const isGone = code === 'dicomweb/study-not-found';
    const later = mayPass(error) && !isGone ? afterFailure(entry, clock()) : undefined;
    logger.warn({ code, isTriedAgain: later !== undefined }, 'a new study could not be precomputed');
    if (later === undefined) this.#count(isGone ? 'gone' : 'failed', 1);
    this.#state = withEntry(this.#state, entry.study, later);
    await this.#write().catch((problem: unknown) => {
      this.#failed(problem);
    });
    return true;
  }

  /** The oldest are given up where too many wait. */
  #setPending(pending: readonly PendingStudy[]): void {
    const { maxPending, logger } = this.#parts;
    const over = pending.length - maxPending;
    if (over > 0) {
      logger.warn({ studies: over }, 'too many new studies wait; the oldest are not precomputed');
      this.#count('failed', over);
    }
    this.#state = { ...this.#state, pending: pending.slice(Math.max(0, over)) };
  }

  /** One after the other, each with what is known then. */
  async #write(): Promise<void> {
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#source.state.write(this.#state));
    await this.#writing;
  }

  #count(outcome: ArrivalOutcome, count: number): void {
    if (count > 0) this.#parts.onOutcome?.(this.name, outcome, count);
  }

  /** Said once, until it is another problem or none. */
  #failed(error: unknown): void {
    if (this.#signal.aborted) return;
    const { logger } = this.#parts;
    if (!isSamepointError(error)) logger.error({ err: error }, 'the arrivals of a PACS cannot be watched');
    const problem = isSamepointError(error)
      ? { code: error.code, message: error.message }
      : { code: 'http/internal', message: 'an error that is in the log' };
    if (problem.code !== this.#problem?.code)
      logger.warn(
        { source: this.name, code: problem.code },
        'new studies are not noticed or precomputed at the moment',
      );
    this.#problem = problem;
  }

  #mended(): void {
    if (this.#problem !== undefined)
      this.#parts.logger.info({ source: this.name }, 'new studies are noticed again');
    this.#problem = undefined;
  }
}
