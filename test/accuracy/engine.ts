/**
 * The server's own pipeline, volume to embedding to matches, with every embedding computed once.
 * @module
 */
import { readFile, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { createEmbedder, previewImageOfEmbedding } from '../../server/src/embedding/index.ts';
import { createEmbeddingCache, embeddingKey } from '../../server/src/embeddingCache/index.ts';
import { loadModels } from '../../server/src/model/registry.ts';
import type { Embedding, Embedder } from '../../server/src/embedding/index.ts';
import type { EmbeddingCache, EmbeddingKey } from '../../server/src/embeddingCache/index.ts';
import type { Model, ModelRegistry } from '../../server/src/model/registry.ts';
import { createMatcher, MATCH_METHODS } from '../../server/src/matching/index.ts';
import type {
  MatchMethod,
  MatchRequest,
  PointMatcher,
  PointOutcome,
} from '../../server/src/matching/index.ts';
import { keepWasmCode } from '../../server/src/wasm/index.ts';
import { ROOT } from '../support/paths.ts';
import { timed } from './cpuTime.ts';
import type { Cost } from './cpuTime.ts';
import { InputError } from './files.ts';
import type { Subject } from './files.ts';
import type { Scene } from './scenes.ts';
import { scoreAnswer } from './scoring.ts';
import type { PairTime, Scored } from './statistics.ts';

keepWasmCode();

/** All embeddings of the default data sets are below this, bytes. */
const CACHE_BYTES = 32 * 2 ** 30;
/** The pair at hand is held by the caller; more than one embedding beside it is of no use, bytes. */
const CACHE_MEMORY_BYTES = 256 * 2 ** 20;

/** The embeddings of a scene with what they cost when they were made (perhaps in an earlier run). */
export interface EmbeddedPair {
  readonly query: Embedding;
  readonly target: Embedding;
  /** Of both at once, as a server embeds the two series of a pair. */
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

/** What the benchmark reads from an outcome. */
export function scoreOf(outcome: PointOutcome, truth: Scene['points'][number]): Scored {
  if (!outcome.ok) return { errorMm: undefined };
  const { target, errorRadiusMm, verdict, change: said } = outcome.match;
  const change = truth.change && { truth: truth.change, said };
  return { ...scoreAnswer(truth, target.lps), radiusMm: errorRadiusMm, verdict, change };
}

/** What an embedding has cost, where it is known. */
async function readCost(file: string): Promise<Cost | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Cost);
}

/** Subjects are no series of a PACS: their identities stand in the place of its instances. */
function keyOf(subjects: readonly Subject[], model: Model): EmbeddingKey {
  const sopInstanceUids = subjects.map(({ identity }) => identity);
  return embeddingKey({ studyInstanceUid: '', seriesInstanceUid: '', sopInstanceUids }, model);
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
      role: 'guest',
      memoryCapacity: () => CACHE_MEMORY_BYTES,
    });
    const engine = new Engine(await loadModels(models), cache, folder);
    // As a server when it starts: its first reader does not wait for code to be compiled.
    await engine.#matcher.warmUp();
    return engine;
  }

  /** All models, or those named. @throws SamepointError embedding/unknown-model */
  models(names: readonly string[] | undefined): readonly Model[] {
    return names === undefined ? this.#models.models : names.map((name) => this.#models.get(name));
  }

  /** The embedding of a volume: from the cache, else made and put there. */
  async embed(subject: Subject, model: Model): Promise<Embedding> {
    const key = keyOf([subject], model);
    const kept = await this.#cache.get(key);
    if (kept !== undefined) return kept;
    const made = await this.#embedder.embed(await subject.load(), model.id);
    await this.#cache.put(key, made);
    return made;
  }

  /** The embeddings of a pair, from the cache where what they cost together is known. */
  async embedPair(query: Subject, target: Subject, model: Model): Promise<EmbeddedPair> {
    const subjects = [query, target];
    const keys = subjects.map((subject) => keyOf([subject], model));
    const costFile = join(this.#folder, `${keyOf(subjects, model)}.json`);
    const known = await readCost(costFile);
    if (known !== undefined)
      return { query: await this.embed(query, model), target: await this.embed(target, model), cost: known };
    const volumes = await Promise.all(subjects.map((subject) => subject.load()));
    // Start of the process and loading of the model are paid once per server, not per volume.
    await this.#embedder.openModel(model.id);
    const { result, cost } = await timed(() =>
      Promise.all(volumes.map((volume) => this.#embedder.embed(volume, model.id))),
    );
    for (const [n, embedding] of result.entries()) await this.#cache.put(keys[n]!, embedding);
    await writeFile(costFile, JSON.stringify(cost));
    const [ofQuery, ofTarget] = result;
    return { query: ofQuery!, target: ofTarget!, cost };
  }

  /** Matches every point of a scene with a method. */
  async answer(scene: Scene, { query, target, cost }: EmbeddedPair, method: MatchMethod): Promise<Answers> {
    const points = scene.points.map(({ query: lps }, index) => ({ id: String(index), lps }));
    const { manifest } = this.#models.get(query.modelId);
    const request = { points, method, model: manifest };
    const { result: outcomes, cost: match } = await timed(async () =>
      this.#matcher.matchPoints({ ...request, query, ...(await this.#align(query, target)) }),
    );
    const scored = outcomes.map((outcome, index) => scoreOf(outcome, scene.points[index]!));
    return { scored, time: { embed: cost, match } };
  }

  /** The target as a server matches it: embedded once more where its patient lies turned. */
  async #align(
    query: Embedding,
    target: Embedding,
  ): Promise<Pick<MatchRequest, 'target' | 'turn' | 'isSideUnsure'>> {
    const { turn, isSideUnsure } = await this.#matcher.findPose({
      query,
      target,
      previewImageOf: previewImageOfEmbedding,
    });
    if (turn === undefined) return { target, isSideUnsure };
    return { target: await this.#embedder.embedTurned(target, turn), turn, isSideUnsure };
  }

  async close(): Promise<void> {
    await Promise.all([this.#embedder.close(), this.#matcher.close()]);
  }
}
