/**
 * Whether the PACS still holds the images that an embedding was made of. UIDs do not show it: a series can be deleted and sent
 * again with other pixels or other positions under the same ones, and no search of DICOMweb says so. So a few of its
 * instances are retrieved and their digests compared with those of the time of the embedding: always those that were
 * looked at longest ago, in an unpredictable order, so that every instance has its turn.
 *
 * An answer waits for some of them, and the points are searched meanwhile (speculation.ts); a few more are looked at after it.
 * @module
 */
import type { Embedding } from '../embedding/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { InstanceContent } from '../volume/index.ts';
import { assertIdentity, requestOptions } from '../access/index.ts';
import type { Caller, GrantedSeries } from '../access/index.ts';
import type { Ports } from '../ports/index.ts';

/** Instances and bytes that an answer waits for, per series. */
interface Share {
  readonly instances: number;
  readonly bytes: number;
}

/** Of an embedding that was read from the disk: its age is unknown. */
const FIRST_SHARE: Share = { instances: 16, bytes: 4 * 2 ** 20 };
/** From then on: one slice of a CT of 512 x 512, a few of a smaller one; a few milliseconds from an archive nearby. */
const SHARE: Share = { instances: 4, bytes: 3 * 2 ** 17 };
/** Looked at after the answer, so that a hundred slices have had their turn after twenty clicks. */
const AFTERWARDS: Share = { instances: 4, bytes: 4 * 2 ** 20 };
/** Retrieved at a time, per series: hides the latency of one request. */
const AT_ONCE = 4;
/** Time for the check after the answer, ms. */
const AFTERWARDS_TIMEOUT_MS = 10_000;
/** A multi-frame instance is a whole series. */
const LARGE_BYTES = 16 * 2 ** 20;
/** How often a whole series is looked at, where it is one instance or can only be had as a whole, ms. */
const WHOLE_EVERY_MS = 60_000;

/** What is known of one embedding. */
interface State {
  /** When the last check that found nothing began, ms. */
  checkedAt: number;
  /** Per SOP Instance UID, when it was last found unchanged, ms; absent: not by this process. */
  readonly seenAt: Map<string, number>;
  isBusyAfterwards: boolean;
  /** The check on its way; what it finds holds for every caller of that time. */
  running: Promise<boolean> | undefined;
  /**
   * The PACS does not give the instances one by one: Orthanc finds none whose UID is in two studies, although it gives the
   * series of each.
   */
  isWhole: boolean;
}

function newState(checkedAt: number, seenAt: Map<string, number>): State {
  return { checkedAt, seenAt, isBusyAfterwards: false, running: undefined, isWhole: false };
}

type Verdict = 'same' | 'other' | 'not-given';

/** What is checked, for whom, and until when. */
interface CheckRequest {
  readonly granted: GrantedSeries;
  readonly embedding: Embedding;
  readonly caller: Caller;
  readonly signal: AbortSignal | undefined;
  /** The PACS has sent an image of the series to this caller: the proof that it may be retrieved. */
  readonly onRetrieved: () => void;
}

/** Checks of embeddings against the PACS. */
export class ContentChecks {
  readonly #ports: Pick<Ports, 'source' | 'modules' | 'monotonic' | 'logger'>;
  readonly #validForMs: number;
  readonly #states = new WeakMap<Embedding, State>();

  /** @param validForMs for how long a check is relied on, for every caller: a live cursor sends 20 requests a second. */
  constructor(ports: Pick<Ports, 'source' | 'modules' | 'monotonic' | 'logger'>, validForMs: number) {
    this.#ports = ports;
    this.#validForMs = validForMs;
  }

  /** The images of this embedding have just been read, at the given time. */
  justRead(embedding: Embedding, readAt: number): void {
    const instances = embedding.origin?.instances ?? [];
    const seenAt = new Map(instances.map(({ sopInstanceUid }) => [sopInstanceUid, readAt]));
    this.#states.set(embedding, newState(readAt, seenAt));
  }

  /**
   * False where the PACS holds other images under the same UIDs, or not all of them.
   * @param onChange called where that is found after the answer.
   * @throws SamepointError `application/identity-mismatch`, and those of `dicomweb/`: whoever may not retrieve the images gets no
   * answer made of them.
   */
  async holds(request: CheckRequest, onChange: () => void): Promise<boolean> {
    const { monotonic } = this.#ports;
    const state = this.#stateOf(request.embedding);
    const startedAt = monotonic();
    const validForMs = state.isWhole ? Math.max(this.#validForMs, WHOLE_EVERY_MS) : this.#validForMs;
    if (validForMs > 0 && Math.abs(startedAt - state.checkedAt) <= validForMs) return true;
    // Another caller's failure (a cancelled request, an expired login) says nothing about the images.
    const others = validForMs > 0 ? state.running?.catch(() => false) : undefined;
    if (others !== undefined && (await others)) return true;
    const running = this.#check(request, state, onChange);
    state.running = running;
    try {
      return await running;
    } finally {
      if (state.running === running) state.running = undefined;
    }
  }

  async #check(request: CheckRequest, state: State, onChange: () => void): Promise<boolean> {
    const startedAt = this.#ports.monotonic();
    const share = state.seenAt.size === 0 ? FIRST_SHARE : SHARE;
    const picked = state.isWhole ? [] : this.#pick(request.embedding, state, share);
    let verdict: Verdict = state.isWhole ? 'not-given' : await this.#compare(picked, request, state);
    if (verdict === 'not-given') {
      verdict = await this.#compareWhole(request);
      state.isWhole = true;
    }
    if (verdict !== 'same') return false;
    state.checkedAt = startedAt;
    if (!state.isWhole) this.#goOn(request, state, onChange);
    return true;
  }

