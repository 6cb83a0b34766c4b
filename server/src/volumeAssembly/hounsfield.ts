/**
 * Whether the values of a CT are Hounsfield units: air near -1000, water 0, fat and muscle within 100 of it. In a series whose Rescale
 * Intercept was lost, or whose values are another quantity, a model finds nothing or the wrong place. Only what no CT in HU can look
 * like is refused; any field of view, padding, contrast or metal may be in one.
 * @module
 */
import { SamepointError } from '../errors/index.ts';

/** Values that are looked at, about: every n-th. More do not change a share by as much as the limits are apart. */
const SAMPLES = 1_000_000;
/** Range of the histogram, HU; what is beyond counts at its end. */
const LOWEST = -4096;
const HIGHEST = 16_383;
/** At and below lie padding and air that was cut off at the end of 12 bits: they say nothing about the rest. */
const PADDING_HU = -1024;
/** Fewer values beside the padding, as a share of all, show nothing. */
const FEWEST_SHARE = 0.01;

/** Above lie bone, dense contrast medium and metal, in HU spread widely; with water at 1000 all soft tissue, close together. */
const DENSE_HU = 500;
const SHIFTED_TISSUE_HU = [800, 1250] as const;
/** Of the dense values: 0.68 and more in 12 CT of trunks with 1000 added, 0.47 and less as they are. */
const SHIFTED_SHARE = 0.6;
/** Fat, lung and air, 0.43 and more of the same CT, and none of it with 1000 added: only a field of view inside of a skull has none. */
const DARK_HU = [PADDING_HU + 1, -50] as const;
const DARK_SHARE = 0.02;
/** The most frequent value of brain, or of muscle; that of air with 1000 or 1024 added is lower, and that of lung higher. */
const BRAIN_HU = [28, 90] as const;
/** Bone is less of the inside of a skull, temporal bones included. */
const MOST_BONE_SHARE = 0.5;
/** Share of values at which a lower end is a cut and no chance: noise has no such peak. */
const CUT_SHARE = 0.05;
/** In a cut-off scale, the values above its end occur, of so many HU so many; those of a CT may be rounded. */
const OCCUPIED_HU = 100;
const FEWEST_OCCUPIED = 12;
/** Air lies below in HU: an end above is a cut through tissue. */
const HIGHEST_AIR_HU = -500;
/** Electron density, atomic number and concentrations span less; fat and muscle are 100 HU apart. */
const NARROWEST_HU = 60;
/** All values above: the intercept of a scanner that stores offsets of 8,192 or 32,768. */
const BRIGHTEST_AIR_HU = 300;

/** @throws SamepointError volume/not-hounsfield */
export function requireHounsfield(values: Int16Array | Float32Array): void {
  const found = deviationFrom(new Histogram(values));
  if (found !== undefined) throw new SamepointError('volume/not-hounsfield', { found });
}

function deviationFrom(image: Histogram): string | undefined {
  const { total, low, high } = image;
  if (total < FEWEST_SHARE * image.samples || low === high) return undefined;
  if (low > BRIGHTEST_AIR_HU) return `the lowest are about ${String(low)}, where HU have air at -1000`;
  if (image.hasFractions && high - low < NARROWEST_HU)
    return `they span ${String(low)} to ${String(high)} only`;
  if (isShifted(image)) return 'soft tissue lies about 1000, where HU have it about 0';
  return isCut(image)
    ? `they are cut off at ${String(image.lowest)}, where HU go on to air at -1000`
    : undefined;
}

/** Whether soft tissue lies where HU have bone. Inside of a skull, bone may look so; but most of the rest is brain then. */
function isShifted(image: Histogram): boolean {
  const dense = image.share(DENSE_HU, HIGHEST);
  if (dense < FEWEST_SHARE || image.share(...DARK_HU) > DARK_SHARE) return false;
  const rest = image.mode(DARK_HU[1], DENSE_HU);
  const hasBrain = rest >= BRAIN_HU[0] && rest <= BRAIN_HU[1] && dense < MOST_BONE_SHARE;
  return !hasBrain && image.share(...SHIFTED_TISSUE_HU) > SHIFTED_SHARE * dense;
}

/** Whether many values are the lowest one. At 0 that is enough; elsewhere those above must occur, too: a phantom has few values. */
function isCut(image: Histogram): boolean {
  const { lowest } = image;
  if (lowest <= HIGHEST_AIR_HU || image.share(lowest, lowest) < CUT_SHARE) return false;
  return lowest === 0 || image.occupied(lowest, lowest + OCCUPIED_HU) > FEWEST_OCCUPIED;
}

/** Bins on both sides of one that count with it. */
const NEIGHBOURS = 2;

/** Values above the padding, in bins of 1 HU. */
class Histogram {
  readonly samples: number;
  readonly total: number;
  readonly hasFractions: boolean;
  readonly lowest: number;
  /** Without the lowest and highest 0.1 %. */
  readonly low: number;
  readonly high: number;
  readonly #bins = new Uint32Array(HIGHEST - LOWEST + 1);

  constructor(values: Int16Array | Float32Array) {
    const step = strideThrough(values.length);
    let fractions = 0;
    for (let index = 0; index < values.length; index += step) {
      const value = values[index] ?? 0;
      const bin = Math.floor(value);
      if (bin !== value) fractions += 1;
      const held = Math.min(HIGHEST, Math.max(LOWEST, bin)) - LOWEST;
      this.#bins[held] = (this.#bins[held] ?? 0) + 1;
    }
    this.samples = Math.ceil(values.length / step);
    this.hasFractions = fractions > 0;
    this.#bins.fill(0, 0, PADDING_HU - LOWEST + 1);
    this.total = this.#bins.reduce((sum, count) => sum + count, 0);
    this.lowest = this.#quantile(0);
    this.low = this.#quantile(0.001);
    this.high = this.#quantile(0.999);
  }

  /** Share of the values from `first` to `last`, both included. */
  share(first: number, last: number): number {
    return this.#between(first, last).reduce((sum, count) => sum + count, 0) / this.total;
  }

  /** How many values from `first` to `last` occur. */
  occupied(first: number, last: number): number {
    return this.#between(first, last).reduce((sum, count) => sum + Math.min(1, count), 0);
  }

  /** The most frequent value from `first` to `last`, of neighbours together, which noise shifts less. */
  mode(first: number, last: number): number {
    const counts = this.#between(first, last);
    let [best, most] = [first, -1];
    for (let bin = 0; bin < counts.length; bin += 1) {
      const near = counts.subarray(Math.max(0, bin - NEIGHBOURS), bin + NEIGHBOURS + 1);
      const sum = near.reduce((total, count) => total + count, 0);
      if (sum > most) [best, most] = [first + bin, sum];
    }
    return best;
  }

  #between(first: number, last: number): Uint32Array {
    return this.#bins.subarray(first - LOWEST, last - LOWEST + 1);
  }

  #quantile(share: number): number {
    let below = 0;
    const at = this.#bins.findIndex((count) => {
      below += count;
      return below > share * this.total;
    });
    return at + LOWEST;
  }
}

/** A step through the voxels that has no factor in common with their number, and so meets every column and row. */
function strideThrough(length: number): number {
  let step = Math.max(1, Math.floor(length / SAMPLES));
  while (commonFactor(length, step) > 1) step += 1;
  return step;
}

function commonFactor(a: number, b: number): number {
  return b === 0 ? a : commonFactor(b, a % b);
}
