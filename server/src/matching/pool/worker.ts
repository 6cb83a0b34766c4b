/**
 * Runs in a worker thread: points of a pair in, answers out. A thread keeps the search spaces of the embeddings it has
 * seen for as long as the main thread holds them, and is notified when some are gone, also while it is idle.
 * @module
 */
import { BroadcastChannel, workerData } from 'node:worker_threads';
import { collectGarbage } from '../../concurrency/index.ts';
import { answerPoint, pairOf } from '../answer.ts';
import { deformationOf } from '../pairDeformation/deformation.ts';
import { METHODS } from '../../matchMethods/index.ts';
import { similarityOver } from '../similarity/similarity.ts';
import type { PairTask, PoolTask } from './poolTask.ts';
import { findPose } from '../pose.ts';
import { previewPoints } from '../preview/index.ts';
import { openSpace } from '../../search/index.ts';
import type { SearchSpace, SharedEmbedding } from '../../search/index.ts';
import type { Found } from '../../matchMethods/types.ts';

/** Spaces by the id of their embedding. */
const spaces = new Map<number, SearchSpace>();

function spaceOf(shared: SharedEmbedding): SearchSpace {
  const space = spaces.get(shared.id) ?? openSpace(shared);
  spaces.set(shared.id, space);
  return space;
}

/** Forgets the embeddings that the main thread does not hold any more. */
function letGo(live: readonly number[]): void {
  const wanted = new Set(live);
  for (const id of spaces.keys()) if (!wanted.has(id)) spaces.delete(id);
}

/** After this time without news and without a task the thread counts as idle, ms. */
const IDLE_MS = 1_000;
let hasLetGo = false;

/** Collects once for all that is gone, and not beside a request: each time needs 20 to 30 ms of all processors. */
const idle = setTimeout(() => {
  if (hasLetGo) collectGarbage();
  hasLetGo = false;
}, IDLE_MS).unref();

const channel = new BroadcastChannel(workerData as string);
channel.onmessage = (message) => {
  letGo((message as { readonly data: readonly number[] }).data);
  hasLetGo = true;
  idle.refresh();
};
channel.unref();

/** Entry point of the pool. */
export default function work(task: PoolTask): unknown {
  idle.refresh();
  if (task.kind === 'preview') return previewPoints(task.request);
  return task.kind === 'pose' ? findPose(task.query, task.target) : workOnPair(task);
}

/** What a share or a join has made, or the answers; stops between two points when the task is cancelled. */
function workOnPair(task: PairTask): unknown {
  letGo(task.live);
  const pair = pairOf(task, spaceOf);
  const [first] = task.points;
  if (task.kind === 'similarity') return first && similarityOver(pair, first.lps);
  if (task.kind === 'deformation') return deformationOf(pair, task.state, task.terms);
  if (task.kind !== 'match') {
    const step = METHODS[task.method].precomputation?.steps[task.step];
    return task.kind === 'share'
      ? step?.share(pair.query, pair.target, task.before, task.share)
      : step?.join?.(pair.query, pair.target, task.before, task.shares);
  }
  const answers: (Found | undefined)[] = [];
  for (const point of task.points) {
    if (Atomics.load(task.cancelled, 0) !== 0) break;
    answers.push(answerPoint(pair, task.method, point, task.state));
  }
  return answers;
}
