import {
  axisStep,
  invert,
  lpsPoint,
  spacingOf,
  toLps,
  toVoxel,
  voxelIndex,
  withOriginAt,
} from '../../server/src/geometry/index.ts';
import type { Affine, LpsPoint } from '../../server/src/geometry/index.ts';
import type { Volume } from '../../server/src/volume/types.ts';
import type { Box, SmoothMap, SmoothMapSpec } from '../../server/src/phantom/index.ts';
import { createRandom, randomUid, drawSmoothMap, ScannerNoise } from '../../server/src/phantom/index.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { floor, max, min, round } = Math;

/** The cases of the accuracy protocol: what lies between the two scans. */
export type FollowUpCase = 'easy' | 'strong' | 'crop' | 'thick' | 'thick5' | 'thick7.5';

interface CaseSpec extends SmoothMapSpec {
  readonly noiseHu: number;
  /** Share of the length and of the width that the follow-up covers. */
  readonly length: number;
  readonly width: number;
  /** Slice spacing of the follow-up, mm; undefined keeps the original's. */
  readonly sliceMm?: number;
  /** Remaining fraction of the contrast agent's enhancement; 1 keeps the phase. */
  readonly enhancement: number;
}

/** What the cases of thicker slices share; the contrast phase stays unless a case says otherwise. */
const THICK = {
  fields: [
    { amplitudeMm: 12, knotMm: 70 },
    { amplitudeMm: 2, knotMm: 30 },
  ],
  rotationDeg: [0, 0, 4],
  shiftMm: [10, 10, 25],
  noiseHu: 15,
  length: 1,
  width: 1,
  enhancement: 1,
} as const;

/** The benchmark protocol: fields, rotation, shift, noise and what else differs. */
const CASES: Readonly<Record<FollowUpCase, CaseSpec>> = {
  easy: {
    fields: [
      { amplitudeMm: 8, knotMm: 80 },
      { amplitudeMm: 1.5, knotMm: 30 },
    ],
    rotationDeg: [0, 0, 3],
    shiftMm: [8, 8, 20],
    noiseHu: 10,
    length: 1,
    width: 1,
    enhancement: 1,
  },
  strong: {
    fields: [
      { amplitudeMm: 22, knotMm: 70 },
      { amplitudeMm: 3, knotMm: 30 },
    ],
    rotationDeg: [0, 0, 5],
    shiftMm: [15, 15, 25],
    noiseHu: 15,
    length: 1,
    width: 1,
    enhancement: 1,
  },
  crop: {
    fields: [
      { amplitudeMm: 12, knotMm: 70 },
      { amplitudeMm: 2, knotMm: 30 },
    ],
    rotationDeg: [0, 0, 4],
    shiftMm: [15, 15, 50],
    noiseHu: 15,
    length: 0.55,
    width: 0.88,
    enhancement: 1,
  },
  thick: { ...THICK, noiseHu: 25, sliceMm: 5, enhancement: 0.35 },
  thick5: { ...THICK, sliceMm: 5 },
  'thick7.5': { ...THICK, sliceMm: 7.5 },
};

/** A scan made from another one by a known smooth map. */
export interface FollowUp {
  readonly followUp: Volume;
  /** T: a point of the follow-up to the same point of the original; LPS, mm. Exact. */
  toOriginal(followUp: LpsPoint): LpsPoint;
  /** The inverse of T, accurate to 1e-6 mm. */
  toFollowUp(original: LpsPoint): LpsPoint;
}

/** HU outside the field of view. */
const OUTSIDE_HU = -1024;
/** Points on the body: voxels above this HU (lungs are reached from around them), every SAMPLE_MM. */
const BODY_HU = -300;
const SAMPLE_MM = 20;
/** Enhanced soft tissue lies between these, HU; above is bone, which keeps its HU. */
const [ENHANCED_FROM_HU, BONE_FROM_HU, BONE_FULL_HU] = [60, 250, 400];
/** Samples over the thickness of a slice that is thicker than the original's. */
const SLAB_SAMPLES = 3;

function boxOf({ dims, voxelToLps }: Pick<Volume, 'dims' | 'voxelToLps'>): Box {
  const corners = [0, 1, 2, 3, 4, 5, 6, 7].map((bits) =>
    toLps(
      voxelToLps,
      voxelIndex(bits & 1 ? dims[0] - 1 : 0, bits & 2 ? dims[1] - 1 : 0, bits & 4 ? dims[2] - 1 : 0),
    ),
  );
  const bound = (axis: 0 | 1 | 2, pick: (...values: number[]) => number): number =>
    pick(...corners.map((corner) => corner[axis]));
  return {
    min: [bound(0, min), bound(1, min), bound(2, min)],
    max: [bound(0, max), bound(1, max), bound(2, max)],
  };
}