  #stateOf(embedding: Embedding): State {
    const known = this.#states.get(embedding);
    if (known !== undefined) return known;
    const state = newState(-Infinity, new Map());
    this.#states.set(embedding, state);
    return state;
  }

  /** Those that were looked at longest ago, as many as the share allows, at least one. */
  #pick({ origin }: Embedding, { seenAt }: State, share: Share): InstanceContent[] {
    const now = this.#ports.monotonic();
    const due = (origin?.instances ?? [])
      .map((content) => ({
        content,
        last: seenAt.get(content.sopInstanceUid) ?? -Infinity,
        lot: Math.random(),
      }))
      .filter(({ content, last }) => content.bytes <= LARGE_BYTES || now - last > WHOLE_EVERY_MS)
      .sort((a, b) => (a.last === b.last ? a.lot - b.lot : a.last - b.last));
    const picked: InstanceContent[] = [];
    let bytes = 0;
    for (const { content } of due) {
      bytes += content.bytes;
      if (picked.length > 0 && (picked.length >= share.instances || bytes > share.bytes)) break;
      picked.push(content);
    }
    return picked;
  }

  async #compare(
    contents: readonly InstanceContent[],
    request: CheckRequest,
    state: State,
  ): Promise<Verdict> {
    const waiting = [...contents];
    let verdict: Verdict = 'same';
    const work = async (): Promise<void> => {
      for (let next = waiting.pop(); next !== undefined && verdict === 'same'; next = waiting.pop()) {
        const found = await this.#look(next, request);
        if (found === 'same') state.seenAt.set(next.sopInstanceUid, this.#ports.monotonic());
        else verdict = found;
      }
    };
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, contents.length) }, work));
    return verdict;
  }

  async #look(content: InstanceContent, request: CheckRequest): Promise<Verdict> {
    const { granted, caller, signal, onRetrieved } = request;
    const options = requestOptions(caller, signal);
    try {
      const part10 = await this.#ports.source.retrieveInstance(
        granted.series,
        content.sopInstanceUid,
        options,
      );
      const found = await this.#read(part10, granted, content);
      onRetrieved();
      const isSame = found?.sopInstanceUid === content.sopInstanceUid && found.digest === content.digest;
      return isSame ? 'same' : 'other';
    } catch (error) {
      if (isSamepointError(error, 'dicomweb/instance-not-found')) return 'not-given';
      throw error;
    }
  }

  async #compareWhole({ granted, embedding, caller, signal, onRetrieved }: CheckRequest): Promise<Verdict> {
    const { source } = this.#ports;
    const expected = new Map(embedding.origin?.instances.map((one) => [one.sopInstanceUid, one]));
    for await (const part10 of source.retrieveSeries(granted.series, requestOptions(caller, signal))) {
      let found = await this.#read(part10, granted);
      const known = found && expected.get(found.sopInstanceUid);
      // Read at first without knowing which instance it is, as a whole.
      if (known?.level !== undefined) found = await this.#read(part10, granted, known);
      onRetrieved();
      if (found === undefined || known?.digest !== found.digest) return 'other';
      expected.delete(found.sopInstanceUid);
    }
    return expected.size === 0 ? 'same' : 'other';
  }

  /**
   * What an instance holds; undefined where it cannot be read as an image any more.
   * @throws SamepointError `application/identity-mismatch`
   */
  async #read(
    part10: Uint8Array,
    granted: GrantedSeries,
    known?: InstanceContent,
  ): Promise<InstanceContent | undefined> {
    try {
      const { identity, content } = await this.#ports.modules.readInstance(part10, known);
      if (identity !== undefined) assertIdentity(identity, granted);
      return content;
    } catch (error) {
      if (isSamepointError(error) && error.code.startsWith('volume/')) return undefined;
      throw error;
    }
  }

  /** Looks at a few more after the answer. A failure here fails the next check that a caller waits for. */
  #goOn(request: CheckRequest, state: State, onChange: () => void): void {
    if (state.isBusyAfterwards) return;
    const more = this.#pick(request.embedding, state, AFTERWARDS).filter(({ bytes }) => bytes <= LARGE_BYTES);
    state.isBusyAfterwards = true;
    const signal = AbortSignal.timeout(AFTERWARDS_TIMEOUT_MS);
    const work = async (): Promise<void> => {
      for (const content of more) {
        const verdict = await this.#compare([content], { ...request, signal }, state);
        if (verdict === 'other') onChange();
        // What is not given, the next answer looks into.
        if (verdict !== 'same') return;
      }
    };
    work()
      .catch((error: unknown) => {
        if (!signal.aborted) this.#ports.logger.info({ err: error }, 'images could not be compared again');
      })
      .finally(() => {
        state.isBusyAfterwards = false;
      });
  }
}
