/**
 * The slices of a volume while they arrive, in the memory that becomes the volume: a series is held once, never as slices and as a
 * volume at a time. Memory that no slice has been written to is not there yet, so that a little more can be requested.
 * @module
 */
import { giveBack } from '../concurrency/index.ts';
import type { FrameHeader } from '../instances/index.ts';
import type { DecodedSlice } from './slice.ts';

type Voxels = Int16Array | Float32Array;

/** Capacity for interpolated slices beyond those that are expected: planSpacing fills at most a tenth, or one. */
const SPARE_SHARE = 0.12;
const SPARE_SLICES = 2;
/** Memory of the slices of a series that is longer than was known, at first, bytes: what no slice has been written to is not there yet. */
const FIRST_BYTES = 64 * 2 ** 20;
/** A volume is copied out of memory that is larger than so many times itself: who copies it copies all of its memory. */
const MOST_OF_NEED = 3;

/** Options of a store. */
export interface SliceStoreOptions {
  /** Slices that will probably come; more are accepted, too. */
  readonly expected?: number;
  /** Called before memory is allocated, with the bytes of the voxels of all expected slices; may throw. */
  readonly onSize?: ((bytes: number) => void) | undefined;
}

interface Stored {
  readonly header: FrameHeader;
  /** Values as they came, where they have another size than those of the first slice. */
  readonly odd: Voxels | undefined;
  /** Place in the memory. */
  readonly slot: number;
}

/** Slices in the order of their arrival, then in any other. */
export class SliceStore {
  readonly #onSize: SliceStoreOptions['onSize'];
  readonly #stored: Stored[] = [];
  /** By slot: Int16Array when it came. */
  readonly #integral: boolean[] = [];
  /** Slices that the caller has announced; 0 where he knows nothing. */
  readonly #announced: number;
  #expected: number;
  #voxels: Voxels = new Int16Array(0);
  /** Values of a slice. */
  #cells = 0;
  /** Slices in the memory. */
  #used = 0;

  constructor({ expected = 0, onSize }: SliceStoreOptions = {}) {
    this.#announced = expected;
    this.#expected = expected;
    this.#onSize = onSize;
  }

  /** At least so many slices will come. */
  expect(slices: number): void {
    this.#expected = Math.max(this.#expected, slices);
  }

  /** Adds a slice: its values are copied and their own memory is given back. */
  add(header: FrameHeader, values: Voxels): void {
    if (this.#used === 0) this.#cells = values.length;
    const isIntegral = values instanceof Int16Array;
    if (values.length !== this.#cells) {
      this.#stored.push({ header, odd: values, slot: -1 });
      return;
    }
    this.#ensureCapacity(isIntegral);
    this.#voxels.set(values, this.#used * this.#cells);
    this.#stored.push({ header, odd: undefined, slot: this.#used });
    this.#integral.push(isIntegral);
    this.#used += 1;
    giveBack(values);
  }

  get length(): number {
    return this.#stored.length;
  }

  /** The slices; their values are views, valid until {@link volumeOf}. */
  get slices(): DecodedSlice[] {
    return this.#stored.map(({ header, odd, slot }) => ({ header, values: odd ?? this.#at(slot) }));
  }

  /**
   * Memory of a volume of `slots` slices, with the given slices in its first ones, in their order; the other slots hold anything.
   * In place where the capacity allows. Int16Array where all of these slices are. Ends the store.
   * @param chosen each once, from {@link slices}, all of one size
   */
  *volumeOf(chosen: readonly DecodedSlice[], slots: number): Generator<void, Voxels> {
    // The first slice that came may have been an odd one.
    if (chosen.some(({ values }) => values.buffer !== this.#voxels.buffer))
      return yield* copyOf(chosen, slots);
    const order = chosen.map(({ values }) => values.byteOffset / values.BYTES_PER_ELEMENT / this.#cells);
    const isIntegral = order.every((slot) => this.#integral[slot]);
    const length = slots * this.#cells;
    const isFitting = length <= this.#voxels.length && this.#voxels.length <= MOST_OF_NEED * length;
    if (isIntegral === this.#voxels instanceof Int16Array && isFitting) {
      yield* this.#sort(order);
      return this.#voxels.subarray(0, length);
    }
    const copy = isIntegral ? new Int16Array(length) : new Float32Array(length);
    for (const [place, slot] of order.entries()) {
      copy.set(this.#at(slot), place * this.#cells);
      yield;
    }
    return copy;
  }

  #at(slot: number): Voxels {
    return this.#voxels.subarray(slot * this.#cells, (slot + 1) * this.#cells);
  }

  /**
   * Moves slices until the n-th of `order` lies in slot n, each slice once. Places whose own slice is not wanted begin a chain of
   * moves; the rest are cycles.
   */
  *#sort(order: readonly number[]): Generator<void, void> {
    const wanted = new Set(order);
    const waiting = new Map([...order.entries()].filter(([place, slot]) => place !== slot));
    const scratch = this.#voxels.slice(0, this.#cells);
    const starts = [...waiting.keys()].sort((a, b) => Number(wanted.has(a)) - Number(wanted.has(b)));
    for (const start of starts) {
      if (!waiting.has(start)) continue;
      scratch.set(this.#at(start));
      let place = start;
      for (let slot = waiting.get(place); slot !== undefined; slot = waiting.get(place)) {
        this.#at(place).set(slot === start ? scratch : this.#at(slot));
        waiting.delete(place);
        place = slot;
        yield;
      }
    }
  }

  /** Memory for one more slice, of floats where one is no integer. */
  #ensureCapacity(isIntegral: boolean): void {
    const isFloat = !isIntegral || (this.#voxels instanceof Float32Array && this.#used > 0);
    const needed = (this.#used + 1) * this.#cells;
    if (this.#voxels.length >= needed && isFloat === this.#voxels instanceof Float32Array) return;
    const View = isFloat ? Float32Array : Int16Array;
    const first = Math.floor(FIRST_BYTES / (this.#cells * View.BYTES_PER_ELEMENT));
    if (this.#used >= this.#announced) this.#expected = Math.max(this.#expected, first, 2 * this.#used + 1);
    const expected = this.#expected * this.#cells;
    this.#onSize?.(expected * View.BYTES_PER_ELEMENT);
    const length = (Math.ceil(this.#expected * (1 + SPARE_SHARE)) + SPARE_SLICES) * this.#cells;
    const grown = new View(length);
    grown.set(this.#voxels.subarray(0, this.#used * this.#cells));
    this.#voxels = grown;
  }
}

/** Slices one after the other in memory of their own. */
function* copyOf(chosen: readonly DecodedSlice[], slots: number): Generator<void, Voxels> {
  const cells = chosen[0]?.values.length ?? 0;
  const isIntegral = chosen.every(({ values }) => values instanceof Int16Array);
  const copy = isIntegral ? new Int16Array(slots * cells) : new Float32Array(slots * cells);
  for (const [place, { values }] of chosen.entries()) {
    copy.set(values, place * cells);
    yield;
  }
  return copy;
}
