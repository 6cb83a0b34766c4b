/**
 * The sums over the voxels of a window that a Gauss-Newton step needs. They are computed for one piece of the lines after the other, and
 * stay in registers for the length of a piece.
 * @module
 */
import { bytes, doubles } from '../../wasm/assembly/lanes';
import { GRADIENT_PRODUCTS, PIECE, PRODUCTS, TERMS } from '../layout';
import {
  ACCUMULATORS,
  FACTORS,
  GX,
  GY,
  GZ,
  MOVED,
  PIECE_GRADIENTS,
  PIECE_TERMS,
  SEEN_WEIGHT,
  SUMS,
  WEIGHT,
  X,
  Y,
  Z,
} from './memory';

/** Terms of an affine displacement: 1; x, y, z. */
const AFFINE: i32 = 4;

/** Bytes of a line of PIECE_TERMS and of PIECE_GRADIENTS. */
function lines(count: i32): usize {
  return bytes(count * PIECE);
}

/** Bytes of sums of four lanes. */
function accumulators(count: i32): usize {
  return (<usize>count) << 4;
}

function total(lanes: v128): f64 {
  return (
    <f64>f32x4.extract_lane(lanes, 0) +
    <f64>f32x4.extract_lane(lanes, 1) +
    <f64>f32x4.extract_lane(lanes, 2) +
    <f64>f32x4.extract_lane(lanes, 3)
  );
}

function putTotals(count: i32): void {
  for (let n = 0; n < count; n++)
    store<f64>(SUMS + doubles(n), total(v128.load(ACCUMULATORS + accumulators(n))));
}

function putTerm(at: usize, term: i32, lanes: v128): void {
  v128.store(at + lines(term), lanes);
}

/** The terms at the offsets of a piece that begins at `from`; PIECE_TERMS. */
function writeTerms(from: usize, length: usize, terms: i32): void {
  for (let n: usize = 0; n < length; n += 16) {
    const x = v128.load(X + from + n);
    const y = v128.load(Y + from + n);
    const z = v128.load(Z + from + n);
    const at = PIECE_TERMS + n;
    putTerm(at, 0, f32x4.splat(1));
    putTerm(at, 1, x);
    putTerm(at, 2, y);
    putTerm(at, 3, z);
    if (terms == AFFINE) continue;
    putTerm(at, 4, f32x4.mul(x, x));
    putTerm(at, 5, f32x4.mul(y, y));
    putTerm(at, 6, f32x4.mul(z, z));
    putTerm(at, 7, f32x4.mul(x, y));
    putTerm(at, 8, f32x4.mul(x, z));
    putTerm(at, 9, f32x4.mul(y, z));
  }
}

/** Weight times xx, xy, xz, yy, yz, zz of the gradient; PIECE_GRADIENTS. */
function writeSquares(from: usize, length: usize): void {
  for (let n: usize = 0; n < length; n += 16) {
    const gx = v128.load(GX + from + n);
    const gy = v128.load(GY + from + n);
    const gz = v128.load(GZ + from + n);
    const w = v128.load(WEIGHT + from + n);
    const wx = f32x4.mul(w, gx);
    const wy = f32x4.mul(w, gy);
    const at = PIECE_GRADIENTS + n;
    v128.store(at, f32x4.mul(wx, gx));
    v128.store(at + lines(1), f32x4.mul(wx, gy));
    v128.store(at + lines(2), f32x4.mul(wx, gz));
    v128.store(at + lines(3), f32x4.mul(wy, gy));
    v128.store(at + lines(4), f32x4.mul(wy, gz));
    v128.store(at + lines(5), f32x4.mul(f32x4.mul(w, gz), gz));
  }
}

/** Adds a product of two terms, times what PIECE_GRADIENTS says, to its sums. */
function addProduct(product: i32, length: usize): void {
  const a = PIECE_TERMS + lines(load<u8>(FACTORS + 2 * product));
  const b = PIECE_TERMS + lines(load<u8>(FACTORS + 2 * product + 1));
  const sums = ACCUMULATORS + accumulators(product * GRADIENT_PRODUCTS);
  let xx = v128.load(sums);
  let xy = v128.load(sums, 16);
  let xz = v128.load(sums, 32);
  let yy = v128.load(sums, 48);
  let yz = v128.load(sums, 64);
  let zz = v128.load(sums, 80);
  for (let n: usize = 0; n < length; n += 16) {
    const p = f32x4.mul(v128.load(a + n), v128.load(b + n));
    const at = PIECE_GRADIENTS + n;
    xx = f32x4.add(xx, f32x4.mul(p, v128.load(at)));
    xy = f32x4.add(xy, f32x4.mul(p, v128.load(at + lines(1))));
    xz = f32x4.add(xz, f32x4.mul(p, v128.load(at + lines(2))));
    yy = f32x4.add(yy, f32x4.mul(p, v128.load(at + lines(3))));
    yz = f32x4.add(yz, f32x4.mul(p, v128.load(at + lines(4))));
    zz = f32x4.add(zz, f32x4.mul(p, v128.load(at + lines(5))));
  }
  v128.store(sums, xx);
  v128.store(sums, xy, 16);
  v128.store(sums, xz, 32);
  v128.store(sums, yy, 48);
  v128.store(sums, yz, 64);
  v128.store(sums, zz, 80);
}

