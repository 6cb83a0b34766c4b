/**
 * The sums of a smooth field (moving least squares), in AssemblyScript (WASM SIMD).
 * server/src/matching/neighbourMap/fieldKernel.ts lays the memory out; this file only computes, in float64. All pointers are byte
 * addresses.
 * @module
 */
import { doubles } from '../../../wasm/assembly/lanes';

/** JavaScript's own, imported from "smoothField": as fast as one in here, and other code has the same weights. */
declare function exp(x: f64): f64;

/** Words of a node: `from` (3), deviation (3), weight. */
const NODE_WORDS = 7;
/** Terms of the polynomial: 1; x, y, z; xx, yy, zz, xy, xz, yz. */
const TERMS = 10;

/** `sums` += factor times the first `count` terms, and one more where that is odd. */
function addTerms(sums: usize, phi: usize, count: i32, factor: f64): void {
  const factors = f64x2.splat(factor);
  for (let b = 0; b < count; b += 2) {
    const at = sums + doubles(b);
    v128.store(at, f64x2.add(v128.load(at), f64x2.mul(factors, v128.load(phi + doubles(b)))));
  }
}

/** Writes the terms at an offset in sigmas. */
function writeTerms(phi: usize, x: f64, y: f64, z: f64): void {
  store<f64>(phi, 1);
  store<f64>(phi, x, 8);
  store<f64>(phi, y, 16);
  store<f64>(phi, z, 24);
  store<f64>(phi, x * x, 32);
  store<f64>(phi, y * y, 40);
  store<f64>(phi, z * z, 48);
  store<f64>(phi, x * y, 56);
  store<f64>(phi, x * z, 64);
  store<f64>(phi, y * z, 72);
}

/** Weight of a node at a point, its terms into `phi`; 0 where it is out of reach (sigmas). */
function weigh(node: usize, x: f64, y: f64, z: f64, sigma: f64, reach: f64, phi: usize): f64 {
  const mmX = load<f64>(node) - x;
  const mmY = load<f64>(node, 8) - y;
  const mmZ = load<f64>(node, 16) - z;
  const mm = reach * sigma;
  // Most are too far away: that is known before anything is divided.
  if (mmX * mmX + mmY * mmY + mmZ * mmZ > mm * mm) return 0;
  const dx = mmX / sigma;
  const dy = mmY / sigma;
  const dz = mmZ / sigma;
  writeTerms(phi, dx, dy, dz);
  return load<f64>(node, 48) * exp(-0.5 * (dx * dx + dy * dy + dz * dz));
}

/**
 * The normal equations at a point: their lower triangle (rows of TERMS; what is above the diagonal is undefined), and the right
 * sides of x, y and z (TERMS each). Leaves out the node at `except`, NaN for none.
 * @param phi room for the terms
 * @returns the sum of the weights
 */
export function sum(
  nodes: usize,
  count: i32,
  x: f64,
  y: f64,
  z: f64,
  exceptX: f64,
  exceptY: f64,
  exceptZ: f64,
  sigma: f64,
  reach: f64,
  phi: usize,
  system: usize,
  right: usize,
): f64 {
  memory.fill(system, 0, doubles(TERMS * TERMS));
  memory.fill(right, 0, doubles(3 * TERMS));
  let weight: f64 = 0;
  for (let n = 0; n < count; n++) {
    const node = nodes + doubles(n * NODE_WORDS);
    if (load<f64>(node) == exceptX && load<f64>(node, 8) == exceptY && load<f64>(node, 16) == exceptZ)
      continue;
    const w = weigh(node, x, y, z, sigma, reach, phi);
    if (w == 0) continue;
    weight += w;
    for (let a = 0; a < TERMS; a++)
      addTerms(system + doubles(TERMS * a), phi, a + 1, w * load<f64>(phi + doubles(a)));
    addRight(right, node, w, phi);
  }
  return weight;
}

/** Adds a node to the right sides: weight times term, times its deviation. */
function addRight(right: usize, node: usize, w: f64, phi: usize): void {
  const weights = f64x2.splat(w);
  for (let c = 0; c < 3; c++) {
    const deviation = f64x2.splat(load<f64>(node + doubles(3 + c)));
    const sums = right + doubles(TERMS * c);
    for (let a = 0; a < TERMS; a += 2) {
      const product = f64x2.mul(f64x2.mul(weights, v128.load(phi + doubles(a))), deviation);
      v128.store(sums + doubles(a), f64x2.add(v128.load(sums + doubles(a)), product));
    }
  }
}

/**
 * Weighted squared deviation of the nodes from a solution (TERMS of x, y, z, where the right sides were): `out[0]` its sum on top of
 * what is there, and `out[1]` that of the weights.
 */
export function spread(
  nodes: usize,
  count: i32,
  x: f64,
  y: f64,
  z: f64,
  sigma: f64,
  reach: f64,
  phi: usize,
  solution: usize,
  out: usize,
): void {
  for (let n = 0; n < count; n++) {
    const node = nodes + doubles(n * NODE_WORDS);
    const w = weigh(node, x, y, z, sigma, reach, phi);
    if (w == 0) continue;
    store<f64>(out, load<f64>(out, 8) + w, 8);
    for (let c = 0; c < 3; c++) {
      let expected: f64 = 0;
      for (let t = 0; t < TERMS; t++)
        expected += load<f64>(solution + doubles(TERMS * c + t)) * load<f64>(phi + doubles(t));
      const residual = load<f64>(node + doubles(3 + c)) - expected;
      store<f64>(out, load<f64>(out) + w * residual * residual);
    }
  }
}
