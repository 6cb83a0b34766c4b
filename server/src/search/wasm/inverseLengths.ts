/**
 * 1 / |interpolated unit vector| of a coarse map at every candidate. The squared length is a quadratic form of the corner
 * weights, and its coefficients are the cosines of neighbouring coarse voxels: |Σ w_a c_a|² = Σ w_a w_b c_a·c_b.
 * @module
 */
import { bytes, doubles, shorts } from '../../wasm/assembly/lanes';
import {
  BASE,
  dot,
  FRACTION,
  INTERPOLATED,
  INTERPOLATED_WORDS,
  INVERSE_LENGTHS,
  MAP_NI,
  MAP_NJ,
  MAP_NK,
  NJ,
  NK,
  ROW_RUNS,
  RUN_BYTES,
  RUNS,
  word,
} from './space';

/** Below this squared length an interpolated vector has no direction: opposite unit vectors cancelled. */
const NO_DIRECTION_SQUARED = 1e-12;
/**
 * Steps to one of each pair of opposite neighbours, and to the voxel itself: di + 3 dj + 9 dk from 0 to 13 numbers them, and what
 * is below 0 is the opposite step from the other voxel.
 */
const STEPS = 14;

/** Cosine of every voxel with itself and its neighbours: cosines[step * voxels + voxel]; 0 beyond the map. */
function writeCosines(
  vectors: usize,
  inverseNorms: usize,
  ni: i32,
  nj: i32,
  nk: i32,
  channels: i32,
  blocks: i32,
  query: usize,
  cosines: usize,
): void {
  const voxels = ni * nj * nk;
  for (let voxel = 0; voxel < voxels; voxel++) {
    const vector = vectors + <usize>voxel * channels;
    for (let c = 0; c < channels; c++) store<i16>(query + shorts(c), load<i8>(vector + c));
    const norm: f64 = load<f32>(inverseNorms + bytes(voxel));
    const i = voxel % ni;
    const j = (voxel / ni) % nj;
    const k = voxel / (ni * nj);
    for (let step = 0; step < STEPS; step++) {
      const dk = step > 4 ? 1 : 0;
      const inPlane = step - 9 * dk;
      const dj = inPlane > 1 ? 1 : inPlane < -1 ? -1 : 0;
      const di = inPlane - 3 * dj;
      const isInside = i + di >= 0 && i + di < ni && j + dj >= 0 && j + dj < nj && k + dk < nk;
      let cosine: f64 = 0;
      if (isInside) {
        const other = voxel + (dk * nj + dj) * ni + di;
        const product = dot(vectors + <usize>other * channels, query, blocks);
        cosine = <f64>product * (norm * <f64>load<f32>(inverseNorms + bytes(other)));
      }
      store<f64>(cosines + doubles(step * voxels + voxel), cosine);
    }
  }
}

/**
 * `line[c]` = L_c·L_(c+di) of the vectors of a line that lies between the rows and slices of the map, for its first `count` columns.
 * @param start voxel of the map's row and slice below
 */
function writeLine(
  line: usize,
  count: i32,
  di: i32,
  start: i32,
  ni: i32,
  nj: i32,
  voxels: i32,
  cosines: usize,
  fj: f64,
  fk: f64,
): void {
  memory.fill(line, 0, doubles(count));
  for (let a = 0; a < 4; a++) {
    for (let b = 0; b < 4; b++) {
      const weight = cornerWeight(a, fj, fk) * cornerWeight(b, fj, fk);
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
function cornerWeight(corner: i32, fj: f64, fk: f64): f64 {
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

function writeRun(run: usize, own: usize, next: usize, base: usize, fractions: usize, into: usize): void {
  let out = into + bytes(word(run, 2));
  for (let i = word(run, 0); i <= word(run, 1); i++) {
    const squared = squaredAt(own, next, word(base, i), <f64>load<f32>(fractions + bytes(i)));
    store<f32>(out, squared > NO_DIRECTION_SQUARED ? <f32>(1 / Math.sqrt(squared)) : 0);
    out += 4;
  }
}

/**
 * Writes INVERSE_LENGTHS of an interpolated map, one per candidate; 0 where there is no direction.
 * @param query room for the channels as int16, zero in all of the last block
 * @param scratch room for 14 float64 per voxel of the map and two of its lines
 */
export function writeInverseLengths(
  space: usize,
  map: i32,
  vectors: usize,
  inverseNorms: usize,
  channels: i32,
  blocks: i32,
  query: usize,
  scratch: usize,
): void {
  const words = space + bytes(INTERPOLATED + map * INTERPOLATED_WORDS);
  const ni = word(words, MAP_NI);
  const nj = word(words, MAP_NJ);
  const nk = word(words, MAP_NK);
  const voxels = ni * nj * nk;
  writeCosines(vectors, inverseNorms, ni, nj, nk, channels, blocks, query, scratch);
  const own = scratch + doubles(STEPS * voxels);
  const next = own + doubles(ni);
  const rowRuns = <usize>word(space, ROW_RUNS);
  const rows = word(space, NJ) * word(space, NK);
  for (let row = 0; row < rows; row++) {
    const last = word(rowRuns, row + 1);
    let r = word(rowRuns, row);
    if (r == last) continue;
    const j = row % word(space, NJ);
    const k = row / word(space, NJ);
    const start = (word(<usize>word(words, BASE + 2), k) * nj + word(<usize>word(words, BASE + 1), j)) * ni;
    const fj: f64 = load<f32>(<usize>word(words, FRACTION + 1) + bytes(j));
    const fk: f64 = load<f32>(<usize>word(words, FRACTION + 2) + bytes(k));
    writeLine(own, ni, 0, start, ni, nj, voxels, scratch, fj, fk);
    writeLine(next, ni - 1, 1, start, ni, nj, voxels, scratch, fj, fk);
    for (; r < last; r++) {
      const run = <usize>word(space, RUNS) + <usize>r * RUN_BYTES;
      const base = <usize>word(words, BASE);
      const fractions = <usize>word(words, FRACTION);
      writeRun(run, own, next, base, fractions, <usize>word(words, INVERSE_LENGTHS));
    }
  }
}
