/**
 * The directions of an image's edges, without their sign and size: two images of one anatomy agree in them whatever their contrast
 * (normalised gradient fields, Haber & Modersitzki, MICCAI 2006).
 * @module
 */
import type { Embedding } from '../../embedding/types.ts';
import {
  affineFromColumns,
  AXES,
  compose,
  invert,
  perAxis,
  spacingOf,
  toLps,
  voxelIndex,
} from '../../geometry/index.ts';
import type { Affine, LpsPoint } from '../../geometry/index.ts';
import type { Grid } from '../../search/index.ts';

/** Bound once: a global look-up each time is slow in test sandboxes. */
const { abs, ceil, floor, max, min, round, sqrt } = Math;

type Triple = readonly [number, number, number];

/** A reduced image along the patient axes. */
export interface GradientImage {
  readonly dims: Triple;
  /** Edge of a voxel, mm; the same along all axes. */
  readonly spacingMm: number;
  /** Centre of the first voxel, LPS mm. */
  readonly origin: LpsPoint;
  /** Gradient divided by its length and the noise together, three per voxel: length 0 to 1. 0 outside the body and at the volume's faces. */
  readonly normals: Float32Array;
}

/** CT is clipped to these HU: metal and air say nothing more. */
const CT_RANGE_HU = [-1000, 600] as const;
/** MR and PET are clipped at this percentile. */
const BRIGHTEST = 0.995;
/** So many numbers are enough for a percentile. */
const MOST_SORTED = 50_000;
/** A gradient as strong as this share of the body's is half an edge. */
const NOISE_PERCENTILE = 0.6;
/** Edges this near to the body count: its skin, mm. */
const SKIN_MM = 8;

/** The image of an embedding, reduced to about the given spacing by means of blocks. */
export function gradientImageOf(
  { image, volume, bodyMask, maps }: Embedding,
  aboutMm: number,
): GradientImage {
  const [spacing] = spacingOf(image.grid.voxelToLps);
  const block = max(1, round(aboutMm / spacing));
  const dims = perAxis((axis) => max(1, floor(image.grid.dims[axis] / block)));
  const middle = (block - 1) / 2;
  const origin = toLps(image.grid.voxelToLps, voxelIndex(middle, middle, middle));
  const spacingMm = block * spacing;
  const values = clipped(blockMeans(image, dims, block), volume.modality === 'CT');
  const grid = { dims, spacingMm, origin };
  return { ...grid, normals: normalsOf(values, dims, validOf(grid, { volume, bodyMask, maps })) };
}

function blockMeans({ grid, values, scale }: Embedding['image'], dims: Triple, block: number): Float32Array {
  const [nx, ny] = grid.dims;
  const means = new Float32Array(dims[0] * dims[1] * dims[2]);
  const share = scale / block ** 3;
  for (let k = 0; k < dims[2] * block; k++)
    for (let j = 0; j < dims[1] * block; j++) {
      const row = (floor(k / block) * dims[1] + floor(j / block)) * dims[0];
      const from = (k * ny + j) * nx;
      for (let i = 0; i < dims[0] * block; i++) {
        const to = row + floor(i / block);
        means[to] = (means[to] ?? NaN) + share * (values[from + i] ?? NaN);
      }
    }
  return means;
}

function clipped(values: Float32Array, isCt: boolean): Float32Array {
  const [low, high] = isCt ? CT_RANGE_HU : [-Infinity, percentile(values, BRIGHTEST)];
  return values.map((value) => min(max(value, low), high));
}

/** @returns the value below which a share of the numbers lies, to a fifth of a percent: only a part of them, evenly spread, is sorted */
function percentile(values: Float32Array, share: number): number {
  const every = ceil(values.length / MOST_SORTED);
  const sorted = values.filter((_, at) => at % every === 0).sort();
  return sorted[floor((sorted.length - 1) * share)] ?? NaN;
}

type Geometry = Pick<GradientImage, 'dims' | 'spacingMm' | 'origin'>;

/** 1 for voxels whose neighbours are in the volume (oblique volumes have padded corners), in the body or near its skin. */
function validOf(
  geometry: Geometry,
  { volume, bodyMask, maps }: Pick<Embedding, 'volume' | 'bodyMask' | 'maps'>,
): Uint8Array {
  const { dims, spacingMm } = geometry;
  const fine = maps.find(({ role }) => role === 'fine')?.grid;
  const inBody = fine === undefined ? undefined : bodyOn(geometry, bodyMask, fine);
  const isValid = insideOf(geometry, volume);
  if (inBody === undefined) return isValid;
  const near = dilated(inBody, dims, max(1, round(SKIN_MM / spacingMm)));
  return isValid.map((valid, at) => valid & (near[at] ?? 0));
}

