/**
 * The bytes of a field, format version 1 (docs/fields.md). Little-endian:
 *
 *     4 bytes   "SPFD"
 *     2 bytes   version
 *     2 bytes   0
 *     4 bytes   length of the header
 *     n bytes   header: JSON, padded with spaces so that the data begin at a multiple of 8
 *     data      per lattice displacements, determinants and error radii; each at a multiple of 8
 *
 * @module
 */
import { endianness } from 'node:os';
import { z } from 'zod';
import { nodesOf } from '../deformation/index.ts';
import { FIELD_VERDICTS } from '../deformation/types.ts';
import type { DeformationField, FieldLattice } from '../deformation/types.ts';
import type { Affine } from '../geometry/index.ts';

/** Version of the layout, for whoever keeps the bytes. */
export const FIELD_FORMAT_VERSION = 1;
/** Media type of the bytes. */
export const FIELD_MEDIA_TYPE = 'application/vnd.samepoint.field';
const MAGIC = 'SPFD';
const [VERSION_AT, LENGTH_AT, HEADER_AT] = [4, 8, 12];
const ALIGNMENT = 8;

const INT16_MAX = 32_767;
/** Displacements are no finer than this, mm: a third of what a screen shows. */
const FINEST_DISPLACEMENT_MM = 0.005;
/** Determinants from -8 to 8. */
const DETERMINANT_SCALE = 8 / INT16_MAX;
/** Radii up to 63.5 mm; larger ones are written as that. */
const RADIUS_SCALE_MM = 0.25;
const [LARGEST_RADIUS, UNKNOWN_RADIUS] = [254, 255];

const three = z.tuple([z.number(), z.number(), z.number()]);
const offset = z.int().min(0).multipleOf(ALIGNMENT);
const positive = z.number().positive();
const latticeSchema = z.object({
  dims: z.tuple([z.int().min(2), z.int().min(2), z.int().min(2)]),
  origin: three,
  spacing: z.tuple([positive, positive, positive]),
  displacement: z.object({ offset, scaleMm: positive }),
  jacobian: z.object({ offset, scale: positive }),
  errorRadius: z.object({ offset, scaleMm: positive }),
});
const seriesSchema = z.object({
  studyInstanceUid: z.string(),
  seriesInstanceUid: z.string(),
  frameOfReferenceUid: z.string(),
});
const row = z.tuple([z.number(), z.number(), z.number(), z.number()]);
const headerSchema = z.object({
  query: seriesSchema,
  target: seriesSchema,
  model: z.object({ id: z.string(), version: z.string() }),
  verdict: z.enum(FIELD_VERDICTS),
  prior: z.object({ sopInstanceUid: z.string(), manufacturer: z.string() }).exactOptional(),
  affine: z.tuple([row, row, row, row]),
  forward: latticeSchema,
  inverse: latticeSchema,
  quality: z.object({
    foldingShare: z.number(),
    inverseConsistencyMm: z.object({ median: z.number(), p95: z.number() }),
    coveredShare: z.number(),
  }),
});
type Header = z.infer<typeof headerSchema>;
type LatticeHeader = Header['forward'];

/** A field as its bytes. */
export function encodeField(field: DeformationField): Uint8Array {
  const data = new DataSection();
  const { query, target, model, verdict, prior, affine: m, quality } = field;
  const header: Header = {
    query,
    target,
    model,
    verdict,
    ...(prior === undefined ? {} : { prior }),
    affine: [
      [m[0], m[1], m[2], m[3]],
      [m[4], m[5], m[6], m[7]],
      [m[8], m[9], m[10], m[11]],
      [0, 0, 0, 1],
    ],
    forward: latticeHeader(field.forward, data),
    inverse: latticeHeader(field.inverse, data),
    quality,
  };
  const json = Buffer.from(JSON.stringify(header), 'utf8');
  const length = aligned(HEADER_AT + json.length) - HEADER_AT;
  const bytes = Buffer.alloc(HEADER_AT + length + data.length, ' ');
  bytes.write(MAGIC, 0, 'latin1');
  bytes.writeUInt16LE(FIELD_FORMAT_VERSION, VERSION_AT);
  bytes.writeUInt16LE(0, VERSION_AT + 2);
  bytes.writeUInt32LE(length, LENGTH_AT);
  json.copy(bytes, HEADER_AT);
  data.copyTo(bytes.subarray(HEADER_AT + length));
  return bytes;
}

