import { setTimeout as sleep } from 'node:timers/promises';
import { Arena } from './arena.ts';

const MIB = 2 ** 20;
const ARENAS = 20;
const EACH_MIB = 50;

test('arenas that nobody uses any more are collected without being asked for', async () => {
  const before = process.memoryUsage().rss;
  for (let n = 0; n < ARENAS; n++) {
    Arena.of(EACH_MIB * MIB)
      .zeros(Uint8Array, EACH_MIB * MIB - MIB)
      .fill(1);
    await sleep(10);
  }
  // Without being counted they would all be there: 1000 MiB.
  expect((process.memoryUsage().rss - before) / MIB).toBeLessThan((ARENAS / 2) * EACH_MIB);
});
