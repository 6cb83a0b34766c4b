/**
 * Rays from a point in all directions. They are sampled as far as one of them is read: most questions are answered near the point.
 * @module
 */
import type { Vector } from '../../geometry/index.ts';
import { openRaysKernel } from './raysKernel.ts';
import type { RaysKernel } from './raysKernel.ts';

/** Longest ray, mm: a lesion of 44 mm and what is around it. */
const REACH_MM = 26;

/** How densely a place is sampled. */
export interface Sampling {
  /** Evenly spread over the sphere. */
  readonly directions: readonly Vector[];
  /** The number of the first one among all directions. */
  readonly first: number;
  /** Distance of the samples along a ray. */
  readonly stepMm: number;
}

/** Samples along a ray are half a voxel of the working image apart. */
export const FINE: Sampling = { directions: directionsOf(96), first: 0, stepMm: 1 };
/** A tenth of the samples. */
export const COARSE: Sampling = { directions: directionsOf(20), first: 96, stepMm: 2 };

/** Directions on the Fibonacci lattice. */
function directionsOf(count: number): Vector[] {
  return Array.from({ length: count }, (_, n) => {
    const z = 1 - (2 * n + 1) / count;
    const r = Math.sqrt(1 - z * z);
    const turn = n * Math.PI * (3 - Math.sqrt(5));
    return [r * Math.cos(turn), r * Math.sin(turn), z];
  });
}

/** What rays begin at: an offset (mm), and their directions. */
interface Origin {
  readonly from: Vector;
  readonly sampling: Sampling;
}

/** An image around a point, as rays read it: offsets in mm along the axes of the query. */
export interface RayImage {
  /** Writes for the kernel where the image lies. */
  readonly open: (kernel: RaysKernel) => void;
  /** Writes a shell: the values of all rays at a distance (mm), registration units, NaN where nothing was acquired. */
  readonly read: (kernel: RaysKernel, origin: Origin, shell: number, mm: number) => void;
}

/** Where the rays of a thread have met a surface. */
export interface Surface {
  /** How many rays have. */
  readonly found: number;
  /** Their distances, mm: median, and from the first quartile to the third. */
  readonly radiusMm: number;
  readonly rangeMm: number;
}

/** Rays of one origin at a time: all that is read of them counts until the next one is opened. One per thread. */
class Rays {
  readonly #kernel = openRaysKernel();
  #image: RayImage | undefined;
  #origin: Origin = { from: [0, 0, 0], sampling: FINE };
  readonly #isRead = new Uint8Array(REACH_MM / FINE.stepMm + 1);
  readonly #medians = new Float64Array(this.#isRead.length);

  constructor() {
    for (const { directions, first } of [FINE, COARSE])
      this.#kernel.directions.set(directions.flat(), 3 * first);
  }

  /** Opens the rays from a point (an offset, mm) of an image. */
  open(image: RayImage, from: Vector, sampling: Sampling): void {
    this.#origin = { from, sampling };
    this.#isRead.fill(0);
    this.#medians.fill(NaN);
    this.#kernel.run.open(sampling.first, sampling.directions.length, from[0], from[1], from[2]);
    this.turnTo(image);
  }

  /** Reads another image from now on; what was read stays. */
  turnTo(image: RayImage): void {
    this.#image = image;
    image.open(this.#kernel);
  }

  /** Samples of a ray, from the point on. */
  get samples(): number {
    return REACH_MM / this.#origin.sampling.stepMm + 1;
  }

  /** The median over all rays at a sample. */
  medianAt(sample: number): number {
    const known = this.#medians[sample] ?? NaN;
    return Number.isNaN(known) ? (this.#medians[sample] = this.medianOf(sample, 1)) : known;
  }

  /** The median over all rays and so many samples. */
  medianOf(first: number, count: number): number {
    for (let sample = first; sample < first + count; sample++) this.#sample(sample);
    return this.#kernel.run.medianOfShells(first, count);
  }

  /** The values of all rays at a distance (mm), which are kept as a shell of this number; valid until it is read again. */
  shellAt(shell: number, mm: number): Float64Array {
    this.#image?.read(this.#kernel, this.#origin, shell, mm);
    const rays = this.#origin.sampling.directions.length;
    return this.#kernel.shells.subarray(shell * rays, (shell + 1) * rays);
  }

  /** The median over the rays of how much two shells differ. */
  medianDifference(a: number, b: number): number {
    return this.#kernel.run.medianDifference(a, b);
  }

  /**
   * Follows each ray to where it comes out of the core.
   * @param limit what is outside differs from the core by more
   * @param outsideMm less is noise
   * @param leak a ray that is longer than so many medians has found another surface
   */
  surface(core: number, limit: number, outsideMm: number, leak: number): Surface {
    const { run } = this.#kernel;
    const { stepMm, directions } = this.#origin.sampling;
    this.#sample(0);
    run.openSurface();
    for (let n = 1, open = directions.length; n < this.samples && open > 0; n++) {
      this.#sample(n);
      open = run.follow(n, core, limit, stepMm, outsideMm);
    }
    const found = run.closeSurface(leak);
    const at = (share: number): number => run.distanceAt(found, Math.floor(share * found));
    return { found, radiusMm: run.distanceAt(found, found >> 1), rangeMm: at(0.75) - at(0.25) };
  }

  /** From where the rays begin halfway to the middle of the surface, mm; where none was found, it counts as `otherwiseMm` away. */
  shift(otherwiseMm: number): Vector {
    const { run, shift } = this.#kernel;
    run.shiftToMiddle(otherwiseMm);
    return [shift[0] ?? NaN, shift[1] ?? NaN, shift[2] ?? NaN];
  }

  /** Directions of the rays that have found no surface. */
  openDirections(): readonly Vector[] {
    const { surface } = this.#kernel;
    return this.#origin.sampling.directions.filter((_, ray) => Number.isNaN(surface[ray]));
  }

  #sample(sample: number): void {
    if (this.#isRead[sample] === 1) return;
    this.#isRead[sample] = 1;
    this.#image?.read(this.#kernel, this.#origin, sample, sample * this.#origin.sampling.stepMm);
  }
}

/** The rays of this thread. */
export const rays = new Rays();
