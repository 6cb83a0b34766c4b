/**
 * Fast Fourier transform of volumes, in place: Stockham's self-sorting form with the radices 4, 3 and 2 (Van Loan, "Computational
 * Frameworks for the Fast Fourier Transform", 1992). Lines are transformed in batches, so that the inner loops are long.
 * @module
 */
import { AXES } from '../geometry/index.ts';

type Dims = readonly [number, number, number];

/** Complex values on a lattice: i fastest, then j, then k. */
export interface ComplexVolume {
  readonly dims: Dims;
  readonly re: Float32Array;
  readonly im: Float32Array;
}

/** Lines that are transformed together. */
const BATCH = 32;
/** cos and sin of a third of a turn. */
const [COS_THIRD, SIN_THIRD] = [-0.5, Math.sqrt(3) / 2];

/** The smallest length of at least `count` whose only prime factors are 2 and 3. */
export function transformLength(count: number): number {
  for (let length = Math.max(Math.ceil(count), 1); ; length++) {
    let rest = length;
    while (rest % 2 === 0) rest /= 2;
    while (rest % 3 === 0) rest /= 3;
    if (rest === 1) return length;
  }
}

/** A volume of zeros. */
export function emptyVolume(dims: Dims): ComplexVolume {
  const count = dims[0] * dims[1] * dims[2];
  return { dims, re: new Float32Array(count), im: new Float32Array(count) };
}

/**
 * X(u) = sum over x of x(x) exp(-2 pi i sum of u_a x_a / n_a), in place.
 * @param filled beyond these sizes the volume is 0; lines of zeros are omitted
 * @throws RangeError for a size with a prime factor other than 2 and 3
 */
export function transform(volume: ComplexVolume, filled: Dims = volume.dims): void {
  for (const axis of AXES) transformAxis(volume, axis, filled);
}

/** The inverse of {@link transform}, in place. */
export function transformBack({ dims, re, im }: ComplexVolume): void {
  // With real and imaginary parts exchanged, forward is backward.
  transform({ dims, re: im, im: re });
  const count = re.length;
  for (let n = 0; n < count; n++) {
    re[n] = (re[n] ?? NaN) / count;
    im[n] = (im[n] ?? NaN) / count;
  }
}

function transformAxis({ dims, re, im }: ComplexVolume, axis: 0 | 1 | 2, filled: Dims): void {
  const line = lineOf(dims[axis]);
  const stride = ([1, dims[0], dims[0] * dims[1]] as const)[axis];
  const starts = startsOf(dims, axis, filled);
  for (let first = 0; first < starts.length; first += BATCH) {
    const batch = starts.subarray(first, first + BATCH);
    line.read(re, im, batch, stride);
    line.run();
    line.write(re, im, batch, stride);
  }
}

/** Flat indices of the first elements of the lines along an axis that are not zero: the axes before it are transformed already. */
function startsOf(dims: Dims, axis: 0 | 1 | 2, filled: Dims): Int32Array {
  const [nx, ny] = [axis === 0 ? 1 : dims[0], axis === 0 ? filled[1] : axis === 1 ? 1 : dims[1]];
  const nz = axis === 2 ? 1 : filled[2];
  const starts = new Int32Array(nx * ny * nz);
  let count = 0;
  for (let k = 0; k < nz; k++)
    for (let j = 0; j < ny; j++)
      for (let i = 0; i < nx; i++) starts[count++] = (k * dims[1] + j) * dims[0] + i;
  return starts;
}

const lines = new Map<number, Line>();

function lineOf(length: number): Line {
  const known = lines.get(length) ?? new Line(length);
  lines.set(length, known);
  return known;
}

/** Transforms a batch of lines of one length; keeps its tables and memory. */
class Line {
  readonly #length: number;
  readonly #radices: readonly number[];
  readonly #cos: Float64Array;
  readonly #sin: Float64Array;
  /** Element by element, the lines of the batch beside each other; a pass reads the first two and writes the others, then they change. */
  #from: readonly [re: Float64Array, im: Float64Array];
  #to: readonly [re: Float64Array, im: Float64Array];

  constructor(length: number) {
    this.#length = length;
    this.#radices = radicesOf(length);
    const angle = (n: number): number => (-2 * Math.PI * n) / length;
    this.#cos = Float64Array.from({ length }, (_, n) => Math.cos(angle(n)));
    this.#sin = Float64Array.from({ length }, (_, n) => Math.sin(angle(n)));
    const memory = (): Float64Array => new Float64Array(length * BATCH);
    this.#from = [memory(), memory()];
    this.#to = [memory(), memory()];
  }

  read(re: Float32Array, im: Float32Array, starts: Int32Array, stride: number): void {
    const [toRe, toIm] = this.#from;
    for (let b = 0; b < starts.length; b++) {
      let at = starts[b] ?? NaN;
      for (let n = b; n < toRe.length; n += BATCH, at += stride) {
        toRe[n] = re[at] ?? NaN;
        toIm[n] = im[at] ?? NaN;
      }
    }
  }

  write(re: Float32Array, im: Float32Array, starts: Int32Array, stride: number): void {
    const [fromRe, fromIm] = this.#from;
    for (let b = 0; b < starts.length; b++) {
      let at = starts[b] ?? NaN;
      for (let n = b; n < fromRe.length; n += BATCH, at += stride) {
        re[at] = fromRe[n] ?? NaN;
        im[at] = fromIm[n] ?? NaN;
      }
    }
  }

