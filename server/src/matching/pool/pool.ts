import { randomUUID } from 'node:crypto';
import { extname } from 'node:path';
import { BroadcastChannel } from 'node:worker_threads';
import { Piscina } from 'piscina';
import { orAborted, threadOptions } from '../../concurrency/index.ts';
import type { PreviewImage } from '../../embedding/types.ts';
import { lookUpAll, pairOf } from '../answer.ts';
import type { Pair, PairMethod, PairWork } from '../answer.ts';
import type { DeformationField } from '../../deformation/types.ts';
import type { DeformationTerms } from '../pairDeformation/index.ts';
import { spaceOf } from './localRunner.ts';
import type { Runner } from '../matchPoints.ts';
import type { MethodStates, Precomputation } from '../../matchMethods/index.ts';
import { termsOf } from '../../matchMethods/index.ts';
import type { PairTask, PoolTask } from './poolTask.ts';
import { PrecomputedPairs } from './precomputedPairs.ts';
import type { PairPose } from '../pose.ts';
import type { PreviewRequest } from '../preview/index.ts';
import type { SimilarityMap } from '../../similarityFormat/types.ts';
import type { SharedEmbedding } from '../../search/index.ts';
import type { Found } from '../../matchMethods/types.ts';
import type { MatchMethod, PointOutcome } from '../types.ts';

/** Idle threads but these end after this time, ms: longer than a reader looks at one pair of images. */
const [KEPT_THREADS, IDLE_TIMEOUT_MS] = [2, 300_000];
/** Points that a thread answers before another request may have its turn. */
const POINTS_PER_TASK = 4;
/** Shares per thread of a step: small enough that none waits long for the last one. */
const SHARES_PER_THREAD = 4;

/** A task without what every task of a pair carries. */
type Post = DistributiveOmit<PairTask, 'live'>;
type DistributiveOmit<T, K extends PropertyKey> = T extends unknown ? Omit<T, K> : never;

/** Answers in a pool of worker threads, started when needed; an idle pool does not keep the process alive. */
export class PoolRunner implements Runner {
  readonly #threads: number;
  /** By which the threads of this pool learn what is gone. */
  readonly #channelName = randomUUID();
  readonly #live = new LiveEmbeddings(this.#channelName);
  readonly #pairs = new PrecomputedPairs((work, how) => this.#precompute(work, how));
  #pool: Piscina<PoolTask, unknown> | undefined;

  /** @param threads at most this many at a time */
  constructor(threads: number) {
    this.#threads = threads;
  }

