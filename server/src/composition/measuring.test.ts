import request from 'supertest';
import { loadConfig } from '../config/index.ts';
import type { RawConfig } from '../config/index.ts';
import { testApp } from '../http/testing/testServer.ts';
import { createMetrics } from '../metrics/index.ts';
import { openMetrics } from './measuring.ts';

const ENDPOINT = 'http://127.0.0.1:9/v1/traces';

/** What is measured with a configuration, and how much is to be closed. */
async function opened(overrides: RawConfig) {
  const config = await loadConfig({ overrides, needsPacs: false });
  const closers: (() => Promise<void>)[] = [];
  const metrics = await openMetrics(config, { add: (close) => void closers.push(close) });
  for (const close of closers) await close();
  return { metrics, closers: closers.length };
}

test('metrics are measured unless they are switched off', async () => {
  const { metrics, closers } = await opened({});
  expect([metrics?.within, closers]).toEqual([undefined, 0]);
  expect((await opened({ metrics: { enabled: false } })).metrics).toBeUndefined();
});

test('traces are made with an address, also without metrics', async () => {
  for (const enabled of [true, false]) {
    const { metrics, closers } = await opened({ metrics: { enabled }, tracing: { endpoint: ENDPOINT } });
    expect([typeof metrics?.within, closers]).toEqual(['function', 1]);
  }
});

test('metrics that are switched off are not served, whatever is measured for traces', async () => {
  const { app } = await testApp({ metrics: { enabled: false } }, { metrics: createMetrics() });
  await request(app).get('/samepoint/metrics').expect(404);
  const served = await testApp({}, { metrics: createMetrics() });
  await request(served.app).get('/samepoint/metrics').expect(200);
});

test.each([{ endpoint: 'file:///etc/passwd' }, { endpoint: 'no URL' }, { sampleRatio: 2 }])(
  'a configuration with %j is refused',
  async (tracing) => {
    await expect(loadConfig({ overrides: { tracing }, needsPacs: false })).rejects.toMatchObject({
      code: 'config/invalid',
    });
  },
);
