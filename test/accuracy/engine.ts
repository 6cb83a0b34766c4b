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
import { createMatcher, MATCH_METHODS } from '../../server/src/matching/index.ts';
import type { MatchMethod, PointMatcher, PointOutcome } from '../../server/src/matching/index.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import { ROOT } from '../support/paths.ts';
import { timed } from './cpuTime.ts';
import type { Cost } from './cpuTime.ts';
import { InputError } from './files.ts';
import type { Subject } from './files.ts';
import type { Scene } from './scenes.ts';
import type { PairTime, Scored } from './statistics.ts';

/** All embeddings of the default data sets are below this, bytes. */
const CACHE_BYTES = 32 * 2 ** 30;
/** The pair at hand is held by the caller; more than one embedding beside it is of no use, bytes. */
const CACHE_MEMORY_BYTES = 256 * 2 ** 20;

/** An embedding with what it cost when it was made (perhaps in an earlier run). */
export interface Embedded {
  readonly embedding: Embedding;
  readonly cost: Cost;
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

function sumOf(a: Cost, b: Cost): Cost {
  return { seconds: a.seconds + b.seconds, cpuSeconds: a.cpuSeconds + b.cpuSeconds };
}

/** What an embedding has cost, where it is known. */
async function readCost(file: string): Promise<Cost | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Cost);
}

/** The pipeline, opened; must be closed. */
export class Engine {
  readonly #models: ModelRegistry;
  readonly #embedder: Embedder;
  readonly #matcher: PointMatcher = createMatcher();
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
    const costFile = join(this.#folder, `${key}.json`);
    const [kept, cost] = [await this.#cache.get(key), await readCost(costFile)];
    if (kept !== undefined && cost !== undefined) return { embedding: kept, cost };
    const made = await this.#embedNow(await subject.load(), model);
    await this.#cache.put(key, made.embedding);
    await writeFile(costFile, JSON.stringify(made.cost));
    return made;
  }

  async #embedNow(volume: Volume, model: Model): Promise<Embedded> {
    // Start of the process and loading of the model are paid once per server, not per volume.
    await this.#embedder.prepare(model.id);
    const { result, cost } = await timed(() => this.#embedder.embed(volume, model.id));
    return { embedding: result, cost };
  }

  /** Asks a method for every point of a scene. */
  async answer(scene: Scene, query: Embedded, target: Embedded, method: MatchMethod): Promise<Answers> {
    const points = scene.points.map(({ query: lps }, index) => ({ id: String(index), lps }));
    const { calibration, structureWeights } = this.#models.get(query.embedding.modelId).manifest.matching;
    const request = {
      query: query.embedding,
      target: target.embedding,
      points,
      method,
      calibration,
      structureWeights,
    };
    const { result: outcomes, cost: match } = await timed(() => this.#matcher.matchPoints(request));
    const scored = outcomes.map((outcome, index) =>
      scoreOf(outcome, scene.points[index] as Scene['points'][number]),
    );
    return { scored, time: { embed: sumOf(query.cost, target.cost), match } };
  }

  async close(): Promise<void> {
    await Promise.all([this.#embedder.close(), this.#matcher.close()]);
  }
}
