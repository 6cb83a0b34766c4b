/**
 * How much each place of a series looks like one point of another, as the server sends it (`application/vnd.samepoint.similarity`,
 * version 1, little-endian): the header in JSON, then a byte per place.
 * @module
 */
import { unexpectedAnswer } from '../client/failure.ts';
import type { ViewerFailure } from '../client/failure.ts';
import { cross, dot, toLps } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';
import { CLEAR } from './palette.ts';
import type { PlaneGrid } from './grid.ts';

/** A 3 x 4 matrix: three rows that give the coordinates of a point, each a product and a shift. */
type Rows = readonly [Row, Row, Row];
type Row = readonly [number, number, number, number];

/** Similarities on a lattice, i fastest. */
export interface SimilarityVolume {
  /** Series Instance UID of the images that it lies over. */
  readonly target: string;
  readonly dims: Lps;
  /** LPS mm to the index of a place. */
  readonly lpsToPlace: Rows;
  /** 0 to 254 from `low` to `high`; 255 where there is no body, or no image. */
  readonly values: Uint8Array;
  /** Cosines. */
  readonly low: number;
  readonly high: number;
}

/** Nothing is known at this place. */
const UNKNOWN = 255;

const MAGIC = 'SPSM';
const VERSION = 1;
const PREAMBLE_BYTES = 12;
/** More places than a server sends; a header that says so is damaged. */
const MAX_PLACES = 50_000_000;
/** A place counts as known where neighbours of at least this weight are. */
const KNOWN_WEIGHT = 0.5;

type Json = Readonly<Record<string, unknown>>;

function invalid(what: string, cause?: unknown): ViewerFailure {
  return unexpectedAnswer(`a similarity map ${what}`, cause);
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null) throw invalid(`without ${name}`);
  return value as Json;
}

function three(value: unknown, name: string, isValid: (part: number) => boolean): Lps {
  const found = Array.isArray(value) && value.length === 3 ? toLps(value as number[]) : undefined;
  if (found?.every(isValid) !== true) throw invalid(`whose ${name} cannot be`);
  return found;
}

function number(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`whose ${name} is no number`);
  return value;
}

function headerOf(bytes: Uint8Array): Json {
  try {
    return object(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)), 'header');
  } catch (error) {
    throw invalid('whose header is no JSON', error);
  }
}

/** The inverse of an affine matrix; undefined for one that has none. */
function inverse(m: Rows): Rows | undefined {
  const column = (k: 0 | 1 | 2 | 3): Lps => [m[0][k], m[1][k], m[2][k]];
  const [a, b, c, shift] = [column(0), column(1), column(2), column(3)];
  const volume = dot(a, cross(b, c));
  if (!Number.isFinite(1 / volume)) return undefined;
  const row = (across: Lps): Row => {
    const [x, y, z] = [across[0] / volume, across[1] / volume, across[2] / volume];
    return [x, y, z, -dot([x, y, z], shift)];
  };
  return [row(cross(b, c)), row(cross(c, a)), row(cross(a, b))];
}

function rowOf(value: unknown): Row {
  const [a, b, c, d] = Array.isArray(value) ? (value as number[]) : [];
  return [number(a, 'affine'), number(b, 'affine'), number(c, 'affine'), number(d, 'affine')];
}

function lpsToPlaceOf(value: unknown): Rows {
  const rows: readonly unknown[] = Array.isArray(value) ? value : [];
  const found = inverse([rowOf(rows[0]), rowOf(rows[1]), rowOf(rows[2])]);
  if (found === undefined) throw invalid('whose affine has no inverse');
  return found;
}

