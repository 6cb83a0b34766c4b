import { describeQueue } from '../work/testing/queueContract.ts';
import { createInProcessQueue } from './inProcessQueue.ts';

describeQueue('the queue of one process', () =>
  Promise.resolve({
    queue: createInProcessQueue(1),
    works: new Map(),
    results: new Map(),
    hasPlacesOfReaders: false,
    close: () => Promise.resolve(),
  }),
);
