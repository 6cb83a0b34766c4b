/** An order carries the span that has given it to the worker. */
import { jest } from '@jest/globals';
import { openRemoteQueue, startWorker } from './index.ts';
import type { BegunWork, RemoteQueue, RunningWorker, WorkLogger } from './index.ts';
import { keyOf, orderOf, wanted } from './testing/queueContract.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import type { RedisServer } from '../redis/testing/redisServer.ts';

jest.setTimeout(60_000);

/** The example of W3C Trace Context 3.2.2. */
const TRACE = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
const KEY = keyOf('a');
const logger: WorkLogger = { info: () => undefined, warn: () => undefined };
const describeWithRedis = redisProgram === undefined ? describe.skip : describe;

describeWithRedis('an order', () => {
  const results = new Map<string, string>();
  const begun: BegunWork[] = [];
  const queues: RemoteQueue[] = [];
  let redis: RedisServer;
  let worker: RunningWorker;

  const settings = (): Parameters<typeof openRemoteQueue>[0] => ({
    ...{ redis: redis.url, prefix: 'test', key: 'a secret of thirty-two characters' },
    ...{ lockMs: 2_000, patienceMs: 20_000 },
  });
  beforeAll(async () => {
    redis = await startRedis();
    worker = await startWorker({
      ...{ settings: settings(), slots: { interactive: 1, background: 1 }, logger },
      handler({ key }) {
        results.set(key, 'made');
        return Promise.resolve();
      },
      async within(one, work) {
        begun.push(one);
        await work();
      },
    });
  });
  afterAll(async () => {
    await worker.close();
    for (const queue of queues) await queue.close();
    await redis.close();
  });
  beforeEach(() => {
    results.clear();
    begun.length = 0;
  });

  const order = async (traceparent?: () => string | undefined): Promise<string> => {
    const queue = await openRemoteQueue(settings(), logger, traceparent);
    queues.push(queue);
    while (!(await queue.isReachable())) await new Promise(setImmediate);
    const works = new Map([[KEY, () => Promise.resolve('made')]]);
    return await wanted({ queue, works, results }, orderOf(KEY));
  };

  it('says to the worker which span has given it; who reads Redis does not see it', async () => {
    expect(await order(() => TRACE)).toBe('made');
    expect(begun).toMatchObject([{ kind: 'embedding', urgency: 'interactive', trace: TRACE }]);
    expect(begun[0]?.waitedS).toBeLessThan(10);
    expect(await redis.dump()).not.toContain(TRACE);
  });

  it('of a server without traces is done as before', async () => {
    expect(await order()).toBe('made');
    expect(begun).toMatchObject([{ trace: undefined }]);
  });
});
