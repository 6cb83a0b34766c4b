/** The pages of the queues, over a real Redis. */
import express from 'express';
import type { Express } from 'express';
import request from 'supertest';
import { openRemoteQueue } from '../work/index.ts';
import type { QueueSettings, RemoteQueue } from '../work/index.ts';
import { redisProgram, startRedis } from '../redis/testing/redisServer.ts';
import type { RedisServer } from '../redis/testing/redisServer.ts';
import { openBoard } from './board.ts';
import type { Board } from './board.ts';

const LOGGER = { info: () => undefined, warn: () => undefined };
const UID = '1.2.840.99.7.1';
const TOKEN = 'Bearer a token of the reader';

(redisProgram === undefined ? describe.skip : describe)('the pages of the queues', () => {
  let redis: RedisServer;
  let queue: RemoteQueue;
  let board: Board;
  let app: Express;
  const stop = new AbortController();

  beforeAll(async () => {
    redis = await startRedis();
    const settings: QueueSettings = {
      redis: redis.url,
      prefix: 'board-test',
      key: 'a secret of thirty-two characters or more',
      lockMs: 30_000,
      patienceMs: 30_000,
    };
    queue = await openRemoteQueue(settings, LOGGER);
    while (!(await queue.isReachable())) await new Promise(setImmediate);
    board = await openBoard(settings, '/board', LOGGER);
    app = express().use('/board', board.router);
    const order = {
      kind: 'embedding',
      key: 'abc123',
      urgency: 'interactive',
      share: 'reader',
      request: {
        series: { studyInstanceUid: UID, seriesInstanceUid: UID },
        caller: { authorization: TOKEN },
      },
    } as const;
    const steps = {
      compute: () => Promise.reject(new Error('done by workers')),
      fetch: () => Promise.resolve(undefined),
      report: () => undefined,
    };
    queue.run(order, steps, stop.signal).catch(() => undefined);
    for (let turn = 0; turn < 1_000 && (await waiting()) === 0; turn += 1) await new Promise(setImmediate);
  });
  afterAll(async () => {
    stop.abort();
    await board.close();
    await queue.close();
    await redis.close();
  });

  const listed = () => request(app).get('/board/api/queues?activeQueue=interactive&status=waiting');
  const waiting = async (): Promise<number> => {
    const { body } = (await listed()) as { body: { queues?: { counts: Record<string, number> }[] } };
    return body.queues?.[0]?.counts['waiting'] ?? 0;
  };

  it('show how much waits', async () => {
    const answer = await listed().expect(200);
    expect(answer.body).toMatchObject({
      queues: [
        { name: 'interactive', readOnlyMode: true, counts: { waiting: 1 } },
        { name: 'background', readOnlyMode: true, counts: { waiting: 0 } },
      ],
    });
  });

  it('show nothing of what a job holds', async () => {
    const answer = await listed().expect(200);
    expect(answer.body).toMatchObject({ queues: [{ jobs: [{ data: 'sealed' }] }, {}] });
    for (const secret of [UID, TOKEN, Buffer.from(UID).toString('base64url')])
      expect(answer.text).not.toContain(secret);
  });

  it('change nothing', async () => {
    for (const path of ['interactive/pause', 'interactive/clean/waiting', 'interactive/empty', 'pause']) {
      const answer = await request(app).put(`/board/api/queues/${path}`);
      expect([answer.status === 200, answer.headers['allow']]).toEqual([false, 'GET, HEAD']);
    }
    expect(await waiting()).toBe(1);
  });

  it('load nothing from another server', async () => {
    const { headers, text } = await request(app).get('/board/').expect(200);
    const policy = headers['content-security-policy'] ?? '';
    expect(policy).toContain("default-src 'none'");
    expect(policy).not.toMatch(/https?:|\*/u);
    const scripts = [...text.matchAll(/(?:src|href)="(static\/[^"]+\.(?:js|css))"/gu)].map(
      ([, path]) => path,
    );
    expect(scripts.length).toBeGreaterThan(1);
    for (const path of scripts) await request(app).get(`/board/${path}`).expect(200);
  });
});
