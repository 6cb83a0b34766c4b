/**
 * 1 / |interpolated unit vector| of a coarse map at every candidate. The squared length is a quadratic form of the corner
 * weights, and its coefficients are the cosines of neighbouring coarse voxels: |Σ w_a c_a|² = Σ w_a w_b c_a·c_b.
 * @module
 */
import { bytes, doubles, shorts, word } from '../../wasm/assembly/lanes';
import {
  BASE,
  COSINE_STEPS,
  FRACTION,
  INVERSE_LENGTHS,
  MAP_NI,
  MAP_NJ,
  MAP_NK,
  NJ,
  NK,
  ROW_RUNS,
  RUN_CANDIDATE,
  RUN_FIRST,
  RUN_LAST,
} from '../layout';
import { blocksOf, dot, interpolatedMap, runAt } from './space';

/** Below this squared length an interpolated vector has no direction: opposite unit vectors cancelled. */
const NO_DIRECTION_SQUARED = 1e-12;
/** The map's size, voxels. */
let ni = 0;
let nj = 0;
let nk = 0;
let voxels = 0;
/**
 * Address: cosine of every voxel with itself and its neighbours, cosines[step * voxels + voxel]; 0 beyond the map. There are steps to
 * one of each pair of opposite neighbours, and to the voxel itself: di + 3 dj + 9 dk numbers them from 0 on, and what is below 0 is the
 * opposite step from the other voxel.
 */
let cosines: usize = 0;

/** Voxels from a voxel to its neighbour at a step; 0 where that lies beyond the map (and for the voxel itself). */
function toNeighbour(voxel: i32, step: i32): i32 {
  const dk = step > 4 ? 1 : 0;
  const inPlane = step - 9 * dk;
  const dj = inPlane > 1 ? 1 : inPlane < -1 ? -1 : 0;
  const i = (voxel % ni) + inPlane - 3 * dj;
  const j = ((voxel / ni) % nj) + dj;
  const k = voxel / (ni * nj) + dk;
  const isInside = i >= 0 && i < ni && j >= 0 && j < nj && k < nk;
  return isInside ? (k * nj + j) * ni + i - voxel : 0;
}

/** Writes the cosines. @param query scratch for the channels as int16, zero in all of the last block */
function writeCosines(vectors: usize, inverseNorms: usize, channels: i32, query: usize): void {
  const blocks = blocksOf(channels);
  for (let voxel = 0; voxel < voxels; voxel++) {
    const vector = vectors + <usize>voxel * channels;
    for (let c = 0; c < channels; c++) store<i16>(query + shorts(c), load<i8>(vector + c));
    const norm: f64 = load<f32>(inverseNorms + bytes(voxel));
    for (let step = 0; step < COSINE_STEPS; step++) {
      const other = voxel + toNeighbour(voxel, step);
      let cosine: f64 = 0;
      if (step == 0 || other != voxel) {
        const product = dot(vectors + <usize>other * channels, query, blocks);
        cosine = <f64>product * (norm * <f64>load<f32>(inverseNorms + bytes(other)));
      }
      store<f64>(cosines + doubles(step * voxels + voxel), cosine);
    }
  }
}

/** Place of a line between the rows and slices of the map. */
let fj: f64 = 0;
let fk: f64 = 0;

/**
 * `line[c]` = L_c·L_(c+di) of the vectors of a line that lies between the rows and slices of the map, for its first `count` columns.
 * @param start voxel of the map's row and slice below
 */
function writeLine(line: usize, count: i32, di: i32, start: i32): void {
  memory.fill(line, 0, doubles(count));
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      const weight = cornerWeight(a) * cornerWeight(b);
      // Also because there may be no such voxel.
      if (weight == 0) continue;
      const step = di + 3 * ((b & 1) - (a & 1)) + 9 * ((b >> 1) - (a >> 1));
      const corner = step < 0 ? b : a;
      const first = start + ((corner >> 1) * nj + (corner & 1)) * ni + (step < 0 ? di : 0);
      addLine(line, count, weight, cosines + doubles((step < 0 ? -step : step) * voxels + first));
    }
  }
}