/** Reads a similarity map. Throws a `ViewerFailure` for another format or version, and for data that contradict the header. */
export function decodeSimilarity(bytes: Uint8Array): SimilarityVolume {
  if (bytes.length < PREAMBLE_BYTES) throw invalid(`of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (String.fromCharCode(...bytes.subarray(0, 4)) !== MAGIC)
    throw invalid(`that does not begin with ${MAGIC}`);
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw invalid(`of version ${version}; this viewer reads version ${VERSION}`);
  const start = PREAMBLE_BYTES + view.getUint32(8, true);
  if (start > bytes.length) throw invalid('whose header is cut off');
  const header = headerOf(bytes.subarray(PREAMBLE_BYTES, start));
  const dims = three(header['dims'], 'dims', (count) => Number.isInteger(count) && count > 0);
  const count = dims[0] * dims[1] * dims[2];
  if (count > MAX_PLACES || count !== bytes.length - start)
    throw invalid(`of ${bytes.length - start} places instead of ${count}`);
  const { seriesInstanceUid } = object(header['target'], 'target');
  if (typeof seriesInstanceUid !== 'string') throw invalid('without a series');
  const scale = object(header['similarity'], 'similarity');
  const [low, high] = [number(scale['low'], 'low'), number(scale['high'], 'high')];
  if (high <= low) throw invalid('whose range is empty');
  return {
    target: seriesInstanceUid,
    dims,
    lpsToPlace: lpsToPlaceOf(header['voxelToLps']),
    values: bytes.slice(start),
    low,
    high,
  };
}

/** The voxel below a place along an axis, how far the place is towards the next one, and how far that one is; clamped to the lattice. */
function along(place: number, count: number): readonly [voxel: number, share: number, next: number] {
  const clamped = Math.min(Math.max(place, 0), count - 1);
  const voxel = Math.min(Math.floor(clamped), Math.max(0, count - 2));
  return [voxel, clamped - voxel, count > 1 ? 1 : 0];
}

function isIn(place: number, count: number): boolean {
  return place >= -0.5 && place <= count - 0.5;
}

/** The value at a place in voxels, 0 to 254, interpolated trilinearly; -1 where it is not known. */
function valueAt({ dims: [nx, ny, nz], values }: SimilarityVolume, x: number, y: number, z: number): number {
  if (!isIn(x, nx) || !isIn(y, ny) || !isIn(z, nz)) return -1;
  const [i, u, di] = along(x, nx);
  const [j, v, dj] = along(y, ny);
  const [k, w, dk] = along(z, nz);
  let sum = 0;
  let known = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    const [a, b, c] = [corner & 1, (corner >> 1) & 1, corner >> 2];
    const weight = (a === 1 ? u : 1 - u) * (b === 1 ? v : 1 - v) * (c === 1 ? w : 1 - w);
    const value = values[i + a * di + nx * (j + b * dj + ny * (k + c * dk))] ?? UNKNOWN;
    if (value === UNKNOWN) continue;
    sum += weight * value;
    known += weight;
  }
  return known < KNOWN_WEIGHT ? -1 : sum / known;
}

function indexAt([x, y, z, shift]: Row, lps: Lps): number {
  return x * lps[0] + y * lps[1] + z * lps[2] + shift;
}

function stepAlong([x, y, z]: Row, along: Lps): number {
  return dot([x, y, z], along);
}

/** The similarity at a point, LPS mm; undefined where it is not known. */
export function similarityAt(volume: SimilarityVolume, lps: Lps): number | undefined {
  const { lpsToPlace, low, high } = volume;
  const [i, j, k] = [indexAt(lpsToPlace[0], lps), indexAt(lpsToPlace[1], lps), indexAt(lpsToPlace[2], lps)];
  const value = valueAt(volume, i, j, k);
  return value < 0 ? undefined : low + (value / (UNKNOWN - 1)) * (high - low);
}

/** Paints the part of the volume that lies in a plane, by a palette over its whole range. */
export function paintSimilarity(
  volume: SimilarityVolume,
  colours: Uint32Array,
  grid: PlaneGrid,
  pixels: Uint32Array,
): void {
  const { lpsToPlace } = volume;
  const { columns, rows, origin, alongRow, alongColumn } = grid;
  // The index along an axis is linear in column and row.
  const linear = (row: Row): Lps => [
    indexAt(row, origin),
    stepAlong(row, alongRow),
    stepAlong(row, alongColumn),
  ];
  const [i, j, k] = [linear(lpsToPlace[0]), linear(lpsToPlace[1]), linear(lpsToPlace[2])];
  for (let row = 0, index = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, index += 1) {
      const value = valueAt(
        volume,
        i[0] + column * i[1] + row * i[2],
        j[0] + column * j[1] + row * j[2],
        k[0] + column * k[1] + row * k[2],
      );
      pixels[index] = value < 0 ? CLEAR : (colours[Math.round(value)] ?? CLEAR);
    }
  }
}
