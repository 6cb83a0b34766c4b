/**
 * Runs the search module (server/src/search/wasm) on the shared memory of an embedding.
 * @module
 */
import { toVoxel } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { dot, locate } from './sampling.ts';
import type { CellPosition, SampledMap } from './sampling.ts';
import { openSearch } from './generated/searchModule.ts';
import type { SearchExports } from './generated/searchModule.ts';
import { QUERIES_PER_PASS } from './layout.ts';
import { cornersOf } from './searchIndex.ts';
import type { SharedEmbedding } from './sharedEmbedding.ts';
import { slotAt } from './slots.ts';
import type { Slot, SlotQuery } from './slots.ts';
import { splitMaps } from './splitMaps.ts';
import type { SplitMaps } from './splitMaps.ts';

/** Largest component of a quantised direction. */
const LARGEST_INT16 = 32_767;
/** No cosine exceeds this: 1, the rounding of the norms (Float32) and the quantisation of the query. */
const COSINE_LIMIT = 1 + 1e-4;
/** How long to sleep when all slots are in use, ms: a search lasts about 10. */
const SLOT_WAIT_MS = 1;

/** Rows j0..j1 of slices k0..k1, all inclusive. */
export type RowBox = Pick<ScanBox, 'j' | 'k'>;

/** Rows j0..j1 of slices k0..k1 and columns i0..i1, all inclusive; every `step`-th along each axis, counted from 0. */
export interface ScanBox {
  readonly i: readonly [number, number];
  readonly j: readonly [number, number];
  readonly k: readonly [number, number];
  readonly step: number;
}

/** The fine voxels whose centres lie within a radius. */
interface Ball {
  /** Continuous fine voxel index. */
  readonly centre: readonly [number, number, number];
  /** Of the fine grid, mm. */
  readonly spacing: readonly [number, number, number];
  readonly radiusMm: number;
}

/** A direction of one map, with its share in the similarity. */
export interface WeightedDirection {
  readonly direction: Float64Array;
  readonly weight: number;
}

/** The search module on one embedding, for one thread. */
export class Kernel {
  readonly maps: SplitMaps;
  readonly #exports: SearchExports;
  readonly #shared: SharedEmbedding;
  readonly #slots: (Slot | undefined)[] = [];

  constructor(shared: SharedEmbedding) {
    this.#shared = shared;
    this.maps = splitMaps(shared.embedding);
    this.#exports = openSearch({ env: { memory: shared.memory } });
  }