/** Reads a volume between its voxels. */
class Sampler {
  readonly #volume: Volume;
  readonly #inverse: Affine;

  constructor(volume: Volume) {
    this.#volume = volume;
    this.#inverse = invert(volume.voxelToLps);
  }

  /** Trilinear value at a world point; {@link OUTSIDE_HU} outside the grid. */
  at(x: number, y: number, z: number): number {
    const m = this.#inverse;
    const [nx, ny, nz] = this.#volume.dims;
    const i = m[0] * x + m[1] * y + m[2] * z + m[3];
    const j = m[4] * x + m[5] * y + m[6] * z + m[7];
    const k = m[8] * x + m[9] * y + m[10] * z + m[11];
    if (!(i >= 0 && j >= 0 && k >= 0 && i <= nx - 1 && j <= ny - 1 && k <= nz - 1)) return OUTSIDE_HU;
    const i0 = min(floor(i), max(0, nx - 2));
    const j0 = min(floor(j), max(0, ny - 2));
    const k0 = min(floor(k), max(0, nz - 2));
    const near = this.#plane(i0, j0, k0, i - i0, j - j0);
    return k === k0 ? near : near + (k - k0) * (this.#plane(i0, j0, k0 + 1, i - i0, j - j0) - near);
  }

  #plane(i: number, j: number, k: number, fi: number, fj: number): number {
    const [nx, ny] = this.#volume.dims;
    const v = this.#volume.data;
    const at = i + nx * (j + ny * k);
    const right = nx > 1 ? at + 1 : at;
    const down = ny > 1 ? nx : 0;
    const top = (v[at] ?? NaN) * (1 - fi) + (v[right] ?? NaN) * fi;
    const bottom = (v[at + down] ?? NaN) * (1 - fi) + (v[right + down] ?? NaN) * fi;
    return top * (1 - fj) + bottom * fj;
  }
}

/** World points on the body on a regular lattice. */
function bodyPoints(volume: Volume): LpsPoint[] {
  const sampler = new Sampler(volume);
  const { min, max } = boxOf(volume);
  const points: LpsPoint[] = [];
  for (let z = min[2]; z <= max[2]; z += SAMPLE_MM) {
    for (let y = min[1]; y <= max[1]; y += SAMPLE_MM) {
      for (let x = min[0]; x <= max[0]; x += SAMPLE_MM) {
        if (sampler.at(x, y, z) > BODY_HU) points.push(lpsPoint(x, y, z));
      }
    }
  }
  return points;
}

/** The follow-up's grid: the original's axes, a centred share of its extent, and perhaps thicker slices. */
function followUpGrid(volume: Volume, spec: CaseSpec): Pick<Volume, 'dims' | 'voxelToLps'> {
  const [nx, ny, nz] = volume.dims;
  const sliceMm = spacingOf(volume.voxelToLps)[2];
  const stretch = (spec.sliceMm ?? sliceMm) / sliceMm;
  const dims = [
    max(1, round(nx * spec.width)),
    max(1, round(ny * spec.width)),
    max(1, floor((nz * spec.length) / stretch)),
  ] as const;
  const first = voxelIndex((nx - dims[0]) / 2, (ny - dims[1]) / 2, (nz - 1 - (dims[2] - 1) * stretch) / 2);
  const shifted = withOriginAt(volume.voxelToLps, first);
  const thicker: Affine = [
    shifted[0], shifted[1], shifted[2] * stretch, shifted[3],
    shifted[4], shifted[5], shifted[6] * stretch, shifted[7],
    shifted[8], shifted[9], shifted[10] * stretch, shifted[11],
  ]; // prettier-ignore
  return { dims, voxelToLps: thicker };
}

/** Another contrast phase: soft tissue loses part of its enhancement, bone keeps its HU. */
function rephased(hu: number, enhancement: number): number {
  if (enhancement === 1 || hu <= ENHANCED_FROM_HU || hu >= BONE_FULL_HU) return hu;
  const washed = ENHANCED_FROM_HU + (hu - ENHANCED_FROM_HU) * enhancement;
  const bone = max(0, (hu - BONE_FROM_HU) / (BONE_FULL_HU - BONE_FROM_HU));
  return washed + (hu - washed) * bone;
}

/** Offsets over a slice along its normal axis, in slices, that are averaged into one voxel. */
function slabOffsets(spec: CaseSpec): readonly number[] {
  if (spec.sliceMm === undefined) return [0];
  return Array.from({ length: SLAB_SAMPLES }, (_, n) => (n + 0.5) / SLAB_SAMPLES - 0.5);
}