  run(): void {
    let [length, step] = [this.#length, BATCH];
    for (const radix of this.#radices) {
      if (radix === 4) this.#pass4(length / 4, step);
      else if (radix === 3) this.#pass3(length / 3, step);
      else this.#pass2(length / 2, step);
      [this.#from, this.#to] = [this.#to, this.#from];
      length /= radix;
      step *= radix;
    }
  }

  /** cos and sin of a share of a turn backward. */
  #turn(n: number): readonly [number, number] {
    return [this.#cos[n] ?? NaN, this.#sin[n] ?? NaN];
  }

  /** @param blocks parts of a transform that are done in this pass @param step numbers from one element to the next */
  #pass2(blocks: number, step: number): void {
    const [[re, im], [toRe, toIm]] = [this.#from, this.#to];
    const every = this.#length / (2 * blocks);
    for (let p = 0; p < blocks; p++) {
      const [c, s] = this.#turn(p * every);
      let out = 2 * step * p;
      for (let a = step * p, b = a + step * blocks; a < step * (p + 1); a++, b++, out++) {
        const aRe = re[a] ?? NaN;
        const aIm = im[a] ?? NaN;
        const bRe = re[b] ?? NaN;
        const bIm = im[b] ?? NaN;
        toRe[out] = aRe + bRe;
        toIm[out] = aIm + bIm;
        toRe[out + step] = (aRe - bRe) * c - (aIm - bIm) * s;
        toIm[out + step] = (aRe - bRe) * s + (aIm - bIm) * c;
      }
    }
  }

  #pass3(blocks: number, step: number): void {
    const [[re, im], [toRe, toIm]] = [this.#from, this.#to];
    const every = this.#length / (3 * blocks);
    for (let p = 0; p < blocks; p++) {
      const [c1, s1] = this.#turn(p * every);
      const [c2, s2] = [c1 * c1 - s1 * s1, 2 * c1 * s1];
      let out = 3 * step * p;
      for (let a = step * p; a < step * (p + 1); a++, out++) {
        const b = a + step * blocks;
        const d = b + step * blocks;
        const aRe = re[a] ?? NaN;
        const aIm = im[a] ?? NaN;
        const bRe = re[b] ?? NaN;
        const bIm = im[b] ?? NaN;
        const dRe = re[d] ?? NaN;
        const dIm = im[d] ?? NaN;
        const sumRe = bRe + dRe;
        const sumIm = bIm + dIm;
        const turnedRe = SIN_THIRD * (bIm - dIm);
        const turnedIm = -SIN_THIRD * (bRe - dRe);
        const midRe = aRe + COS_THIRD * sumRe;
        const midIm = aIm + COS_THIRD * sumIm;
        toRe[out] = aRe + sumRe;
        toIm[out] = aIm + sumIm;
        toRe[out + step] = (midRe + turnedRe) * c1 - (midIm + turnedIm) * s1;
        toIm[out + step] = (midRe + turnedRe) * s1 + (midIm + turnedIm) * c1;
        toRe[out + 2 * step] = (midRe - turnedRe) * c2 - (midIm - turnedIm) * s2;
        toIm[out + 2 * step] = (midRe - turnedRe) * s2 + (midIm - turnedIm) * c2;
      }
    }
  }

  #pass4(blocks: number, step: number): void {
    const [[re, im], [toRe, toIm]] = [this.#from, this.#to];
    const every = this.#length / (4 * blocks);
    for (let p = 0; p < blocks; p++) {
      const [c1, s1] = this.#turn(p * every);
      const [c2, s2] = [c1 * c1 - s1 * s1, 2 * c1 * s1];
      const [c3, s3] = [c1 * c2 - s1 * s2, c1 * s2 + s1 * c2];
      let out = 4 * step * p;
      for (let a = step * p; a < step * (p + 1); a++, out++) {
        const b = a + step * blocks;
        const d = b + step * blocks;
        const e = d + step * blocks;
        const aRe = re[a] ?? NaN;
        const aIm = im[a] ?? NaN;
        const bRe = re[b] ?? NaN;
        const bIm = im[b] ?? NaN;
        const dRe = re[d] ?? NaN;
        const dIm = im[d] ?? NaN;
        const eRe = re[e] ?? NaN;
        const eIm = im[e] ?? NaN;
        const evenRe = aRe + dRe;
        const evenIm = aIm + dIm;
        const oddRe = bRe + eRe;
        const oddIm = bIm + eIm;
        const acrossRe = aRe - dRe;
        const acrossIm = aIm - dIm;
        const turnedRe = bIm - eIm;
        const turnedIm = eRe - bRe;
        toRe[out] = evenRe + oddRe;
        toIm[out] = evenIm + oddIm;
        toRe[out + step] = (acrossRe + turnedRe) * c1 - (acrossIm + turnedIm) * s1;
        toIm[out + step] = (acrossRe + turnedRe) * s1 + (acrossIm + turnedIm) * c1;
        toRe[out + 2 * step] = (evenRe - oddRe) * c2 - (evenIm - oddIm) * s2;
        toIm[out + 2 * step] = (evenRe - oddRe) * s2 + (evenIm - oddIm) * c2;
        toRe[out + 3 * step] = (acrossRe - turnedRe) * c3 - (acrossIm - turnedIm) * s3;
        toIm[out + 3 * step] = (acrossRe - turnedRe) * s3 + (acrossIm - turnedIm) * c3;
      }
    }
  }
}

function radicesOf(length: number): readonly number[] {
  const radices: number[] = [];
  let rest = length;
  for (const radix of [4, 3, 2])
    while (rest % radix === 0) {
      radices.push(radix);
      rest /= radix;
    }
  if (rest !== 1)
    throw new RangeError(`no transform of length ${length}: it has another prime factor than 2 and 3`);
  return radices;
}
