/**
 * Pairs whose patients do not lie alike: the target is embedded a second time, turned, before it is matched.
 * @module
 */
import { SingleFlight } from '../concurrency/index.ts';
import type { Embedding } from '../embedding/index.ts';
import type { EmbeddingKey } from '../embeddingCache/index.ts';
import type { Affine } from '../geometry/index.ts';
import type { Model } from '../model/index.ts';
import type { WorkOrder, WorkSteps, TurnedRequest } from '../work/index.ts';
import type { Ports } from '../ports/index.ts';
import { createInProcessQueue } from '../admission/index.ts';

/** A target as it is to be matched with a query. */
export interface AlignedTarget {
  readonly target: Embedding;
  /** LPS of the series to the LPS of `target`; absent where both are the same. */
  readonly turn?: Affine;
  /** True where left and right may be exchanged: no answer is more than uncertain. */
  readonly isSideUnsure: boolean;
  /** What the reader has to know of the pair. */
  readonly warnings: readonly { readonly code: string; readonly message: string }[];
}

/** Lays the patient of a target like that of the query. */
export interface Poses {
  /**
   * @throws SamepointError of `embedding/` where the turned target cannot be embedded; the signal's reason when it is aborted
   */
  align(query: Embedding, target: Embedding, model: Model, signal?: AbortSignal): Promise<AlignedTarget>;
}

/** What a worker needs to make a turned embedding: the one that it is made of lies in the store. */
function orderOf(
  key: EmbeddingKey,
  target: Embedding,
  turn: Affine,
  model: Model,
  cache: Ports['cache'],
): WorkOrder {
  const request: TurnedRequest = { of: cache.keyOf(target) ?? '', turn, model: model.id };
  return { kind: 'turned', key, urgency: 'interactive', share: '', request };
}

/** What turned embeddings are made with, and kept in. */
type PoseParts = Pick<Ports, 'modules' | 'embedder' | 'cache' | 'logger' | 'work'>;

/** Makes a turned embedding here, or finds that of a worker. */
function stepsOf(
  key: EmbeddingKey,
  target: Embedding,
  turn: Affine,
  { embedder, cache, logger }: PoseParts,
  signal: AbortSignal,
): WorkSteps<Embedding> {
  const warn = (err: unknown): void => {
    logger.warn({ err }, 'a turned embedding could not be kept on disk');
  };
  return {
    report: () => undefined,
    fetch: () => cache.get(key),
    async compute() {
      const made = await embedder.embedTurned(target, turn, { signal });
      // No reader waits for the disk.
      cache.put(key, made).then((outcome) => {
        if (!outcome.stored) warn(outcome.warning);
      }, warn);
      return made;
    },
  };
}

/** Poses over the given ports. Turned embeddings are kept in the cache beside the others, under keys of their own. */
export function createPoses(parts: PoseParts): Poses {
  const { modules, cache, work = createInProcessQueue(1) } = parts;
  const flights = new SingleFlight<Embedding, never>();

  const turnedOf = async (
    target: Embedding,
    turn: Affine,
    model: Model,
    signal?: AbortSignal,
  ): Promise<Embedding> => {
    const key = modules.turnedEmbeddingKey(target, turn, model);
    const compute = async (stop: AbortSignal): Promise<Embedding> => {
      const kept = await cache.get(key);
      if (kept !== undefined) return kept;
      const order = orderOf(key, target, turn, model, cache);
      return await work.run(order, stepsOf(key, target, turn, parts, stop), stop);
    };
    return await flights.join(key, compute, { signal });
  };

  return {
    async align(query, target, model, signal) {
      const { turn, isSideUnsure = false, warnings } = await modules.findPose(query, target, signal);
      if (turn === undefined) return { target, isSideUnsure, warnings };
      return { target: await turnedOf(target, turn, model, signal), turn, isSideUnsure, warnings };
    },
  };
}