/** 1 for voxels whose neighbours along the axes lie between the outer voxel centres of a volume. */
function insideOf({ dims, spacingMm, origin }: Geometry, volume: Embedding['volume']): Uint8Array {
  const m = compose(invert(volume.voxelToLps), worldOf(spacingMm, origin));
  const rowOf = (axis: 0 | 1 | 2): Row => [
    m[4 * axis] ?? NaN,
    m[4 * axis + 1] ?? NaN,
    m[4 * axis + 2] ?? NaN,
    m[4 * axis + 3] ?? NaN,
  ];
  const rows = AXES.map((axis) => {
    const row = rowOf(axis);
    const margin = max(abs(row[0]), abs(row[1]), abs(row[2])) - 0.5;
    return { row, low: margin, high: volume.dims[axis] - 1 - margin };
  });
  const isIn = new Uint8Array(dims[0] * dims[1] * dims[2]).fill(1);
  for (const { row, low, high } of rows) {
    for (let k = 0, at = 0; k < dims[2]; k++)
      for (let j = 0; j < dims[1]; j++)
        for (let i = 0; i < dims[0]; i++, at++) {
          const index = row[0] * i + row[1] * j + row[2] * k + row[3];
          if (index < low || index > high) isIn[at] = 0;
        }
  }
  return isIn;
}

type Row = readonly [number, number, number, number];

function worldOf(spacingMm: number, origin: LpsPoint): Affine {
  return affineFromColumns([spacingMm, 0, 0], [0, spacingMm, 0], [0, 0, spacingMm], origin);
}

/** The body mask of a grid along the patient axes at the nearest voxels of another one. */
function bodyOn({ dims, spacingMm, origin }: Geometry, mask: Uint8Array, grid: Grid): Uint8Array {
  const m = compose(invert(grid.voxelToLps), worldOf(spacingMm, origin));
  const indices = perAxis((axis) =>
    Int32Array.from({ length: dims[axis] }, (_, n) => {
      const index = round((m[5 * axis] ?? NaN) * n + (m[4 * axis + 3] ?? NaN));
      return min(max(index, 0), grid.dims[axis] - 1);
    }),
  );
  const body = new Uint8Array(dims[0] * dims[1] * dims[2]);
  for (let k = 0, at = 0; k < dims[2]; k++)
    for (let j = 0; j < dims[1]; j++) {
      const row = ((indices[2][k] ?? NaN) * grid.dims[1] + (indices[1][j] ?? NaN)) * grid.dims[0];
      for (let i = 0; i < dims[0]; i++, at++) body[at] = mask[row + (indices[0][i] ?? NaN)] ?? 0;
    }
  return body;
}

/** Marks what lies within so many voxels of the marked ones along the axes, one after the other. */
function dilated(mask: Uint8Array, dims: Triple, reach: number): Uint8Array {
  let marked = mask;
  for (const axis of AXES) {
    const step = ([1, dims[0], dims[0] * dims[1]] as const)[axis];
    marked = marked.map((value, at, all) => {
      if (value === 1) return 1;
      const along = floor(at / step) % dims[axis];
      for (let n = -min(reach, along); n <= min(reach, dims[axis] - 1 - along); n++)
        if (all[at + n * step] === 1) return 1;
      return 0;
    });
  }
  return marked;
}

/** Central differences, divided by their length and the noise together. */
function normalsOf(values: Float32Array, dims: Triple, isValid: Uint8Array): Float32Array {
  const normals = new Float32Array(3 * values.length);
  const steps = [1, dims[0], dims[0] * dims[1]] as const;
  for (const axis of AXES) {
    const step = steps[axis];
    for (let at = 0; at < values.length; at++) {
      const along = floor(at / step) % dims[axis];
      if (isValid[at] === 0 || along === 0 || along === dims[axis] - 1) continue;
      normals[3 * at + axis] = (values[at + step] ?? NaN) - (values[at - step] ?? NaN);
    }
  }
  divide(normals, isValid);
  return normals;
}

/** Divides gradients by their length and the noise together. */
function divide(gradients: Float32Array, isValid: Uint8Array): void {
  const squares = new Float32Array(isValid.length);
  for (let at = 0, n = 0; at < squares.length; at++, n += 3)
    squares[at] =
      (gradients[n] ?? NaN) ** 2 + (gradients[n + 1] ?? NaN) ** 2 + (gradients[n + 2] ?? NaN) ** 2;
  const valid = squares.filter((_, at) => isValid[at] === 1);
  const noise = percentile(valid, NOISE_PERCENTILE) || 1;
  for (let at = 0, n = 0; at < squares.length; at++) {
    const length = sqrt((squares[at] ?? NaN) + noise);
    for (const end = n + 3; n < end; n++) gradients[n] = (gradients[n] ?? NaN) / length;
  }
}
