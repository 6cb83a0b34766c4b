/**
 * First answers of a match whose series are not all embedded: as soon as the images of a pair are read, both are
 * registered coarsely. The embedding of a series waits for its partner only while the partner's images are arriving.
 * @module
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Embedding, Thumbnail } from '../embedding/index.ts';
import type { Logger, Rooms } from './ports.ts';
import type { Preparation } from './embeddings.ts';
import type { MatchOutcome, MatchRequest, RunOptions } from './types.ts';

/** A partner that takes longer to arrive is not waited for, ms: then embedding goes on and the first look comes later. */
const LONGEST_HOLD_MS = 2_000;

/** What a first look needs. */
export interface FirstLookParts {
  readonly request: MatchRequest;
  readonly rooms: Rooms;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Takes the answers so far, by target and point, each time there are more. */
  readonly onPreview: (outcomes: readonly MatchOutcome[]) => void;
}

/** The first look at the pairs of one request. Series are counted like its parts: 0 is the query, then the targets. */
export class FirstLook {
  readonly #parts: FirstLookParts;
  readonly #series: readonly Arrival[];
  readonly #looks = new Map<number, Promise<void>>();
  readonly #outcomes = new Map<number, readonly MatchOutcome[]>();

  constructor(parts: FirstLookParts) {
    this.#parts = parts;
    this.#series = [undefined, ...parts.request.targets].map(() => new Arrival());
  }

  /** Runs the preparation of a series and looks when its images are read, or when its embedding is at hand anyway. */
  async follow(series: number, preparation: Preparation, options: RunOptions): Promise<Embedding> {
    const arrival = this.#series[series];
    if (arrival === undefined) throw new RangeError(`there is no series ${series}`);
    const { rooms } = this.#parts;
    arrival.isStarted = preparation.ready;
    try {
      const embedding = await preparation.run({
        ...options,
        onProgress: (progress) => {
          arrival.isStarted = true;
          options.onProgress?.(progress);
        },
        onThumbnail: (thumbnail) => this.#arrived(series, thumbnail),
      });
      arrival.arrive(() => rooms.thumbnailOfEmbedding(embedding));
      return embedding;
    } catch (error) {
      arrival.arrive(() => undefined);
      throw error;
    }
  }

  /** The images of a series are read. Resolves when its embedding may begin; never rejects. */
  async #arrived(series: number, thumbnail: Thumbnail): Promise<void> {
    this.#series[series]?.arrive(() => thumbnail);
    const pairs = series === 0 ? this.#parts.request.targets.map((_, index) => index + 1) : [series];
    const looks = pairs
      .filter((target) => this.#series[series === 0 ? target : 0]?.isStarted === true)
      .map((target) => this.#look(target));
    await this.#within(Promise.all(looks));
  }

  /** A moment at most, and not after the request has ended. */
  async #within(work: Promise<unknown>): Promise<void> {
    const { signal } = this.#parts;
    const stop = new AbortController();
    const timer = sleep(LONGEST_HOLD_MS, undefined, { signal: AbortSignal.any([signal, stop.signal]) });
    await Promise.race([work, timer]).catch(() => undefined);
    stop.abort();
    timer.catch(() => undefined);
  }

  #look(target: number): Promise<void> {
    const known = this.#looks.get(target);
    if (known !== undefined) return known;
    const look = this.#compare(target).catch((error: unknown) => {
      // The answer itself does not depend on it.
      if (!this.#parts.signal.aborted) this.#parts.logger.warn({ err: error }, 'a first look failed');
    });
    this.#looks.set(target, look);
    return look;
  }

  async #compare(index: number): Promise<void> {
    const { request, rooms, signal, onPreview } = this.#parts;
    const target = request.targets[index - 1];
    const [one, other] = await Promise.all([this.#series[0]?.thumbnail(), this.#series[index]?.thumbnail()]);
    if (target === undefined || one === undefined || other === undefined) return;
    const { points } = request;
    const outcomes = await rooms.previewPoints({ query: one, target: other, points, signal });
    if (outcomes.length === 0 || signal.aborted) return;
    this.#outcomes.set(
      index,
      outcomes.map((outcome) => ({ ...outcome, target })),
    );
    const soFar = [...this.#outcomes].sort(([a], [b]) => a - b).flatMap(([, found]) => found);
    onPreview(soFar);
  }
}

type MakeThumbnail = () => Thumbnail | undefined;

/** One series of the request: its thumbnail, when it is there. */
class Arrival {
  isStarted = false;
  /** Lets the waiting go on; only the first arrival counts. */
  arrive: (make: MakeThumbnail) => void = () => undefined;
  readonly #make: Promise<MakeThumbnail>;
  #thumbnail: Thumbnail | undefined;

  constructor() {
    this.#make = new Promise((resolve) => {
      this.arrive = resolve;
    });
  }

  /** Undefined for a series that will not come. Made when it is first asked for. */
  async thumbnail(): Promise<Thumbnail | undefined> {
    const make = await this.#make;
    return (this.#thumbnail ??= make());
  }
}
