import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { Arena, bytesOf } from './arena.ts';
import type { SharedArray } from './arena.ts';

const MIB = 2 ** 20;
const EACH_MIB = 50;
/** Ten gigabytes: no machine's memory holds them all. */
const ARENAS = 200;
const ENOUGH = 10;

/** Sizes of the arrays of bytes that are made from now on. V8's own sum would not do: what other tests have made is given back meanwhile. */
function watchArrays(): { readonly sizes: readonly unknown[]; readonly stop: () => void } {
  const Native = globalThis.ArrayBuffer;
  const sizes: unknown[] = [];
  globalThis.ArrayBuffer = new Proxy(Native, {
    construct(target, args: unknown[], newTarget): object {
      sizes.push(args[0]);
      return Reflect.construct(target, args, newTarget) as object;
    },
  });
  return {
    sizes,
    stop: () => {
      globalThis.ArrayBuffer = Native;
    },
  };
}

test('an arena is counted when the thread is idle, not while it works', async () => {
  const { sizes, stop } = watchArrays();
  try {
    const { byteLength } = Arena.of(100 * MIB).memory.buffer;
    const until = performance.now() + 2_500;
    while (performance.now() < until) {
      const busy = performance.now() + 100;
      while (performance.now() < busy) Math.hypot(1, 2);
      await sleep(1);
      expect(sizes).not.toContain(byteLength);
    }
    while (!sizes.includes(byteLength)) await sleep(100);
  } finally {
    stop();
  }
});

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

const arrays: fc.Arbitrary<SharedArray> = fc.oneof(
  fc.int8Array({ maxLength: 50 }),
  fc.uint8Array({ maxLength: 50 }),
  fc.int16Array({ maxLength: 50 }),
  fc.int32Array({ maxLength: 50 }),
  fc.float32Array({ maxLength: 50, noNaN: true }),
);

/** Whether two views share a byte, or one reaches into the other's slack of a block of 16. */
function overlap(a: SharedArray, b: SharedArray): boolean {
  const [first, second] = a.byteOffset < b.byteOffset ? [a, b] : [b, a];
  return first.byteOffset + first.byteLength + 16 > second.byteOffset;
}

describe('Arena', () => {
  it('holds copies of arrays of every kind, apart from each other, in what they were said to need', () => {
    fc.assert(
      fc.property(fc.array(arrays, { minLength: 1, maxLength: 10 }), (originals) => {
        const arena = Arena.of(originals.reduce((sum, array) => sum + bytesOf(array), 0));
        const copies = originals.map((array) => arena.copy(array));
        copies.forEach((copy, n) => {
          expect(copy).toEqual(originals[n]);
          expect(copy.constructor).toBe(originals[n]!.constructor);
          expect(copy.buffer).toBe(arena.memory.buffer);
          expect(copy.byteOffset % 16).toBe(0);
          for (const other of copies.slice(0, n)) expect(overlap(copy, other)).toBe(false);
        });
      }),
      { numRuns: 30 },
    );
  });

  it('does not share what it copied', () => {
    const original = Int16Array.of(1, 2, 3);
    const copy = Arena.of(bytesOf(original)).copy(original);
    original[0] = 99;
    expect([...copy]).toEqual([1, 2, 3]);
  });

  it('gives zeros of the requested kind and length', () => {
    const arena = Arena.of(4_000);
    expect(arena.int32(3)).toEqual(new Int32Array(3));
    expect(arena.float32(4)).toEqual(new Float32Array(4));
    expect(arena.int16(5)).toEqual(new Int16Array(5));
    expect(arena.zeros(Uint8Array, 6)).toEqual(new Uint8Array(6));
  });

  it('lies in memory that threads share', () => {
    expect(Arena.of(16).memory.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it('cannot be filled beyond what it was made for', () => {
    const arena = Arena.of(65_536);
    expect(() => arena.zeros(Uint8Array, 65_537)).toThrow('Invalid typed array length');
  });
});

describe('an arena behind a memory', () => {
  it('does not move what was there, and writes behind it', () => {
    const first = Arena.of(65_536);
    const before = first.copy(Uint8Array.from({ length: 60_000 }, (_, n) => n % 251));
    const { byteOffset } = before;
    const behind = Arena.behind(first.memory, 100_000);
    behind.zeros(Uint8Array, 90_000).fill(255);
    // The buffer of a memory that has grown is a new one over the same bytes.
    const again = new Uint8Array(first.memory.buffer, byteOffset, 60_000);
    expect(again.every((byte, n) => byte === n % 251)).toBe(true);
    expect(behind.memory).toBe(first.memory);
  });

  it('grows by what is requested, in whole pages', () => {
    const { memory } = Arena.of(65_536);
    Arena.behind(memory, 65_537);
    expect(memory.buffer.byteLength).toBe(3 * 65_536);
  });
});
