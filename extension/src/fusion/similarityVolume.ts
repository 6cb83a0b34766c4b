/**
 * How much each place of a series looks like one point of another, as the server sends it (`application/vnd.samepoint.similarity`,
 * version 1, little-endian): the header in JSON, then a byte per place.
 * @module
 */
import { unexpectedAnswer } from '../client/failure.ts';
import type { ViewerFailure } from '../client/failure.ts';
import { toLps } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';
import { CLEAR } from './palette.ts';
import type { PlaneGrid } from './grid.ts';

/** Similarities on a lattice along the LPS axes, x fastest. */
export interface SimilarityVolume {
  /** Series Instance UID of the images that it lies over. */
  readonly target: string;
  readonly dims: Lps;
  /** Place 0, LPS mm. */
  readonly origin: Lps;
  /** Distance of neighbouring places, mm. */
  readonly spacing: Lps;
  /** 0 to 254 from `low` to `high`; 255 where there is no body, or no image. */
  readonly values: Uint8Array;
  /** Cosines. */
  readonly low: number;
  readonly high: number;
}

/** Nothing is known at this place. */
export const UNKNOWN = 255;

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
    origin: three(header['origin'], 'origin', Number.isFinite),
    spacing: three(header['spacing'], 'spacing', (mm) => mm > 0),
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

/** The similarity at a point, LPS mm; undefined where it is not known. */
export function similarityAt(volume: SimilarityVolume, lps: Lps): number | undefined {
  const { origin, spacing, low, high } = volume;
  const at = (axis: 0 | 1 | 2): number => (lps[axis] - origin[axis]) / spacing[axis];
  const value = valueAt(volume, at(0), at(1), at(2));
  return value < 0 ? undefined : low + (value / (UNKNOWN - 1)) * (high - low);
}

/** Paints the part of the volume that lies in a plane, by a palette over its whole range. */
export function paintSimilarity(
  volume: SimilarityVolume,
  colours: Uint32Array,
  { columns, rows, origin, alongRow, alongColumn }: PlaneGrid,
  pixels: Uint32Array,
): void {
  const { origin: first, spacing } = volume;
  const start = (axis: 0 | 1 | 2): number => (origin[axis] - first[axis]) / spacing[axis];
  const step = (along: Lps, axis: 0 | 1 | 2): number => along[axis] / spacing[axis];
  const [x0, y0, z0] = [start(0), start(1), start(2)];
  const [xr, yr, zr] = [step(alongRow, 0), step(alongRow, 1), step(alongRow, 2)];
  const [xc, yc, zc] = [step(alongColumn, 0), step(alongColumn, 1), step(alongColumn, 2)];
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const value = valueAt(
        volume,
        x0 + column * xr + row * xc,
        y0 + column * yr + row * yc,
        z0 + column * zr + row * zc,
      );
      pixels[row * columns + column] = value < 0 ? CLEAR : (colours[Math.round(value)] ?? CLEAR);
    }
  }
}
