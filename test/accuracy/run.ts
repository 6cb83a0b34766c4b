import { isSamepointError } from '../../server/src/errors/index.ts';
import type { Model } from '../../server/src/model/registry.ts';
import type { MatchMethod } from '../../server/src/matching/index.ts';
import { metricsOf } from './datasets/metrics.ts';
import type { Answers, EmbeddedPair, Engine } from './engine.ts';
import { alignCentres } from './centreAlignment.ts';
import { Elastix } from './elastix.ts';
import { InputError } from './files.ts';
import type { Scene } from './scenes.ts';
import { scoreAnswer } from './scoring.ts';
import { summarise, summariseOutside } from './statistics.ts';
import type { PairTime, Row, RowKey, Scored } from './statistics.ts';

/** What a run does with every scene, and where its rows and words go. */
export interface RunOptions {
  readonly models: readonly Model[];
  readonly methods: readonly MatchMethod[];
  readonly withElastix: boolean;
  readonly save: (rows: readonly Row[]) => Promise<void>;
  readonly say: (text: string) => void;
}

/** Everything measured for one row. */
export interface Group {
  readonly key: RowKey;
  readonly outOfView: boolean;
  readonly points: Scored[];
  readonly times: PairTime[];
}

const NOTHING = { seconds: 0, cpuSeconds: 0 };

/** The row of a group. */
export function rowOf({ key, outOfView, points, times }: Group): Row {
  if (outOfView) return summariseOutside(key, points, times);
  const metrics = metricsOf(points);
  return { ...summarise(key, points, times), ...(metrics === undefined ? {} : { metrics }) };
}

/** One run of the benchmark: measures scenes, keeps their scored points, and gives the rows of what was measured so far. */
export class Run {
  readonly #engine: Pick<Engine, 'embedPair' | 'answer'>;
  readonly #options: RunOptions;
  readonly #groups = new Map<string, Group>();
  readonly #elastix = new Elastix();

  constructor(engine: Pick<Engine, 'embedPair' | 'answer'>, options: RunOptions) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Rows of all scenes so far. */
  get rows(): Row[] {
    return [...this.#groups.values()].map(rowOf);
  }

  /** Measures every model and method on a scene. */
  async scene(scene: Scene): Promise<void> {
    for (const model of this.#options.models) await this.#model(scene, model);
    if (this.#options.withElastix && scene.outOfView !== true && scene.unregistrable !== true) {
      const { scored, cost } = await this.#elastix.answer(scene);
      const key = { data: scene.data, case: scene.case, model: '-', method: 'elastix' };
      this.#add(key, scene, { scored, time: { embed: NOTHING, match: cost } });
    }
    this.#reference(scene);
    if (scene.hasControl === true) {
      const key = { data: scene.data, case: scene.case, model: '-', method: 'centre-alignment' };
      this.#add(key, scene, { scored: await alignCentres(scene), time: { embed: NOTHING, match: NOTHING } });
    }
    await this.#options.save(this.rows);
  }

  /** After the last scene. */
  async finish(): Promise<void> {
    await this.#elastix.close();
    if (this.#groups.size === 0)
      throw new InputError('nothing was measured: no scene, or no model that reads these modalities');
    await this.#options.save(this.rows);
  }

  /**
   * All points of some data and cases together, per model and method; nothing for those that have not answered all of them, so
   * that a pool always means the same.
   */
  pooled(data: readonly string[], cases: readonly string[]): readonly Group[] {
    const pools = new Map<string, Group[]>();
    for (const group of this.#groups.values()) {
      if (!data.includes(group.key.data) || !cases.includes(group.key.case)) continue;
      const name = JSON.stringify([group.key.model, group.key.method]);
      pools.set(name, [...(pools.get(name) ?? []), group]);
    }
    return [...pools.values()]
      .filter((groups) => groups.length === data.length * cases.length)
      .map((groups) => ({
        key: { ...groups[0]!.key, data: data.join('+'), case: 'all' },
        outOfView: false,
        points: groups.flatMap(({ points }) => points),
        times: groups.flatMap(({ times }) => times),
      }));
  }

  /** The answers that came with the data, of the points that have one. */
  #reference(scene: Scene): void {
    if (scene.reference === undefined) return;
    const scored = scene.points.flatMap((point) =>
      point.reference === undefined ? [] : [scoreAnswer(point, point.reference)],
    );
    if (scored.length === 0) return;
    const key = { data: scene.data, case: scene.case, model: '-', method: scene.reference };
    this.#add(key, scene, { scored, time: { embed: NOTHING, match: NOTHING } });
  }

  async #model(scene: Scene, model: Model): Promise<void> {
    const pair = await this.#embed(scene, model);
    if (pair === 'unread') return;
    for (const method of this.#options.methods) {
      const key = { data: scene.data, case: scene.case, model: model.id, method };
      this.#add(key, scene, await this.#answers(scene, pair, method));
    }
  }

  /** 'unread' for a modality that the model is not made for; undefined for a volume that it cannot embed. */
  async #embed(scene: Scene, model: Model): Promise<EmbeddedPair | 'unread' | undefined> {
    try {
      return await this.#engine.embedPair(scene.query, scene.target, model);
    } catch (error) {
      if (!isSamepointError(error)) throw error;
      if (error.code === 'embedding/modality-not-supported') return 'unread';
      this.#options.say(`${scene.data} ${scene.case}, ${model.id}: ${error.message}`);
      return undefined;
    }
  }

  /** Answers to all points; a pair that cannot be matched at all has failed for each of them. */
  async #answers(scene: Scene, pair: EmbeddedPair | undefined, method: MatchMethod): Promise<Answers> {
    const failed: Answers = {
      scored: scene.points.map(() => ({ errorMm: undefined })),
      time: { embed: NOTHING, match: NOTHING },
    };
    if (pair === undefined) return failed;
    try {
      return await this.#engine.answer(scene, pair, method);
    } catch (error) {
      if (!isSamepointError(error)) throw error;
      this.#options.say(`${scene.data} ${scene.case}, ${method}: ${error.message}`);
      return failed;
    }
  }

  #add(key: RowKey, { outOfView = false, pair }: Scene, { scored, time }: Answers): void {
    const name = JSON.stringify(key);
    const group = this.#groups.get(name) ?? { key, outOfView, points: [], times: [] };
    this.#groups.set(name, group);
    group.points.push(...(pair === undefined ? scored : scored.map((point) => ({ ...point, pair }))));
    group.times.push(time);
    const { n, medianMm, within10mm, seconds } = rowOf(group);
    this.#options.say(
      `${key.data} ${key.case}, ${key.model} ${key.method}: n ${n}, median ${String(medianMm)} mm, within 10 mm ${String(within10mm)}, ${seconds} s`,
    );
  }
}
