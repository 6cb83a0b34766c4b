import { setImmediate as nextTurn } from 'node:timers/promises';
import { answerPoint, pairOf } from '../answer.ts';
import { deformationOf } from '../pairDeformation/index.ts';
import type { Runner } from '../matchPoints.ts';
import { runSteps, termsOf } from '../../matchMethods/index.ts';
import { similarityOver } from '../similarity/similarity.ts';
import { PrecomputedPairs } from './precomputedPairs.ts';
import { openSpace } from '../../search/index.ts';
import type { SearchSpace, SharedEmbedding } from '../../search/index.ts';
import type { Found } from '../../matchMethods/types.ts';

const spaces = new WeakMap<SharedEmbedding, SearchSpace>();

/** The search space of a shared embedding in the main thread, kept as long as that. */
export function spaceOf(shared: SharedEmbedding): SearchSpace {
  const space = spaces.get(shared) ?? openSpace(shared);
  spaces.set(shared, space);
  return space;
}

/** Answers in this thread; the event loop gets a turn between two points. For tests and one-shot commands. */
export function createLocalRunner(): Runner {
  const pairs: PrecomputedPairs = new PrecomputedPairs(async (work, { steps, begin, end }) => {
    const before = await begin(termsOf(work), (method) => pairs.get({ ...work, method }));
    const { query, target } = pairOf(work, spaceOf);
    return end(runSteps(steps, query, target, before));
  });
  return {
    async run(work, signal) {
      const pair = pairOf(work, spaceOf);
      const state = await pairs.get(work);
      const answers: (Found | undefined)[] = [];
      for (const point of work.points) {
        answers.push(answerPoint(pair, work.method, point, state));
        await nextTurn();
        signal?.throwIfAborted();
      }
      return answers;
    },
    async deformation(work, terms, signal) {
      const state = await pairs.get(work);
      signal?.throwIfAborted();
      return deformationOf(pairOf(work, spaceOf), state, terms);
    },
    similarity(work, signal) {
      signal?.throwIfAborted();
      const [point] = work.points;
      return Promise.resolve(point && similarityOver(pairOf(work, spaceOf), point.lps));
    },
  };
}
