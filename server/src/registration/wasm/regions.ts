/**
 * The loops over the voxels and regions of a window; server/src/registration/local/regions.ts says what they are for.
 * @module
 */
import { bytes, doubles, shorts } from '../../wasm/assembly/lanes';
import { REGION_EDGE, REGIONS } from '../layout';
import {
  GX,
  GY,
  GZ,
  KEPT,
  MOVED,
  OWN_WEIGHT,
  RATIO,
  REGION_EXPECTED,
  REGION_OF,
  REGION_RESIDUAL,
  REGION_WEIGHT,
  SEEN_REGIONS,
  SEEN_WEIGHT,
  SLOPE,
  WEIGHT,
  X,
  Y,
  Z,
} from './memory';

function line(at: usize, n: i32): f64 {
  return <f64>load<f32>(at + bytes(n));
}

function number(at: usize, n: i32): f64 {
  return load<f64>(at + doubles(n));
}

function addTo(at: usize, n: i32, value: f64): void {
  store<f64>(at + doubles(n), number(at, n) + value);
}

function regionOf(n: i32): i32 {
  return load<u16>(REGION_OF + shorts(n));
}

function seenRegion(n: i32): i32 {
  return load<u16>(SEEN_REGIONS + shorts(n));
}

/** The number along an axis of the region at an offset in regions; what is beyond the last ones belongs to them. */
function alongAxis(offset: f64): i32 {
  const number = <i32>floor<f64>(offset + 0.5) + REGION_EDGE / 2;
  return min(max(number, 0), REGION_EDGE - 1);
}

/** Keeps a window's weights, and writes REGION_OF and SLOPE. */
export function openRegions(count: i32, regionsPerSigma: f64): void {
  memory.copy(OWN_WEIGHT, WEIGHT, bytes(count));
  for (let n = 0; n < count; n++) {
    const i = alongAxis(regionsPerSigma * line(X, n));
    const j = alongAxis(regionsPerSigma * line(Y, n));
    const k = alongAxis(regionsPerSigma * line(Z, n));
    store<u16>(REGION_OF + shorts(n), <u16>(i + REGION_EDGE * (j + REGION_EDGE * k)));
    const x = line(GX, n);
    const y = line(GY, n);
    const z = line(GZ, n);
    store<f64>(SLOPE + doubles(n), sqrt<f64>(x * x + y * y + z * z));
  }
}

/**
 * After a comparison: writes RATIO, residual over what noise and a misalignment explain.
 * @returns the number of SEEN_REGIONS
 */
export function judgeRegions(count: i32, noise: f64, slackMm: f64): i32 {
  memory.fill(REGION_RESIDUAL, 0, doubles(REGIONS));
  memory.fill(REGION_EXPECTED, 0, doubles(REGIONS));
  memory.fill(REGION_WEIGHT, 0, doubles(REGIONS));
  let seen = 0;
  for (let n = 0; n < count; n++) {
    if (load<f32>(SEEN_WEIGHT + bytes(n)) == 0) continue;
    const region = regionOf(n);
    if (number(REGION_WEIGHT, region) == 0) store<u16>(SEEN_REGIONS + shorts(seen++), <u16>region);
    const own = line(OWN_WEIGHT, n);
    addTo(REGION_RESIDUAL, region, own * abs<f64>(line(MOVED, n)));
    addTo(REGION_EXPECTED, region, own * (noise + slackMm * number(SLOPE, n)));
    addTo(REGION_WEIGHT, region, own);
  }
  for (let n = 0; n < seen; n++) {
    const region = seenRegion(n);
    store<f64>(RATIO + doubles(region), number(REGION_RESIDUAL, region) / number(REGION_EXPECTED, region));
  }
  return seen;
}

/** Sorts SEEN_REGIONS by RATIO, ascending (Shell 1959; gaps of Knuth). */
function sortSeen(seen: i32): void {
  let gap = 1;
  while (gap < seen) gap = 3 * gap + 1;
  for (; gap > 0; gap /= 3) {
    for (let n = gap; n < seen; n++) {
      const region = seenRegion(n);
      const ratio = number(RATIO, region);
      let at = n;
      for (; at >= gap && number(RATIO, seenRegion(at - gap)) > ratio; at -= gap)
        store<u16>(SEEN_REGIONS + shorts(at), <u16>seenRegion(at - gap));
      store<u16>(SEEN_REGIONS + shorts(at), <u16>region);
    }
  }
}

/** The median of RATIO over the weight of the regions that are seen; 0 where there are none. */
export function medianRatio(seen: i32): f64 {
  sortSeen(seen);
  let half: f64 = 0;
  for (let n = 0; n < seen; n++) half += number(REGION_WEIGHT, seenRegion(n));
  half /= 2;
  let sum: f64 = 0;
  for (let n = 0; n < seen; n++) {
    const region = seenRegion(n);
    sum += number(REGION_WEIGHT, region);
    if (sum >= half) return number(RATIO, region);
  }
  return 0;
}

/** WEIGHT: what each region keeps of the own weights. @returns the share of all */
export function lowerWeights(count: i32): f64 {
  let all: f64 = 0;
  let kept: f64 = 0;
  for (let n = 0; n < count; n++) {
    const own = line(OWN_WEIGHT, n);
    const remaining = own * number(KEPT, regionOf(n));
    store<f32>(WEIGHT + bytes(n), <f32>remaining);
    all += own;
    kept += remaining;
  }
  return kept / all;
}

/** Share of the weight up to `reach` (sigmas) from the point that is kept; 0 where there is none. */
export function keptWithin(count: i32, reach: f64): f64 {
  let all: f64 = 0;
  let kept: f64 = 0;
  for (let n = 0; n < count; n++) {
    const x = line(X, n);
    const y = line(Y, n);
    const z = line(Z, n);
    if (x * x + y * y + z * z > reach * reach) continue;
    const own = line(OWN_WEIGHT, n);
    all += own;
    kept += own * number(KEPT, regionOf(n));
  }
  return all > 0 ? kept / all : 0;
}