  /** Splits the points over the threads; the answers come in the order of the points, whoever gave them. */
  async run(work: PairWork, signal?: AbortSignal): Promise<readonly (Found | undefined)[]> {
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    const cancel = (): void => {
      Atomics.store(cancelled, 0, 1);
    };
    signal?.addEventListener('abort', cancel, { once: true });
    try {
      return await orAborted(this.#answer(work, cancelled), signal);
    } finally {
      cancel();
      signal?.removeEventListener('abort', cancel);
    }
  }

  /** The whole map of a pair, made of its field in one worker thread. */
  async deformation(
    work: PairMethod<'field'>,
    terms: DeformationTerms,
    signal?: AbortSignal,
  ): Promise<DeformationField | undefined> {
    signal?.throwIfAborted();
    const making = async (): Promise<DeformationField | undefined> => {
      const state = await this.#pairs.get(work);
      signal?.throwIfAborted();
      const task = { ...work, points: [], cancelled: new Int32Array(new SharedArrayBuffer(4)) };
      return (await this.#post({ ...task, kind: 'deformation', state, terms })) as
        DeformationField | undefined;
    };
    return await orAborted(making(), signal);
  }

  /** The similarity of the point of a work, in one worker thread. */
  async similarity(work: PairWork, signal?: AbortSignal): Promise<SimilarityMap | undefined> {
    signal?.throwIfAborted();
    const task = {
      ...work,
      cancelled: new Int32Array(new SharedArrayBuffer(4)),
      kind: 'similarity',
    } as const;
    return (await orAborted(this.#post(task), signal)) as SimilarityMap | undefined;
  }

  /** A preview, computed in a worker thread: the calling thread sends voxels meanwhile. */
  async preview({ signal, ...request }: PreviewRequest): Promise<readonly PointOutcome[]> {
    signal?.throwIfAborted();
    const looking = this.#threadPool().run({ kind: 'preview', request }) as Promise<readonly PointOutcome[]>;
    return await orAborted(looking, signal);
  }

  /** The gross pose of a pair, found in a worker thread. */
  async pose(query: PreviewImage, target: PreviewImage): Promise<PairPose> {
    return (await this.#threadPool().run({ kind: 'pose', query, target })) as PairPose;
  }

  async close(): Promise<void> {
    this.#live.close();
    await this.#pool?.destroy();
  }

  async #answer(work: PairWork, cancelled: Int32Array): Promise<readonly (Found | undefined)[]> {
    const state = await this.#pairs.get(work);
    const { method, points } = work;
    const pair = (): Pair => pairOf(work, spaceOf);
    const answers = lookUpAll(pair, method, points, state);
    const open = [...points.entries()].filter(([n]) => answers[n] === undefined);
    const size = Math.min(POINTS_PER_TASK, Math.ceil(open.length / this.#threads));
    const turns = size === 0 ? 0 : Math.ceil(open.length / size);
    await this.#inTurns(turns, cancelled, async (turn) => {
      const batch = open.slice(turn * size, (turn + 1) * size);
      const part = batch.map(([, point]) => point);
      const found = await this.#match({ ...work, points: part, kind: 'match', state, cancelled });
      for (const [n, [place]] of batch.entries()) answers[place] = found[n];
    });
    return answers;
  }

  /** Each worker slot waits for its task before it starts another one: a large request does not delay a small one. */
  async #inTurns(turns: number, cancelled: Int32Array, run: (turn: number) => Promise<void>): Promise<void> {
    let next = 0;
    const slot = async (): Promise<void> => {
      while (next < turns && Atomics.load(cancelled, 0) === 0) await run(next++);
    };
    await Promise.all(Array.from({ length: this.#threads }, slot));
  }

  async #precompute<M extends MatchMethod>(
    work: PairMethod<M>,
    { steps, begin, end }: Precomputation<MethodStates[M]>,
  ): Promise<MethodStates[M]> {
    const cancelled = new Int32Array(new SharedArrayBuffer(4));
    let before = await begin(termsOf(work), (method) => this.#pairs.get({ ...work, method }));
    for (const [step, { join }] of steps.entries()) {
      const task = { ...work, points: [], cancelled, step, before };
      const parts = SHARES_PER_THREAD * this.#threads;
      const shares: unknown[] = [];
      await this.#inTurns(parts, cancelled, async (part) => {
        shares[part] = await this.#post({ ...task, kind: 'share', share: { part, parts } });
      });
      if (join !== undefined) before = await this.#post({ ...task, kind: 'join', shares });
    }
    return end(before);
  }

  async #match(task: Extract<Post, { readonly kind: 'match' }>): Promise<readonly (Found | undefined)[]> {
    return (await this.#post(task)) as readonly (Found | undefined)[];
  }

  #post(task: Post): Promise<unknown> {
    this.#live.add(task.query);
    this.#live.add(task.target);
    return this.#threadPool().run({ ...task, live: this.#live.ids });
  }

  #threadPool(): Piscina<PoolTask, unknown> {
    return (this.#pool ??= new Piscina<PoolTask, unknown>({
      // The sources in development and tests, the compiled file in dist/.
      filename: new URL(`./worker${extname(import.meta.url)}`, import.meta.url).href,
      minThreads: Math.min(KEPT_THREADS, this.#threads),
      maxThreads: this.#threads,
      idleTimeout: IDLE_TIMEOUT_MS,
      // A thread that waits for work hears what is gone.
      atomics: 'async',
      workerData: this.#channelName,
      ...threadOptions(),
    }));
  }
}

/** Ids of the shared embeddings that have not been collected yet; says in a channel which remain when one has been. */
class LiveEmbeddings {
  readonly #ids = new Set<number>();
  readonly #channel: BroadcastChannel;
  #isOpen = true;
  readonly #collected = new FinalizationRegistry<number>((id) => {
    this.#ids.delete(id);
    if (this.#isOpen) this.#channel.postMessage(this.ids);
  });

  constructor(channelName: string) {
    this.#channel = new BroadcastChannel(channelName).unref();
  }

  close(): void {
    this.#isOpen = false;
    this.#channel.close();
  }

  get ids(): readonly number[] {
    return [...this.#ids];
  }

  add(shared: SharedEmbedding): void {
    if (this.#ids.has(shared.id)) return;
    this.#ids.add(shared.id);
    this.#collected.register(shared, shared.id);
  }
}
