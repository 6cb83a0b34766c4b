/**
 * A program: requests /health every 20 ms and prints, at each line of its input, the time of the slowest answer since the last
 * line. In a process of its own, so that the test does not disturb it.
 * @module
 */
import { createInterface } from 'node:readline';

const EVERY_MS = 20;
const [, , url = ''] = process.argv;

let worst = 0;
/** How late the timers of this process were: the machine is busy, and no server could have answered sooner. */
let late = 0;
let expected = performance.now() + EVERY_MS;
/** When the requests without an answer were sent. */
const waiting = new Set<number>();

function settle(start: number): void {
  waiting.delete(start);
  worst = Math.max(worst, performance.now() - start - late);
}

setInterval(() => {
  const now = performance.now();
  late = Math.max(late * 0.98, now - expected);
  expected = now + EVERY_MS;
  // One at a time: what waits behind a stalled one says the same again.
  if (waiting.size > 0) return;
  waiting.add(now);
  fetch(url)
    .then((answer) => answer.text())
    .then(
      () => {
        settle(now);
      },
      () => {
        settle(now);
      },
    );
}, EVERY_MS);

createInterface({ input: process.stdin }).on('line', () => {
  for (const start of waiting) worst = Math.max(worst, performance.now() - start - late);
  process.stdout.write(`${JSON.stringify({ worstMs: Math.round(worst), lateMs: Math.round(late) })}\n`);
  worst = 0;
});
process.stdout.write('watching\n');