  /**
   * Loads up to four queries and lets `search` scan for them.
   * @param queries per query the directions of the direct, then of the interpolated maps
   * @param part rows and slices that will be scanned; all without. Of the coarse maps only what these need is computed
   */
  search<T>(
    queries: readonly (readonly WeightedDirection[])[],
    search: (scanner: Scanner) => T,
    part?: RowBox,
  ): T {
    const { index } = this.#shared;
    return this.#withSlot((slot) => {
      const count = queries.length === 1 ? 1 : QUERIES_PER_PASS;
      const last = queries.at(-1) ?? [];
      // A pass serves one query or four: the last one fills up.
      for (const [q, into] of slot.queries.slice(0, count).entries())
        this.#load(slot, q, into, queries[q] ?? last, part);
      this.#openFloors(slot, queries[0] ?? last);
      const [space, place] = [index.space.byteOffset, slot.words.byteOffset];
      const scan = ({ i, j, k, step }: ScanBox, raise = false): void => {
        // The module counts columns from 0, rows and slices from where they begin.
        const [fromJ, fromK] = [alignedTo(step, j[0]), alignedTo(step, k[0])];
        slot.box.set([i[0], i[1], fromJ, j[1], fromK, k[1], step]);
        this.#exports.scan(space, place, count, raise);
      };
      const scanBall = ({ centre, spacing, radiusMm }: Ball): number => {
        slot.ball.set([...centre, ...spacing, radiusMm]);
        return this.#exports.scanBall(space, place);
      };
      return search({ scan, scanBall, queries: slot.queries, floors: slot.floors });
    });
  }

  /**
   * The direction of a map at a world point: its unit vectors interpolated trilinearly, then normalised to length 1. Voxels without
   * a vector do not contribute; where none of the surrounding voxels has one, the result is the zero vector, whose cosine with
   * everything counts as 0.
   */
  unitAt(sampled: SampledMap, lps: LpsPoint): Float64Array {
    return this.#withSlot((slot) => {
      this.#sample(slot, sampled, lps);
      return slot.unit.slice(0, sampled.map.channels);
    });
  }

  /** The cosine of a direction with that of a map at a world point: {@link unitAt} without a copy. */
  cosineAt(sampled: SampledMap, lps: LpsPoint, direction: Float64Array): number {
    return this.#withSlot((slot) => {
      this.#sample(slot, sampled, lps);
      return dot(direction, slot.unit);
    });
  }

  /** Writes the direction of a map at a world point to the slot's unit. */
  #sample({ words, cell, fractions }: Slot, { map, lattice }: SampledMap, lps: LpsPoint): void {
    const at: CellPosition = { cell: 0, fi: 0, fj: 0, fk: 0 };
    locate(lattice, toVoxel(lattice.lpsToVoxel, lps), at);
    const { vectors, inverseNorms, channels } = map;
    const { cornerOffsets } = lattice;
    cell[0] = at.cell;
    cell[1] = cornerOffsets[1] ?? NaN;
    cell[2] = cornerOffsets[2] ?? NaN;
    cell[3] = cornerOffsets[4] ?? NaN;
    fractions[0] = at.fi;
    fractions[1] = at.fj;
    fractions[2] = at.fk;
    this.#exports.sampleUnit(vectors.byteOffset, inverseNorms.byteOffset, channels, words.byteOffset);
  }

  /** Cosines of a direction with every voxel of a box of the fine map, i fastest; 0 where a voxel has no vector. */
  cosines(direction: Float64Array, { i, j, k }: Omit<ScanBox, 'step'>, into: Float32Array): void {
    this.#withSlot((slot) => {
      const { direct, rowBest } = slot.queries[0];
      const query = direct[0];
      const scale = quantise({ direction, weight: 1 }, query);
      let at = 0;
      for (let z = k[0]; z <= k[1]; z++)
        for (let y = j[0]; y <= j[1]; y++)
          for (let x = i[0]; x <= i[1]; x += rowBest.length) {
            const count = Math.min(i[1] - x + 1, rowBest.length);
            this.#projectRow([x, y, z], count, query.byteOffset, scale, rowBest.byteOffset);
            for (let c = 0; c < count; c++) into[at++] = rowBest[c] ?? NaN;
          }
    });
  }

  #projectRow(
    [x, y, z]: readonly [number, number, number],
    count: number,
    query: number,
    scale: number,
    out: number,
  ): void {
    const { vectors, inverseNorms, channels, grid } = this.maps.fine;
    const voxel = (z * grid.dims[1] + y) * grid.dims[0] + x;
    this.#exports.project(
      vectors.byteOffset + voxel * channels,
      inverseNorms.byteOffset + voxel * inverseNorms.BYTES_PER_ELEMENT,
      count,
      channels,
      query,
      scale,
      out,
    );
  }

  /** Works in a slot that no other thread uses meanwhile. */
  #withSlot<T>(work: (slot: Slot) => T): T {
    const { index, memory } = this.#shared;
    const n = this.#acquire();
    try {
      return work((this.#slots[n] ??= slotAt(memory.buffer, index.slots[n] ?? NaN, this.maps)));
    } finally {
      Atomics.store(index.inUse, n, 0);
      Atomics.notify(index.inUse, n);
    }
  }

  #acquire(): number {
    const { inUse } = this.#shared.index;
    for (;;) {
      for (let n = 0; n < inUse.length; n++) if (Atomics.compareExchange(inUse, n, 0, 1) === 0) return n;
      Atomics.wait(inUse, 0, 1, SLOT_WAIT_MS);
    }
  }

  #openFloors(slot: Slot, directions: readonly WeightedDirection[]): void {
    const direct = directions.slice(0, this.maps.direct.length);
    slot.floors.fill(-Infinity);
    for (const d of direct.keys())
      slot.directLimits[d] = COSINE_LIMIT * direct.slice(d).reduce((sum, { weight }) => sum + weight, 0);
  }

  #load(
    slot: Slot,
    q: number,
    { direct, interpolated, cosines }: SlotQuery,
    directions: readonly WeightedDirection[],
    part: RowBox | undefined,
  ): void {
    for (const [n, direction] of directions.entries()) {
      const m = n - direct.length;
      const into = direct[n] ?? interpolated[m];
      if (into === undefined) throw new RangeError(`the search has no map for direction ${n}`);
      const scale = quantise(direction, into);
      if (m < 0) slot.scales[QUERIES_PER_PASS * n + q] = scale;
      else {
        const rows = { query: into.byteOffset, scale, scratch: slot.scratch, out: cosines[m] ?? NaN };
        this.#loadRows(m, rows, part);
      }
    }
  }

  /** Cosines of a coarse map's rows, interpolated to the fine columns: all of them, or those around a part of the fine grid. */
  #loadRows(m: number, { query, scale, scratch, out }: LoadedRows, part: RowBox | undefined): void {
    const { index } = this.#shared;
    const map = this.maps.interpolated[m];
    if (map === undefined) throw new RangeError(`the search has no coarse map ${m}`);
    const { vectors, inverseNorms, channels, grid } = map;
    const [ni, nj, nk] = grid.dims;
    const [j0, j1] = part === undefined ? [0, nj - 1] : cornersOf(index, m, 1, part.j);
    const [k0, k1] = part === undefined ? [0, nk - 1] : cornersOf(index, m, 2, part.k);
    const rowBytes = Float32Array.BYTES_PER_ELEMENT * this.maps.fine.grid.dims[0];
    for (let k = k0; k <= k1; k++) {
      const [row, rows] = [k * nj + j0, j1 - j0 + 1];
      this.#exports.project(
        vectors.byteOffset + row * ni * channels,
        inverseNorms.byteOffset + row * ni * inverseNorms.BYTES_PER_ELEMENT,
        rows * ni,
        channels,
        query,
        scale,
        scratch,
      );
      this.#exports.widen(index.space.byteOffset, m, rows, scratch, out + row * rowBytes);
    }
  }
}

