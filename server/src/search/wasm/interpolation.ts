/**
 * The terms of the coarse maps: the cosines of their voxels with a query, interpolated to the fine grid.
 * @module
 */
import { between4, bytes, lerp4, word } from '../../wasm/assembly/lanes';
import {
  BASE,
  BASE_LINE,
  COSINES,
  FRACTION,
  INTERPOLATED_COUNT,
  INVERSE_LENGTHS,
  MAP_NI,
  MAP_NJ,
  MAP_NK,
  MAPS,
  NI,
  NJ,
  ROW_RUNS,
  RUN_CANDIDATE,
  RUN_FIRST,
  RUN_LAST,
} from '../layout';
import { blocksOf, dot, interpolatedMap, runAt } from './space';

/** `out[v]` = cosine of the query with voxel v of a map, for all its voxels; `scale` turns an integer product into one of the query. */
export function project(
  vectors: usize,
  inverseNorms: usize,
  voxels: i32,
  channels: i32,
  query: usize,
  scale: f32,
  out: usize,
): void {
  const blocks = blocksOf(channels);
  for (let v = 0; v < voxels; v++) {
    const at = bytes(v);
    const product = <f32>dot(vectors + <usize>v * channels, query, blocks);
    store<f32>(out + at, product * scale * load<f32>(inverseNorms + at));
  }
}

function lerp(a: f32, b: f32, fraction: f32): f32 {
  return a + fraction * (b - a);
}

/** The values at four columns of a row and those of their right neighbours, interpolated: the columns' bases and fractions. */
function widen4(row: usize, base: usize, fractions: usize): v128 {
  return between4(
    row + bytes(load<i32>(base)),
    row + bytes(load<i32>(base, 4)),
    row + bytes(load<i32>(base, 8)),
    row + bytes(load<i32>(base, 12)),
    v128.load(fractions),
  );
}

/** Interpolates rows of a coarse map's cosines to the fine grid's columns: `out` has NI values a row. */
export function widen(space: usize, map: i32, rows: i32, cosines: usize, out: usize): void {
  const words = interpolatedMap(space, map);
  const ni = word(space, NI);
  const hasNeighbour = word(words, MAP_NI) > 1;
  const rowBytes = bytes(word(words, MAP_NI));
  const next: usize = hasNeighbour ? 4 : 0;
  const fours = hasNeighbour ? ni & ~3 : 0;
  const base = <usize>word(words, BASE);
  const fractions = <usize>word(words, FRACTION);
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < fours; i += 4) {
      const at = bytes(i);
      v128.store(out + at, widen4(cosines, base + at, fractions + at));
    }
    for (let i = fours; i < ni; i++) {
      const at = bytes(i);
      const a = cosines + bytes(load<i32>(base + at));
      store<f32>(out + at, lerp(load<f32>(a), load<f32>(a + next), load<f32>(fractions + at)));
    }
    cosines += rowBytes;
    out += bytes(ni);
  }
}

/** Where a row lies between those of a map: bytes to the next row and slice, and how far towards them. */
let toJ: usize = 0;
let toK: usize = 0;
let fj: f32 = 0;
let fk: f32 = 0;

/** Places a row of the fine grid in a map's `widened` rows; gives the address of the row below it in the slice below it. */
function placeRow(space: usize, map: usize, widened: usize, row: i32): usize {
  const j = row % word(space, NJ);
  const k = row / word(space, NJ);
  const nj = word(map, MAP_NJ);
  const rowBytes = bytes(word(space, NI));
  fj = load<f32>(<usize>word(map, FRACTION + 1) + bytes(j));
  fk = load<f32>(<usize>word(map, FRACTION + 2) + bytes(k));
  toJ = nj > 1 ? rowBytes : 0;
  toK = word(map, MAP_NK) > 1 ? <usize>nj * rowBytes : 0;
  const first = word(<usize>word(map, BASE + 2), k) * nj + word(<usize>word(map, BASE + 1), j);
  return widened + <usize>first * rowBytes;
}

/** Adds an interpolated map's term to `count` neighbouring candidates: interp(q·C) / |interp(C)|. */
function addRun(at: usize, lengths: usize, sum: usize, count: i32): void {
  const nextJ = toJ;
  const nextK = toK;
  const fj4 = f32x4.splat(fj);
  const fk4 = f32x4.splat(fk);
  let n = 0;
  for (; n + 4 <= count; n += 4) {
    const near = lerp4(v128.load(at), v128.load(at + nextJ), fj4);
    const far = lerp4(v128.load(at + nextK), v128.load(at + nextK + nextJ), fj4);
    const term = f32x4.mul(lerp4(near, far, fk4), v128.load(lengths));
    v128.store(sum, f32x4.add(v128.load(sum), term));
    at += 16;
    lengths += 16;
    sum += 16;
  }
  for (; n < count; n++) {
    const near = lerp(load<f32>(at), load<f32>(at + nextJ), fj);
    const far = lerp(load<f32>(at + nextK), load<f32>(at + nextK + nextJ), fj);
    store<f32>(sum, load<f32>(sum) + lerp(near, far, fk) * load<f32>(lengths));
    at += 4;
    lengths += 4;
    sum += 4;
  }
}

/** Adds an interpolated map's term to the candidates of a row in the columns from..to. */
function addInterpolated(
  space: usize,
  map: usize,
  widened: usize,
  out: usize,
  row: i32,
  from: i32,
  to: i32,
): void {
  const line = placeRow(space, map, widened, row);
  const inverseLengths = <usize>word(map, INVERSE_LENGTHS);
  const last = word(<usize>word(space, ROW_RUNS), row + 1);
  for (let r = word(<usize>word(space, ROW_RUNS), row); r < last; r++) {
    const run = runAt(space, r);
    const start = max(word(run, RUN_FIRST), from);
    const count = min(word(run, RUN_LAST), to) - start + 1;
    const candidate = word(run, RUN_CANDIDATE) + start - word(run, RUN_FIRST);
    if (count > 0) addRun(line + bytes(start), inverseLengths + bytes(candidate), out + bytes(start), count);
  }
}

/** Writes the interpolated terms of one query, for the row's columns from..to, to its BASE_LINE. */
export function baseLine(space: usize, slot: usize, query: i32, row: i32, from: i32, to: i32): void {
  const out = <usize>word(slot, BASE_LINE + query);
  memory.fill(out + bytes(from), 0, bytes(to - from + 1));
  const count = word(space, INTERPOLATED_COUNT);
  for (let m = 0; m < count; m++) {
    const widened = <usize>word(slot, COSINES + query * MAPS + m);
    addInterpolated(space, interpolatedMap(space, m), widened, out, row, from, to);
  }
}
