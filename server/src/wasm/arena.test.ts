import { setTimeout as sleep } from 'node:timers/promises';
import { Arena } from './arena.ts';

const MIB = 2 ** 20;
const EACH_MIB = 50;
/** Ten gigabytes: no machine's memory holds them all. */
const ARENAS = 200;
const ENOUGH = 10;

test('arenas that are no longer in use are collected without a request', async () => {
  let collected = 0;
  const registry = new FinalizationRegistry(() => {
    collected += 1;
  });
  // Without being counted none of them would be collected: the heap of JavaScript is nearly empty.
  for (let n = 0; n < ARENAS && collected < ENOUGH; n += 1) {
    const arena = Arena.of(EACH_MIB * MIB);
    registry.register(arena.memory, n);
    arena.zeros(Uint8Array, MIB).fill(1);
    await sleep(10);
  }
  expect(collected).toBeGreaterThanOrEqual(ENOUGH);
});