/** Where the rows of a coarse map come from and go to: addresses, and the factor of the quantised query. */
interface LoadedRows {
  readonly query: number;
  readonly scale: number;
  readonly scratch: number;
  readonly out: number;
}

/** The first multiple of a step from an index on. */
export function alignedTo(step: number, index: number): number {
  return Math.ceil(index / step) * step;
}

/** What a search may do with its loaded queries. */
export interface Scanner {
  /**
   * Scans a box; afterwards `rowBest` and `rowVoxel` of its rows hold the best candidates that reach the floors.
   * With `raise` the floors rise to what is met: only the best row is sure, and the scan is several times faster.
   */
  readonly scan: (box: ScanBox, raise?: boolean) => void;
  /** The voxel of the first query's best candidate in a ball, -1 where there is none; `rowBest` of its row is its similarity. */
  readonly scanBall: (ball: Ball) => number;
  readonly queries: Slot['queries'];
  /** One per query, open (-Infinity) at first. */
  readonly floors: Float32Array;
}

/**
 * Quantises a direction to int16, its largest component to ±32,767. The cosine with any int8 vector then differs from
 * the exact one by less than 0.5 / 32,767 · max|q| · √channels (below 2e-5 for 128 channels of like size).
 * @returns the factor from the integer product back to the weighted one
 */
function quantise({ direction, weight }: WeightedDirection, into: Int16Array): number {
  let largest = 0;
  for (const value of direction) largest = Math.max(largest, Math.abs(value));
  if (largest === 0) {
    into.fill(0);
    return 0;
  }
  const factor = LARGEST_INT16 / largest;
  for (let c = 0; c < direction.length; c++) into[c] = Math.round((direction[c] ?? NaN) * factor);
  return weight / factor;
}
