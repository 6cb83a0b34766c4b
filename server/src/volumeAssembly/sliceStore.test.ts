import fc from 'fast-check';
import type { FrameHeader } from '../instances/parsing/frame.ts';
import { atOnce } from '../concurrency/index.ts';
import type { DecodedSlice } from './slice.ts';
import { SliceStore } from './sliceStore.ts';

const CELLS = 5;

/** Slice n has the values 10 n, 10 n + 1, ... */
function valuesOf(
  n: number,
  View: typeof Int16Array | typeof Float32Array = Int16Array,
): Int16Array | Float32Array {
  return new View(CELLS).map((_, cell) => 10 * n + cell);
}

function headerOf(n: number): FrameHeader {
  return { source: { sopInstanceUid: String(n) } } as FrameHeader;
}

function filled(count: number, expected: number): SliceStore {
  const store = new SliceStore({ expected });
  for (let n = 0; n < count; n++) store.add(headerOf(n), valuesOf(n));
  return store;
}

function chosen(store: SliceStore, order: readonly number[]): DecodedSlice[] {
  const { slices } = store;
  return order.map((n) => slices[n]!);
}

describe('SliceStore', () => {
  it('puts any choice of its slices into any order, in place where the capacity allows', () => {
    const orders = fc.integer({ min: 1, max: 12 }).chain((count) =>
      fc.record({
        count: fc.constant(count),
        order: fc.shuffledSubarray([...new Array(count).keys()], { minLength: 1 }),
        expected: fc.integer({ min: 0, max: 14 }),
        more: fc.integer({ min: 0, max: 30 }),
      }),
    );
    fc.assert(
      fc.property(orders, ({ count, order, expected, more }) => {
        const store = filled(count, expected);
        const volume = atOnce(store.volumeOf(chosen(store, order), order.length + more));
        expect(volume).toBeInstanceOf(Int16Array);
        expect(volume).toHaveLength((order.length + more) * CELLS);
        expect([...volume.subarray(0, order.length * CELLS)]).toEqual(order.flatMap((n) => [...valuesOf(n)]));
      }),
      { numRuns: 300 },
    );
  });

  it('becomes a store of floats when a slice has fractions, and integers again when that slice is not chosen', () => {
    const store = filled(2, 4);
    store.add(headerOf(2), Float32Array.of(0.5, 1.5, 2.5, 3.5, 4.5));
    store.add(headerOf(3), valuesOf(3));
    const all = atOnce(store.volumeOf(chosen(store, [3, 2, 1, 0]), 4));
    expect(all).toBeInstanceOf(Float32Array);
    expect([...all.subarray(0, 10)]).toEqual([30, 31, 32, 33, 34, 0.5, 1.5, 2.5, 3.5, 4.5]);
    const other = filled(2, 4);
    other.add(headerOf(2), Float32Array.of(0.5, 1.5, 2.5, 3.5, 4.5));
    const some = atOnce(other.volumeOf(chosen(other, [1, 0]), 2));
    expect(some).toEqual(Int16Array.of(10, 11, 12, 13, 14, 0, 1, 2, 3, 4));
  });

  it('reports the size of the volume before it allocates it, once where the number of slices was known', () => {
    const sizes: number[] = [];
    const store = new SliceStore({ expected: 6, onSize: (bytes) => sizes.push(bytes) });
    for (let n = 0; n < 6; n++) store.add(headerOf(n), valuesOf(n));
    expect(sizes).toEqual([6 * CELLS * 2]);
    const refusing = new SliceStore({
      expected: 6,
      onSize: () => {
        throw new Error('too large');
      },
    });
    expect(() => {
      refusing.add(headerOf(0), valuesOf(0));
    }).toThrow('too large');
  });

  it('holds many slices where the number of slices is unknown, and gives a small volume memory of its own size', () => {
    const sizes: number[] = [];
    const store = new SliceStore({ onSize: (bytes) => sizes.push(bytes) });
    for (let n = 0; n < 50; n++) {
      store.expect(n + 1);
      store.add(headerOf(n), valuesOf(n));
    }
    expect(sizes).toHaveLength(1);
    const volume = atOnce(store.volumeOf(store.slices, 50));
    expect(volume.buffer.byteLength).toBe(50 * CELLS * 2);
    expect([...volume.subarray(-CELLS)]).toEqual([...valuesOf(49)]);
  });

  it('gives the memory of the added slices back', () => {
    const values = valuesOf(1);
    new SliceStore({ expected: 1 }).add(headerOf(1), values);
    expect(values.byteLength).toBe(0);
  });

  it('keeps a slice of another size apart: the series will be refused for it', () => {
    const store = filled(2, 2);
    store.add(headerOf(2), new Int16Array(3));
    expect(store.slices.map(({ values }) => values.length)).toEqual([CELLS, CELLS, 3]);
  });
});
