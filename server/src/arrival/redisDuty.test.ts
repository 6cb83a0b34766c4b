import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import type { WorkLogger } from '../work/index.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import type { RedisServer } from '../redis/testing/redisServer.ts';
import type { Duty, Report } from './duty.ts';
import { openRedisDuty } from './redisDuty.ts';
import { NOTHING_KNOWN } from './state.ts';
import type { ArrivalState } from './state.ts';

/** A lease expires after seconds. */
jest.setTimeout(60_000);

const LOCK_MS = 1_500;
const STUDY = '1.2.840.113619.2.55.3';
const logger: WorkLogger = { info: () => undefined, warn: () => undefined };
const known = (change: number): ArrivalState => ({ ...NOTHING_KNOWN, change });

/** A server as far as the watch goes. */
interface Server {
  readonly duty: Duty;
  /** What its disk holds. */
  disk: ArrivalState;
  gained: number;
}

let redis: RedisServer;
let tests = 0;
const opened: Duty[] = [];
const describeWithRedis = redisProgram === undefined ? describe.skip : describe;

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await pause(10);
}

describeWithRedis('the watch of a PACS among servers', () => {
  beforeAll(async () => {
    redis = await startRedis();
  });
  afterAll(() => redis.close());
  beforeEach(() => {
    tests += 1;
  });
  afterEach(async () => {
    for (const duty of opened.splice(0)) await duty.close();
  });

  const start = (): Server => {
    const settings = {
      ...{ redis: redis.url, prefix: `test-${tests}`, key: 'a secret of thirty-two characters' },
      ...{ lockMs: LOCK_MS, patienceMs: 5_000 },
    };
    const file = {
      read: () => Promise.resolve(server.disk),
      write: (state: ArrivalState) => {
        server.disk = state;
        return Promise.resolve();
      },
    };
    const duty = openRedisDuty(settings, { source: 'main', file }, logger);
    opened.push(duty);
    const server: Server = { duty, disk: NOTHING_KNOWN, gained: 0 };
    duty.begin(() => {
      server.gained += 1;
    });
    return server;
  };
  const end = async ({ duty }: Server): Promise<void> => {
    opened.splice(opened.indexOf(duty), 1);
    await duty.close();
  };
  /** One that watches, and one that does not. */
  const two = async (): Promise<readonly [Server, Server]> => {
    const [one, other] = [start(), start()];
    await until(() => one.duty.isMine || other.duty.isMine);
    await pause(LOCK_MS);
    expect(one.duty.isMine).not.toBe(other.duty.isMine);
    return one.duty.isMine ? [one, other] : [other, one];
  };

  it('is that of one of them; another one goes on from its state, not from its own disk', async () => {
    const [first, second] = await two();
    expect([first.gained, second.gained]).toEqual([1, 0]);
    await first.duty.state.write(known(7));
    expect(first.disk).toEqual(known(7));
    second.disk = known(3);
    await end(first);
    await until(() => second.duty.isMine);
    expect(second.gained).toBe(1);
    expect(await second.duty.state.read()).toEqual(known(7));
  });

  it('begins with what a disk holds, where Redis holds nothing', async () => {
    const server = start();
    server.disk = known(3);
    await until(() => server.duty.isMine);
    expect(await server.duty.state.read()).toEqual(known(3));
  });

  it('cannot be written by one that does not watch', async () => {
    const [first, second] = await two();
    await first.duty.state.write(known(7));
    await expect(second.duty.state.write(known(1))).rejects.toMatchObject({ code: 'arrival/state-unusable' });
    expect([await first.duty.state.read(), second.disk]).toEqual([known(7), NOTHING_KNOWN]);
  });

  it('is kept by the one that watches where Redis loses its data, with what that knows', async () => {
    const [first, second] = await two();
    await first.duty.state.write(known(7));
    await redis.kill();
    await until(() => !first.duty.isMine);
    expect(second.duty.problem).toMatchObject({ code: 'queue/unreachable' });
    await redis.startEmpty();
    await until(() => first.duty.isMine);
    expect([second.duty.isMine, first.gained]).toEqual([false, 2]);
    expect(await first.duty.state.read()).toEqual(known(7));
    await until(() => second.duty.problem === undefined);
  });

  it('hears what the others report, in its order, again where it could not be done', async () => {
    const [first, second] = await two();
    const reports: readonly Report[] = [
      { kind: 'changed', study: STUDY },
      { kind: 'opened', study: STUDY },
      { kind: 'suspect', studyInstanceUid: STUDY, seriesInstanceUid: `${STUDY}.1` },
    ];
    for (const report of reports) await second.duty.send(report);
    const heard: Report[] = [];
    const hear = (report: Report): Promise<void> => {
      heard.push(report);
      return heard.length === 2 ? Promise.reject(new Error('not now')) : Promise.resolve();
    };
    await expect(first.duty.receive(hear)).rejects.toThrow('not now');
    await first.duty.receive(hear);
    await first.duty.receive(hear);
    expect(heard).toEqual([reports[0], reports[1], reports[1], reports[2]]);
  });

  it('shows no UID to who reads Redis', async () => {
    const [first] = await two();
    await first.duty.send({ kind: 'changed', study: STUDY });
    await first.duty.state.write({ ...known(7), precomputed: [STUDY] });
    const dump = await redis.dump();
    expect(dump).toContain(`test-${tests}:arrivals:main:state`);
    expect(dump).not.toContain(STUDY);
  });
});