/** Of the corners 0, 0; 1, 0; 0, 1 and 1, 1 along j and k. */
function cornerWeight(corner: i32): f64 {
  return ((corner & 1) == 1 ? fj : 1 - fj) * (corner >> 1 == 1 ? fk : 1 - fk);
}

function addLine(line: usize, count: i32, weight: f64, values: usize): void {
  const weights = f64x2.splat(weight);
  let c = 0;
  for (; c + 1 < count; c += 2) {
    const at = line + doubles(c);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(weights, v128.load(values + doubles(c)))));
  }
  if (c < count) {
    const at = line + doubles(c);
    store<f64>(at, load<f64>(at) + weight * load<f64>(values + doubles(c)));
  }
}

/** Squared length between column `base` and the next one. */
function squaredAt(own: usize, next: usize, base: i32, f: f64): f64 {
  const a = load<f64>(own + doubles(base));
  if (f == 0) return a;
  const b = load<f64>(own + doubles(base + 1));
  return (1 - f) * (1 - f) * a + 2 * f * (1 - f) * load<f64>(next + doubles(base)) + f * f * b;
}

/** Writes the inverse lengths of a run's candidates. */
function writeRun(run: usize, words: usize, own: usize, next: usize): void {
  const base = <usize>word(words, BASE);
  const fractions = <usize>word(words, FRACTION);
  let out = <usize>word(words, INVERSE_LENGTHS) + bytes(word(run, RUN_CANDIDATE));
  for (let i = word(run, RUN_FIRST); i <= word(run, RUN_LAST); i++) {
    const squared = squaredAt(own, next, word(base, i), <f64>load<f32>(fractions + bytes(i)));
    store<f32>(out, squared > NO_DIRECTION_SQUARED ? <f32>(1 / Math.sqrt(squared)) : 0);
    out += 4;
  }
}

/** Places a row of the fine grid in the map; gives the voxel of the map's row and slice below. */
function placeRow(space: usize, words: usize, row: i32): i32 {
  const j = row % word(space, NJ);
  const k = row / word(space, NJ);
  fj = load<f32>(<usize>word(words, FRACTION + 1) + bytes(j));
  fk = load<f32>(<usize>word(words, FRACTION + 2) + bytes(k));
  return (word(<usize>word(words, BASE + 2), k) * nj + word(<usize>word(words, BASE + 1), j)) * ni;
}

/**
 * Writes INVERSE_LENGTHS of an interpolated map, one per candidate; 0 where there is no direction.
 * @param query scratch for the channels as int16, zero in all of the last block
 * @param scratch COSINE_STEPS float64 per voxel of the map and COSINE_LINES of its rows
 */
export function writeInverseLengths(
  space: usize,
  map: i32,
  vectors: usize,
  inverseNorms: usize,
  channels: i32,
  query: usize,
  scratch: usize,
): void {
  const words = interpolatedMap(space, map);
  ni = word(words, MAP_NI);
  nj = word(words, MAP_NJ);
  nk = word(words, MAP_NK);
  voxels = ni * nj * nk;
  cosines = scratch;
  writeCosines(vectors, inverseNorms, channels, query);
  const own = scratch + doubles(COSINE_STEPS * voxels);
  const next = own + doubles(ni);
  const rowRuns = <usize>word(space, ROW_RUNS);
  const rows = word(space, NJ) * word(space, NK);
  for (let row = 0; row < rows; row++) {
    const last = word(rowRuns, row + 1);
    let r = word(rowRuns, row);
    if (r == last) continue;
    const start = placeRow(space, words, row);
    writeLine(own, ni, 0, start);
    writeLine(next, ni - 1, 1, start);
    for (; r < last; r++) writeRun(runAt(space, r), words, own, next);
  }
}
