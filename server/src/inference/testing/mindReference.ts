/**
 * The descriptors of models/mind-ssc once more, voxel by voxel from their definition: no ONNX, no separable filters, nothing
 * shared with build.py. Slow; for small volumes. Values are [z][y][x] of a Field, borders repeat.
 */

/** A scalar volume; `at` repeats the border. */
export interface Field {
  readonly dims: readonly [z: number, y: number, x: number];
  readonly at: (z: number, y: number, x: number) => number;
}

/** Vectors of a map at one voxel. */
export type Descriptor = (z: number, y: number, x: number) => number[];

/** A field from values in z, y, x order. */
export function field(dims: Field['dims'], values: ArrayLike<number>): Field {
  const clip = (index: number, size: number): number => Math.min(size - 1, Math.max(0, index));
  const [nz, ny, nx] = dims;
  return {
    dims,
    at: (z, y, x) => values[(clip(z, nz) * ny + clip(y, ny)) * nx + clip(x, nx)] ?? NaN,
  };
}

function fill(dims: Field['dims'], value: (z: number, y: number, x: number) => number): Field {
  const [nz, ny, nx] = dims;
  const values: number[] = [];
  for (let z = 0; z < nz; z += 1) {
    for (let y = 0; y < ny; y += 1) for (let x = 0; x < nx; x += 1) values.push(value(z, y, x));
  }
  return field(dims, values);
}

/** Mean over those of the 27 voxels around that exist. */
function smooth(source: Field): Field {
  const [nz, ny, nx] = source.dims;
  return fill(source.dims, (z, y, x) => {
    let [sum, count] = [0, 0];
    for (let k = Math.max(0, z - 1); k <= Math.min(nz - 1, z + 1); k += 1) {
      for (let j = Math.max(0, y - 1); j <= Math.min(ny - 1, y + 1); j += 1) {
        for (let i = Math.max(0, x - 1); i <= Math.min(nx - 1, x + 1); i += 1) {
          sum += source.at(k, j, i);
          count += 1;
        }
      }
    }
    return sum / count;
  });
}

const mean = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
const unit = (values: readonly number[]): number[] => values.map((value) => value / Math.hypot(...values));

/** Means of 2 x 2 x 2 blocks. */
function halve(source: Field): Field {
  const [nz, ny, nx] = source.dims;
  return fill([nz / 2, ny / 2, nx / 2], (z, y, x) =>
    mean(
      [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
        source.at(2 * z + (bits >> 2), 2 * y + ((bits >> 1) & 1), 2 * x + (bits & 1)),
      ),
    ),
  );
}

const SIX = [[-1, 0, 0], [1, 0, 0], [0, -1, 0], [0, 1, 0], [0, 0, -1], [0, 0, 1]] as const; // prettier-ignore
const NOISE_HU2 = 400;

/** 12 channels: exp(-(D - min D) / (mean D + noise)) - 1/2, scaled to length 1. Pairs in the order of SIX. */
function mind(image: Field, distance: number, passes: number): Descriptor {
  const seen =
    ([z, y, x]: (typeof SIX)[number]) =>
    (k: number, j: number, i: number): number =>
      image.at(k + z * distance, j + y * distance, i + x * distance);
  const distances: Field[] = [];
  SIX.forEach((first, a) => {
    SIX.slice(a + 1).forEach((second) => {
      if (first.every((step, axis) => step === -(second[axis] ?? 0))) return;
      let squared = fill(image.dims, (...voxel) => (seen(first)(...voxel) - seen(second)(...voxel)) ** 2);
      for (let pass = 0; pass < passes; pass += 1) squared = smooth(squared);
      distances.push(squared);
    });
  });
  return (...voxel) => {
    const values = distances.map(({ at }) => at(...voxel));
    const lowest = Math.min(...values);
    const above = values.map((value) => value - lowest);
    return unit(above.map((value) => Math.exp(-value / (mean(above) + NOISE_HU2)) - 0.5));
  };
}

