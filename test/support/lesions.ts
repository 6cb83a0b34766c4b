/**
 * Lesions painted into a real CT: a rounded, lobulated body of its own density, texture and noise with a soft edge, which either
 * replaces the tissue or pushes it aside by a smooth local map. Shares no code with what finds them.
 * @module
 */
import { invert, lpsPoint, spacingOf, toLps, toVoxel, voxelIndex } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { createRandom } from '../../server/src/phantom/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';

/** One lesion in one scan. */
export interface Lesion {
  /** LPS, mm; in the scan and in the anatomy without the lesion: a mass effect does not move it. */
  readonly centre: LpsPoint;
  /** Of the sphere of about its volume, mm; above 0. */
  readonly radiusMm: number;
  /** Mean HU, and the standard deviations of its texture and of the scanner's noise. */
  readonly hu: number;
  readonly textureHu: number;
  readonly noiseHu: number;
  /** Tissue in its middle has this share of its width: 0 replaces the tissue, 0.5 pushes half of it aside. Below 0.9. */
  readonly massEffect: number;
  readonly seed: number;
}

/** The edge is not sharper than this, mm: from all to nothing. */
const EDGE_MM = 2;
/** Largest deviation of the radius from its mean, and how many lobes. */
const LOBULATION = 0.12;
const LOBES = 4;
/** Waves of the texture, and their lengths, mm. */
const WAVES = 8;
const [SHORTEST_WAVE_MM, LONGEST_WAVE_MM] = [5, 16];
/** Tissue is pushed as far as this many radii (1 / e of the strongest), and where no more than 0.01 mm remains, nothing is. */
const PUSH_RADII = 1.5;
const PUSH_END = 3;
/** A slice of a thick series is averaged over so many samples. */
const SLAB_SAMPLES = 5;
const LEAST_HU = -1024;

type Direction = readonly [number, number, number];

/** The random parts of a lesion. */
interface Look {
  readonly lobes: readonly { readonly along: Direction; readonly by: number }[];
  readonly waves: readonly { readonly along: Direction; readonly phase: number }[];
}

function lookOf(seed: number): Look {
  const random = createRandom(seed, 'lesion');
  const direction = (): Direction => {
    const [x, y, z] = [random.normal(), random.normal(), random.normal()];
    const length = Math.hypot(x, y, z) || 1;
    return [x / length, y / length, z / length];
  };
  return {
    lobes: Array.from({ length: LOBES }, () => ({ along: direction(), by: random.between(-1, 1) })),
    waves: Array.from({ length: WAVES }, () => {
      const [x, y, z] = direction();
      const k = (2 * Math.PI) / random.between(SHORTEST_WAVE_MM, LONGEST_WAVE_MM);
      return { along: [k * x, k * y, k * z] as const, phase: random.between(0, 2 * Math.PI) };
    }),
  };
}

function dot([x, y, z]: Direction, [a, b, c]: readonly number[]): number {
  return x * (a ?? NaN) + y * (b ?? NaN) + z * (c ?? NaN);
}

/** Share of the lesion at an offset from its centre (mm): 1 inside, 0 outside, 0.5 on its surface. */
function shareAt({ radiusMm }: Lesion, { lobes }: Look, offset: Direction): number {
  const distance = Math.hypot(...offset);
  if (distance > radiusMm * (1 + LOBULATION) + EDGE_MM) return 0;
  // Second harmonics: both ends of an axis alike, so that the centre stays the centre.
  const shape = lobes.reduce(
    (sum, { along, by }) => sum + (by * (3 * (dot(along, offset) / (distance || 1)) ** 2 - 1)) / 2,
    0,
  );
  const surface = radiusMm * (1 + (LOBULATION * shape) / LOBES);
  return Math.min(Math.max(0.5 + (surface - distance) / EDGE_MM, 0), 1);
}

function textureAt({ waves }: Look, offset: Direction): number {
  const sum = waves.reduce((total, { along, phase }) => total + Math.cos(dot(along, offset) + phase), 0);
  return sum * Math.sqrt(2 / WAVES);
}

/**
 * Where the tissue at a place of the scan with the lesion is in the anatomy without it; both LPS, mm. Smooth and one to one; the
 * centre stays.
 */
