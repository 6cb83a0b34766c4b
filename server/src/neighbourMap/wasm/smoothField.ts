/**
 * The sums of a smooth field (moving least squares), in AssemblyScript (WASM SIMD).
 * server/src/neighbourMap/fieldKernel.ts lays the memory out, and ../layout.ts says what the numbers of `nodes` and `work`
 * mean; this file only computes, in float64. All pointers are byte addresses.
 * @module
 */
import { TERMS } from '../../registration/layout';
import { doubles } from '../../wasm/assembly/lanes';
import {
  DEVIATION,
  EXCEPT,
  FROM,
  NODE_NUMBERS,
  PHI,
  POINT,
  REACH,
  RIGHT,
  SIGMA,
  SPREAD,
  SYSTEM,
  WEIGHT,
} from '../layout';

/** JavaScript's own, imported from "smoothField": as fast as one in here, and other code has the same weights. */
declare function exp(x: f64): f64;

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

/** Number `index` of the workplace. */
function numberOf(work: usize, index: i32): f64 {
  return load<f64>(work + doubles(index));
}

/** Weight of a node at the workplace's point, its terms into PHI; 0 where it is out of reach. */
function weigh(node: usize, work: usize): f64 {
  const mmX = load<f64>(node, 8 * FROM) - load<f64>(work, 8 * POINT);
  const mmY = load<f64>(node, 8 * FROM + 8) - load<f64>(work, 8 * POINT + 8);
  const mmZ = load<f64>(node, 8 * FROM + 16) - load<f64>(work, 8 * POINT + 16);
  const sigma = load<f64>(work, 8 * SIGMA);
  const mm = load<f64>(work, 8 * REACH) * sigma;
  // Most are too far away: that is known before anything is divided.
  if (mmX * mmX + mmY * mmY + mmZ * mmZ > mm * mm) return 0;
  const dx = mmX / sigma;
  const dy = mmY / sigma;
  const dz = mmZ / sigma;
  writeTerms(work + doubles(PHI), dx, dy, dz);
  return load<f64>(node, 8 * WEIGHT) * exp(-0.5 * (dx * dx + dy * dy + dz * dz));
}

/**
 * The normal equations at the workplace's point, into SYSTEM and RIGHT, without the node at EXCEPT.
 * @returns the sum of the weights
 */
export function sum(nodes: usize, count: i32, work: usize): f64 {
  const phi = work + doubles(PHI);
  const system = work + doubles(SYSTEM);
  const exceptX = numberOf(work, EXCEPT);
  const exceptY = numberOf(work, EXCEPT + 1);
  const exceptZ = numberOf(work, EXCEPT + 2);
  memory.fill(system, 0, doubles(TERMS * TERMS));
  memory.fill(work + doubles(RIGHT), 0, doubles(3 * TERMS));
  let weight: f64 = 0;
  for (let n = 0; n < count; n++) {
    const node = nodes + doubles(n * NODE_NUMBERS);
    if (load<f64>(node) == exceptX && load<f64>(node, 8) == exceptY && load<f64>(node, 16) == exceptZ)
      continue;
    const w = weigh(node, work);
    if (w == 0) continue;
    weight += w;
    for (let a = 0; a < TERMS; a++)
      addTerms(system + doubles(TERMS * a), phi, a + 1, w * load<f64>(phi + doubles(a)));
    addRight(work + doubles(RIGHT), node, w, phi);
  }
  return weight;
}

/** Adds a node to the right sides: weight times term, times its deviation. */
function addRight(right: usize, node: usize, w: f64, phi: usize): void {
  const weights = f64x2.splat(w);
  for (let c = 0; c < 3; c++) {
    const deviation = f64x2.splat(load<f64>(node + doubles(DEVIATION + c)));
    const sums = right + doubles(TERMS * c);
    for (let a = 0; a < TERMS; a += 2) {
      const product = f64x2.mul(f64x2.mul(weights, v128.load(phi + doubles(a))), deviation);
      v128.store(sums + doubles(a), f64x2.add(v128.load(sums + doubles(a)), product));
    }
  }
}

/** Adds to SPREAD the weighted squared deviation of the nodes from a solution, which stands in RIGHT, and the sum of the weights. */
export function spread(nodes: usize, count: i32, work: usize): void {
  const phi = work + doubles(PHI);
  const solution = work + doubles(RIGHT);
  let squares = numberOf(work, SPREAD);
  let weights = numberOf(work, SPREAD + 1);
  for (let n = 0; n < count; n++) {
    const node = nodes + doubles(n * NODE_NUMBERS);
    const w = weigh(node, work);
    if (w == 0) continue;
    weights += w;
    let x: f64 = 0;
    let y: f64 = 0;
    let z: f64 = 0;
    for (let t = 0; t < TERMS; t++) {
      const term = load<f64>(phi + doubles(t));
      x += load<f64>(solution + doubles(t)) * term;
      y += load<f64>(solution + doubles(TERMS + t)) * term;
      z += load<f64>(solution + doubles(2 * TERMS + t)) * term;
    }
    x = load<f64>(node, 8 * DEVIATION) - x;
    y = load<f64>(node, 8 * DEVIATION + 8) - y;
    z = load<f64>(node, 8 * DEVIATION + 16) - z;
    squares = squares + w * x * x + w * y * y + w * z * z;
  }
  store<f64>(work + doubles(SPREAD), squares);
  store<f64>(work + doubles(SPREAD + 1), weights);
}