const HU = [-1000, -700, -150, 0, 100, 600] as const;
const PART = [0, 0.25, 0.45, 0.62, 0.82, 1] as const;

/** Intensity as an angle between 0 and 126 degrees. */
function angle(hounsfield: number): number {
  const clipped = Math.min(600, Math.max(-1000, hounsfield));
  const segment = Math.min(
    4,
    HU.findLastIndex((knot) => knot <= clipped),
  );
  const [low, high] = [HU[segment] ?? 0, HU[segment + 1] ?? 0];
  const [start, end] = [PART[segment] ?? 0, PART[segment + 1] ?? 0];
  return (start + ((end - start) * (clipped - low)) / (high - low)) * 0.7 * Math.PI;
}

const circle = (angles: readonly number[], weight = 1): number[] =>
  [...angles.map(Math.cos), ...angles.map(Math.sin)].map(
    (value) => (weight * value) / Math.sqrt(angles.length),
  );

/** The 26 channels of the fine map. */
export function fineReference(image: Field): Descriptor {
  const [near, far, smoothed] = [mind(image, 1, 1), mind(image, 2, 2), smooth(image)];
  return (...voxel) => [...near(...voxel), ...far(...voxel), ...circle([angle(smoothed.at(...voxel))])];
}

/** Mean of a descriptor over the 8 voxels of the next finer level. */
function halved(finer: Descriptor): Descriptor {
  return (z, y, x) => {
    const parts = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
      finer(2 * z + (bits >> 2), 2 * y + ((bits >> 1) & 1), 2 * x + (bits & 1)),
    );
    return (parts[0] ?? []).map((_, channel) => mean(parts.map((part) => part[channel] ?? NaN)));
  };
}

function surroundings(image: Field, distance: number): Descriptor {
  return (k, j, i) =>
    circle(
      SIX.map(([z, y, x]) => angle(image.at(k + z * distance, j + y * distance, i + x * distance))),
      2,
    );
}

/** cos, sin of the place of a voxel along y or x in the box around the body (above -500 HU) of its axial slice. */
function place(image: Field, along: 'y' | 'x'): Descriptor {
  const [, ny, nx] = image.dims;
  const [length, across] = along === 'y' ? [ny, nx] : [nx, ny];
  /** First and last line of each slice that crosses the body. */
  const bounds = Array.from({ length: image.dims[0] }, (_, z) => {
    const crosses = Array.from({ length }, (__, index) => {
      const line = Array.from({ length: across }, (___, other) =>
        along === 'y' ? image.at(z, index, other) : image.at(z, other, index),
      );
      return line.filter((value) => value > -500).length / across > 0.03;
    });
    return crosses.includes(true) ? [crosses.indexOf(true), crosses.lastIndexOf(true)] : [length, -1];
  });
  return (z, y, x) => {
    const [first = 0, last = 0] = bounds[z] ?? [];
    const part = ((along === 'y' ? y : x) - first) / Math.max(1, last - first);
    return circle([Math.min(1, Math.max(0, part)) * 0.8 * Math.PI], 4 / Math.SQRT2);
  };
}

/** The 66 channels of the coarse map. */
export function coarseReference(image: Field): Descriptor {
  const up = (size: number): number => Math.ceil(size / 4) * 4;
  const [nz, ny, nx] = image.dims;
  const level4 = fill([up(nz), up(ny), up(nx)], image.at);
  const level8 = halve(level4);
  const level16 = halve(level8);
  const smooth16 = smooth(level16);
  const parts = [
    halved(mind(level8, 2, 2)),
    mind(level16, 2, 2),
    (z: number, y: number, x: number) => circle([angle(smooth16.at(z, y, x))]),
    halved(surroundings(smooth(level8), 2)),
    surroundings(level16, 2),
    surroundings(smooth16, 4),
    halved(halved(place(level4, 'y'))),
    halved(halved(place(level4, 'x'))),
  ];
  return (...voxel) => parts.flatMap((part) => part(...voxel));
}