export function withoutMassEffect({ centre, radiusMm, massEffect }: Lesion, place: LpsPoint): LpsPoint {
  const [x, y, z] = [place[0] - centre[0], place[1] - centre[1], place[2] - centre[2]];
  const reach = PUSH_RADII * radiusMm;
  const squared = (x * x + y * y + z * z) / (reach * reach);
  const scale = 1 - massEffect * Math.exp(-squared);
  return lpsPoint(centre[0] + scale * x, centre[1] + scale * y, centre[2] + scale * z);
}

/** Trilinear; the nearest voxel's value outside. */
function valueAt({ data, dims }: Volume, index: readonly [number, number, number]): number {
  const low = index.map((at, axis) =>
    Math.min(Math.max(Math.floor(at), 0), Math.max((dims[axis] ?? 1) - 2, 0)),
  );
  const fractions = index.map((at, axis) => Math.min(Math.max(at - (low[axis] ?? NaN), 0), 1));
  let sum = 0;
  for (let corner = 0; corner < 8; corner++) {
    let [weight, at, stride] = [1, 0, 1];
    for (let axis = 0; axis < 3; axis++) {
      const isNext = (corner >> axis) & 1;
      const fraction = fractions[axis] ?? NaN;
      weight *= isNext === 1 ? fraction : 1 - fraction;
      at += stride * Math.min((low[axis] ?? NaN) + isNext, (dims[axis] ?? NaN) - 1);
      stride *= dims[axis] ?? NaN;
    }
    if (weight > 0) sum += weight * (data[at] ?? NaN);
  }
  return sum;
}

/** Offsets (mm along z) over a slice that are averaged. */
function slabOf(sliceMm: number): readonly number[] {
  return Array.from({ length: SLAB_SAMPLES }, (_, n) => ((n + 0.5) / SLAB_SAMPLES - 0.5) * sliceMm);
}

/** First and last index along an axis within a reach of a lesion's centre. */
function rangeAround(at: number, reach: number, count: number): readonly [first: number, last: number] {
  return [Math.max(Math.ceil(at - reach), 0), Math.min(Math.floor(at + reach), count - 1)];
}

/** Paints one lesion; reads the tissue from `before`. */
function paint(volume: Volume, before: Volume, lesion: Lesion): void {
  const { dims, voxelToLps, data } = volume;
  const inverse = invert(voxelToLps);
  const spacing = spacingOf(voxelToLps);
  const look = lookOf(lesion.seed);
  const noise = createRandom(lesion.seed, 'lesion noise');
  const { centre, radiusMm, massEffect } = lesion;
  const reach = massEffect > 0 ? PUSH_END * PUSH_RADII * radiusMm : radiusMm * (1 + LOBULATION) + EDGE_MM;
  const middle = toVoxel(inverse, centre);
  const range = (axis: 0 | 1 | 2) => rangeAround(middle[axis], reach / spacing[axis] + 1, dims[axis]);
  const [[i0, i1], [j0, j1], [k0, k1]] = [range(0), range(1), range(2)];
  const slab = slabOf(spacing[2]);
  for (let k = k0; k <= k1; k++)
    for (let j = j0; j <= j1; j++)
      for (let i = i0; i <= i1; i++) {
        const [px, py, pz] = toLps(voxelToLps, voxelIndex(i, j, k));
        const offset: Direction = [px - centre[0], py - centre[1], pz - centre[2]];
        if (Math.hypot(offset[0], offset[1]) > reach) continue;
        const at = i + dims[0] * (j + dims[1] * k);
        const tissue =
          massEffect > 0
            ? valueAt(before, toVoxel(inverse, withoutMassEffect(lesion, lpsPoint(px, py, pz))))
            : (before.data[at] ?? NaN);
        const share = slab.reduce(
          (sum, dz) => sum + shareAt(lesion, look, [offset[0], offset[1], offset[2] + dz]) / slab.length,
          0,
        );
        if (share === 0 && massEffect === 0) continue;
        const own = lesion.hu + lesion.textureHu * textureAt(look, offset) + lesion.noiseHu * noise.normal();
        data[at] = Math.max(LEAST_HU, Math.round(tissue + share * (own - tissue)));
      }
}

/**
 * The volume with lesions. They must not reach into one another; the mass effect of one may move another.
 * @param volume CT with LPS axes, values in HU; unchanged
 */
export function withLesions(volume: Volume, lesions: readonly Lesion[]): Volume {
  const painted: Volume = { ...volume, data: volume.data.slice() };
  // A mass effect moves what is around it, other lesions included: each is painted into the scan with those before it.
  for (const lesion of lesions) paint(painted, { ...painted, data: painted.data.slice() }, lesion);
  return painted;
}
