/**
 * The server's own pipeline, volume to embedding to matches, with every embedding computed once.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import {
  createEmbedder,
  createEmbeddingCache,
  embeddingKey,
  loadModels,
} from '../../server/src/embedding/index.ts';
import type {
  Embedding,
  Embedder,
  EmbeddingCache,
  Model,
  ModelRegistry,
} from '../../server/src/embedding/index.ts';
import { distanceMm } from '../../server/src/geometry/index.ts';
import { MATCH_METHODS, matchPoints } from '../../server/src/matching/index.ts';
import type { MatchMethod, PointOutcome } from '../../server/src/matching/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { ROOT } from '../support/paths.ts';
import { InputError } from './files.ts';
import type { Subject } from './files.ts';
import type { Scene } from './scenes.ts';
import type { PairTime, Scored } from './statistics.ts';

/** All embeddings of the default data sets are below this, bytes. */
const CACHE_BYTES = 32 * 2 ** 30;
/** The pair at hand is held by the caller; more than one embedding beside it is of no use, bytes. */
const CACHE_MEMORY_BYTES = 256 * 2 ** 20;
const MS_PER_S = 1000;

/** An embedding with what it cost, s, when it was made (perhaps in an earlier run). */
export interface Embedded {
  readonly embedding: Embedding;
  readonly seconds: number;
}

/** A scene's points answered. */
export interface Answers {
  readonly scored: readonly Scored[];
  readonly time: PairTime;
}

/** Names of methods to methods. @throws InputError for one that does not exist. */
export function methodsNamed(names: readonly string[]): MatchMethod[] {
  return names.map((name) => {
    const found = MATCH_METHODS.find((method) => method === name);
    if (found === undefined) throw new InputError(`no method ${name}; there are ${MATCH_METHODS.join(', ')}`);
    return found;
  });
}

/** What the benchmark takes from an outcome. */
export function scoreOf(outcome: PointOutcome, truth: Scene['points'][number]): Scored {
  if (!outcome.ok) return { errorMm: undefined };
  const { target, errorRadiusMm, verdict } = outcome.match;
  return { errorMm: distanceMm(target.lps, truth.target), radiusMm: errorRadiusMm, verdict };
}

/** The pipeline, opened; must be closed. */
export class Engine {
  readonly #models: ModelRegistry;
  readonly #embedder: Embedder;
  readonly #cache: EmbeddingCache;
  readonly #folder: string;

  private constructor(models: ModelRegistry, cache: EmbeddingCache, folder: string) {
    this.#models = models;
    this.#embedder = createEmbedder({ models, threads: availableParallelism() });
    this.#cache = cache;
    this.#folder = folder;
  }

  /**
   * @param folder where embeddings and their times are kept.
   * @param models folder of the models.
   */
  static async open(folder: string, models = join(ROOT, 'models')): Promise<Engine> {
    const cache = await createEmbeddingCache({
      directory: folder,
      maxBytes: CACHE_BYTES,
      maxMemoryBytes: CACHE_MEMORY_BYTES,
    });
    return new Engine(await loadModels(models), cache, folder);
  }

  /** All models, or those named. @throws SamepointError embedding/unknown-model */
  models(names: readonly string[] | undefined): readonly Model[] {
    return names === undefined ? this.#models.models : names.map((name) => this.#models.get(name));
  }

  /** The embedding of a volume: from the cache, else made and put there. */
  async embed(subject: Subject, model: Model): Promise<Embedded> {
    const key = embeddingKey([subject.identity], model);
    const timeFile = join(this.#folder, `${key}.seconds`);
    const kept = await this.#cache.get(key);
    const seconds = Number(await readFile(timeFile, 'utf8').catch(() => NaN));
    if (kept !== undefined && Number.isFinite(seconds)) return { embedding: kept, seconds };
    return await this.#embedNow(await subject.load(), model, async (made) => {
      await this.#cache.put(key, made.embedding);
      await writeFile(timeFile, String(made.seconds));
    });
  }

  async #embedNow(volume: Volume, model: Model, keep: (made: Embedded) => Promise<void>): Promise<Embedded> {
    // Start of the process and loading of the model are paid once per server, not per volume.
    await this.#embedder.prepare(model.id);
    const since = performance.now();
    const embedding = await this.#embedder.embed(volume, model.id);
    const made = { embedding, seconds: (performance.now() - since) / MS_PER_S };
    await keep(made);
    return made;
  }

  /** Asks a method for every point of a scene. */
  async answer(scene: Scene, query: Embedded, target: Embedded, method: MatchMethod): Promise<Answers> {
    const points = scene.points.map(({ query: lps }, index) => ({ id: String(index), lps }));
    const since = performance.now();
    const outcomes = await matchPoints({ query: query.embedding, target: target.embedding, points, method });
    const matchSeconds = (performance.now() - since) / MS_PER_S;
    const scored = outcomes.map((outcome, index) =>
      scoreOf(outcome, scene.points[index] as Scene['points'][number]),
    );
    return { scored, time: { embedSeconds: query.seconds + target.seconds, matchSeconds } };
  }

  async close(): Promise<void> {
    await this.#embedder.close();
  }
}