/**
 * SUMS: per product of two terms the sums of weight times product times xx, xy, xz, yy, yz, zz of the gradient.
 * @param products of the first `terms` terms
 */
export function curvature(count: i32, terms: i32, products: i32): void {
  memory.fill(ACCUMULATORS, 0, accumulators(PRODUCTS * GRADIENT_PRODUCTS));
  for (let from: usize = 0; from < bytes(count); from += lines(1)) {
    const length = min(bytes(count) - from, lines(1));
    writeTerms(from, length, terms);
    writeSquares(from, length);
    for (let product = 0; product < products; product++) addProduct(product, length);
  }
  putTotals(products * GRADIENT_PRODUCTS);
}

/** Weight times residual times x, y, z of the gradient, where residuals beyond 1 / scale lose weight; PIECE_GRADIENTS. */
function writePulls(from: usize, length: usize, scale: f32): void {
  const scales = f32x4.splat(scale);
  const one = f32x4.splat(1);
  for (let n: usize = 0; n < length; n += 16) {
    const residual = v128.load(MOVED + from + n);
    const r = f32x4.mul(residual, scales);
    const weight = f32x4.div(v128.load(SEEN_WEIGHT + from + n), f32x4.add(one, f32x4.mul(r, r)));
    const p = f32x4.mul(weight, residual);
    const at = PIECE_GRADIENTS + n;
    v128.store(at, f32x4.mul(p, v128.load(GX + from + n)));
    v128.store(at + lines(1), f32x4.mul(p, v128.load(GY + from + n)));
    v128.store(at + lines(2), f32x4.mul(p, v128.load(GZ + from + n)));
  }
}

/** Adds two terms that follow each other, times what PIECE_GRADIENTS says, to their sums; those of an axis are `terms` apart. */
function addTerms(first: i32, terms: i32, length: usize): void {
  const a = PIECE_TERMS + lines(first);
  const ofX = ACCUMULATORS + accumulators(first);
  const ofY = ofX + accumulators(terms);
  const ofZ = ofY + accumulators(terms);
  let xa = v128.load(ofX);
  let xb = v128.load(ofX, 16);
  let ya = v128.load(ofY);
  let yb = v128.load(ofY, 16);
  let za = v128.load(ofZ);
  let zb = v128.load(ofZ, 16);
  for (let n: usize = 0; n < length; n += 16) {
    const at = PIECE_GRADIENTS + n;
    const x = v128.load(at);
    const y = v128.load(at + lines(1));
    const z = v128.load(at + lines(2));
    const termA = v128.load(a + n);
    const termB = v128.load(a + lines(1) + n);
    xa = f32x4.add(xa, f32x4.mul(x, termA));
    xb = f32x4.add(xb, f32x4.mul(x, termB));
    ya = f32x4.add(ya, f32x4.mul(y, termA));
    yb = f32x4.add(yb, f32x4.mul(y, termB));
    za = f32x4.add(za, f32x4.mul(z, termA));
    zb = f32x4.add(zb, f32x4.mul(z, termB));
  }
  v128.store(ofX, xa);
  v128.store(ofX, xb, 16);
  v128.store(ofY, ya);
  v128.store(ofY, yb, 16);
  v128.store(ofZ, za);
  v128.store(ofZ, zb, 16);
}

/**
 * SUMS: per axis and term the sum of weight times residual times gradient times term.
 * @param terms an even number
 * @param scale residuals beyond 1 / scale lose weight (Cauchy)
 */
export function pull(count: i32, terms: i32, scale: f32): void {
  memory.fill(ACCUMULATORS, 0, accumulators(3 * TERMS));
  for (let from: usize = 0; from < bytes(count); from += lines(1)) {
    const length = min(bytes(count) - from, lines(1));
    writeTerms(from, length, terms);
    writePulls(from, length, scale);
    for (let term = 0; term < terms; term += 2) addTerms(term, terms, length);
  }
  putTotals(3 * terms);
}