/** The field of these bytes; undefined where they are none of this version. */
export function decodeField(bytes: Uint8Array): DeformationField | undefined {
  const all = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (all.length < HEADER_AT || all.toString('latin1', 0, VERSION_AT) !== MAGIC) return undefined;
  const length = all.readUInt32LE(LENGTH_AT);
  if (all.readUInt16LE(VERSION_AT) !== FIELD_FORMAT_VERSION || HEADER_AT + length > all.length)
    return undefined;
  const header = parsed(all.toString('utf8', HEADER_AT, HEADER_AT + length));
  const data = all.subarray(HEADER_AT + length);
  if (header === undefined) return undefined;
  const [forward, inverse] = [latticeOf(header.forward, data), latticeOf(header.inverse, data)];
  if (forward === undefined || inverse === undefined) return undefined;
  const { affine: rows, ...rest } = header;
  const [a, b, c] = rows;
  const affine: Affine = [...a, ...b, ...c];
  return { ...rest, affine, forward, inverse };
}

function parsed(json: string): Header | undefined {
  try {
    return headerSchema.safeParse(JSON.parse(json)).data;
  } catch {
    return undefined;
  }
}

function aligned(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

/** Arrays one behind the other. */
class DataSection {
  readonly #parts: { readonly at: number; readonly bytes: Uint8Array }[] = [];
  length = 0;

  /** Adds an array. @returns where it begins */
  add(array: Int16Array | Uint8Array): number {
    if (endianness() !== 'LE') throw new Error('fields are little-endian; this machine is not');
    const at = this.length;
    this.#parts.push({ at, bytes: new Uint8Array(array.buffer, array.byteOffset, array.byteLength) });
    this.length = aligned(at + array.byteLength);
    return at;
  }

  copyTo(into: Uint8Array): void {
    into.fill(0);
    for (const { at, bytes } of this.#parts) into.set(bytes, at);
  }
}

function latticeHeader(
  { dims, origin, spacing, displacements, determinants, errorRadii }: FieldLattice,
  data: DataSection,
): LatticeHeader {
  const largest = displacements.reduce((most, mm) => Math.max(most, Math.abs(mm)), 0);
  const scaleMm = Math.max(FINEST_DISPLACEMENT_MM, largest / INT16_MAX);
  const radii = Uint8Array.from(errorRadii, (mm) =>
    // Rounded up: a radius must not become smaller.
    Number.isNaN(mm) ? UNKNOWN_RADIUS : Math.min(Math.ceil(mm / RADIUS_SCALE_MM), LARGEST_RADIUS),
  );
  return {
    dims: [...dims],
    origin: [...origin],
    spacing: [...spacing],
    displacement: { offset: data.add(scaled(displacements, scaleMm)), scaleMm },
    jacobian: { offset: data.add(scaled(determinants, DETERMINANT_SCALE)), scale: DETERMINANT_SCALE },
    errorRadius: { offset: data.add(radii), scaleMm: RADIUS_SCALE_MM },
  };
}

function scaled(values: Float32Array, unit: number): Int16Array {
  return Int16Array.from(values, (value) =>
    Math.min(Math.max(Math.round(value / unit), -INT16_MAX), INT16_MAX),
  );
}

function latticeOf(header: LatticeHeader, data: Buffer): FieldLattice | undefined {
  const { dims, origin, spacing, displacement, jacobian, errorRadius } = header;
  const nodes = nodesOf({ dims });
  const fits =
    displacement.offset + 6 * nodes <= data.length &&
    jacobian.offset + 2 * nodes <= data.length &&
    errorRadius.offset + nodes <= data.length;
  if (!fits) return undefined;
  const int16 = (at: number, count: number, scale: number): Float32Array =>
    Float32Array.from({ length: count }, (_, n) => data.readInt16LE(at + 2 * n) * scale);
  return {
    dims,
    origin,
    spacing,
    displacements: int16(displacement.offset, 3 * nodes, displacement.scaleMm),
    determinants: int16(jacobian.offset, nodes, jacobian.scale),
    errorRadii: Float32Array.from({ length: nodes }, (_, n) => {
      const radius = data[errorRadius.offset + n] ?? UNKNOWN_RADIUS;
      return radius === UNKNOWN_RADIUS ? NaN : radius * errorRadius.scaleMm;
    }),
  };
}