/** Fills one row of the follow-up with F(y) = V(T(y)), averaged over the slab. */
function fillRow(
  row: Float64Array,
  grid: Pick<Volume, 'dims' | 'voxelToLps'>,
  at: readonly [number, number],
  warp: { readonly map: SmoothMap; readonly sampler: Sampler; readonly offsets: readonly number[] },
): void {
  const columns = grid.dims[0];
  const places = new Float64Array(3 * columns);
  const [stepX, stepY, stepZ] = axisStep(grid.voxelToLps, 0);
  row.fill(0);
  for (const offset of warp.offsets) {
    const start = toLps(grid.voxelToLps, voxelIndex(0, at[0], at[1] + offset));
    if (stepY === 0 && stepZ === 0) warp.map.alongX(start, stepX, columns, places);
    else placesOneByOne(warp.map, start, [stepX, stepY, stepZ], places);
    for (let i = 0; i < columns; i++) {
      const value = warp.sampler.at(places[3 * i] ?? NaN, places[3 * i + 1] ?? NaN, places[3 * i + 2] ?? NaN);
      row[i] = (row[i] ?? NaN) + value / warp.offsets.length;
    }
  }
}

function placesOneByOne(
  map: SmoothMap,
  start: LpsPoint,
  step: readonly [number, number, number],
  places: Float64Array,
): void {
  for (let i = 0; 3 * i < places.length; i++) {
    const y = lpsPoint(start[0] + i * step[0], start[1] + i * step[1], start[2] + i * step[2]);
    places.set(map.apply(y), 3 * i);
  }
}

function warpVoxels(
  volume: Volume,
  grid: Pick<Volume, 'dims' | 'voxelToLps'>,
  map: SmoothMap,
  spec: CaseSpec,
  seed: number,
): Int16Array {
  const [nx, ny, nz] = grid.dims;
  const data = new Int16Array(nx * ny * nz);
  const warp = { map, sampler: new Sampler(volume), offsets: slabOffsets(spec) };
  const noise = new ScannerNoise(spec.noiseHu, seed, 'follow-up');
  const noiseSlice = new Float32Array(nx * ny);
  const row = new Float64Array(nx);
  for (let k = 0, at = 0; k < nz; k++) {
    noise.slice(nx, ny, noiseSlice);
    for (let j = 0; j < ny; j++) {
      fillRow(row, grid, [j, k], warp);
      for (let i = 0; i < nx; i++, at++) {
        const hu = rephased(row[i] ?? NaN, spec.enhancement);
        data[at] = max(OUTSIDE_HU, round(hu + (noiseSlice[j * nx + i] ?? NaN)));
      }
    }
  }
  return data;
}

/** Own study, series, frame of reference and instances. */
function newIdentity(seed: number, name: string, slices: number, sopClassUid: string) {
  const random = createRandom(seed, `uids ${name}`);
  return {
    studyInstanceUid: randomUid(random),
    seriesInstanceUid: randomUid(random),
    frameOfReferenceUid: randomUid(random),
    slices: Array.from({ length: slices }, () => ({ sopClassUid, sopInstanceUid: randomUid(random) })),
  };
}

/**
 * Makes a follow-up scan F of a real one by the accuracy protocol: F(y) = V(T(y)) with a known smooth map T, noise, and what
 * the case adds (a smaller field of view; thick slices in another contrast phase). It has UIDs and a frame of reference of its own.
 * @param volume CT, values in HU.
 * @throws RangeError when the volume holds no body to deform.
 */
export function makeFollowUp(volume: Volume, name: FollowUpCase, seed: number): FollowUp {
  const spec = CASES[name];
  const body = bodyPoints(volume);
  if (body.length === 0) throw new RangeError(`no voxel above ${BODY_HU} HU: nothing to deform`);
  const map = drawSmoothMap(spec, boxOf(volume), body, seed);
  const grid = followUpGrid(volume, spec);
  const sopClassUid = volume.slices[0]?.sopClassUid ?? '';
  const followUp: Volume = {
    ...grid,
    data: warpVoxels(volume, grid, map, spec, seed),
    ...newIdentity(seed, name, grid.dims[2], sopClassUid),
    modality: volume.modality,
    warnings: [],
  };
  return {
    followUp,
    toOriginal: (y) => map.apply(y),
    toFollowUp: (x) => map.inverse(x),
  };
}

/** True where a world point lies inside a volume, at least `marginMm` from its faces. */
export function isInside(
  volume: Pick<Volume, 'dims' | 'voxelToLps'>,
  point: LpsPoint,
  marginMm: number,
): boolean {
  const index = toVoxel(invert(volume.voxelToLps), point);
  const spacing = spacingOf(volume.voxelToLps);
  return index.every((at, axis) => {
    const margin = marginMm / (spacing[axis] ?? NaN);
    return at >= margin && at <= (volume.dims[axis] ?? NaN) - 1 - margin;
  });
}
