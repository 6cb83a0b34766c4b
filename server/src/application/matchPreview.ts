/**
 * Preview of a match whose series are not all embedded: as soon as the images of a pair are read, both are
 * registered coarsely. Embedding goes on meanwhile: a core would be idle otherwise.
 * @module
 */
import type { Embedding, PreviewImage } from '../embedding/index.ts';
import type { Modules } from '../ports/index.ts';
import type { Logger } from '../access/index.ts';
import type { EmbeddingPlan, RunOptions } from '../seriesEmbeddings/index.ts';
import type { MatchOutcome, MatchRequest } from './types.ts';

/** What a preview needs. */
export interface MatchPreviewParts {
  readonly request: MatchRequest;
  readonly modules: Modules;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Receives the answers so far, by target and point, each time there are more. */
  readonly onPreview: (outcomes: readonly MatchOutcome[]) => void;
}

/** Previews the pairs of one request. Series are counted like its parts: 0 is the query, then the targets. */
export class MatchPreview {
  readonly #parts: MatchPreviewParts;
  readonly #series: readonly Arrival[];
  readonly #previewed = new Set<number>();
  readonly #outcomes = new Map<number, readonly MatchOutcome[]>();

  constructor(parts: MatchPreviewParts) {
    this.#parts = parts;
    this.#series = [undefined, ...parts.request.targets].map(() => new Arrival());
  }

  /** Runs the plan of a series and previews when its images are read, or when its embedding is at hand anyway. */
  async follow(series: number, plan: EmbeddingPlan, options: RunOptions): Promise<Embedding> {
    const arrival = this.#series[series];
    if (arrival === undefined) throw new RangeError(`there is no series ${series}`);
    const { modules } = this.#parts;
    try {
      const embedding = await plan.run({
        ...options,
        onPreviewImage: (previewImage) => {
          this.#arrived(series, previewImage);
        },
      });
      arrival.arrive(() => modules.previewImageOfEmbedding(embedding));
      return embedding;
    } catch (error) {
      arrival.arrive(() => undefined);
      throw error;
    }
  }

  /** The images of a series are read. */
  #arrived(series: number, previewImage: PreviewImage): void {
    this.#series[series]?.arrive(() => previewImage);
    const pairs = series === 0 ? this.#parts.request.targets.map((_, index) => index + 1) : [series];
    for (const target of pairs) this.#previewPair(target);
  }

  /** Previews a pair once, as soon as both of its series are there. */
  #previewPair(target: number): void {
    if (this.#previewed.has(target)) return;
    this.#previewed.add(target);
    this.#compare(target).catch((error: unknown) => {
      // The answer itself does not depend on it.
      if (!this.#parts.signal.aborted) this.#parts.logger.warn({ err: error }, 'the preview failed');
    });
  }

  async #compare(index: number): Promise<void> {
    const { request, modules, signal, onPreview } = this.#parts;
    const target = request.targets[index - 1];
    const [one, other] = await Promise.all([
      this.#series[0]?.previewImage(),
      this.#series[index]?.previewImage(),
    ]);
    if (target === undefined || one === undefined || other === undefined) return;
    const { points } = request;
    const outcomes = await modules.previewPoints({ query: one, target: other, points, signal });
    if (outcomes.length === 0 || signal.aborted) return;
    this.#outcomes.set(
      index,
      outcomes.map((outcome) => ({ ...outcome, target })),
    );
    const soFar = [...this.#outcomes].sort(([a], [b]) => a - b).flatMap(([, found]) => found);
    onPreview(soFar);
  }
}

type MakePreviewImage = () => PreviewImage | undefined;

/** One series of the request: its preview image, when it is there. */
class Arrival {
  /** Lets the waiting go on; only the first arrival counts. */
  arrive: (make: MakePreviewImage) => void = () => undefined;
  readonly #make: Promise<MakePreviewImage>;
  #previewImage: PreviewImage | undefined;

  constructor() {
    this.#make = new Promise((resolve) => {
      this.arrive = resolve;
    });
  }

  /** Undefined for a series that will not come. Made at the first request. */
  async previewImage(): Promise<PreviewImage | undefined> {
    const make = await this.#make;
    return (this.#previewImage ??= make());
  }
}
