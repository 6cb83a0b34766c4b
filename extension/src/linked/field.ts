/**
 * The deformation field between two series, as the server sends it (`application/vnd.samepoint.field`, version 1, little-endian): the
 * header in JSON, then the lattices of both directions.
 * @module
 */
import { unexpectedAnswer } from '../client/failure.ts';
import type { ViewerFailure } from '../client/failure.ts';
import type { Lps, SeriesRef } from '../wire.ts';

/** A regular lattice along the LPS axes: what lies at each node, i (x) fastest. */
export interface Lattice {
  /** Nodes along x, y and z. */
  readonly dims: readonly [number, number, number];
  /** Node 0, LPS mm. */
  readonly origin: Lps;
  /** Distance of neighbouring nodes, mm. */
  readonly spacing: Lps;
  /** x, y and z per node: times the scale it is what is added to a point, mm. */
  readonly displacement: { readonly values: Int16Array; readonly scaleMm: number };
  /** Times the scale it is the determinant of the Jacobian matrix: local change of volume. */
  readonly jacobian: { readonly values: Int16Array; readonly scale: number };
  /** Times the scale it is the radius that holds the true point with 90 % probability, mm; 255 where that is not known. */
  readonly errorRadius: { readonly values: Uint8Array; readonly scaleMm: number };
}

/** How far the map of two scans can be relied on as a whole. */
export type FieldVerdict = 'usable' | 'unsure' | 'different-region';

/** One side of a field. */
export interface FieldSeries extends SeriesRef {
  readonly frameOfReferenceUid: string;
}

/** The map between two series, in both directions. */
export interface Field {
  readonly query: FieldSeries;
  readonly target: FieldSeries;
  readonly model: { readonly id: string; readonly version: string };
  readonly verdict: FieldVerdict;
  /** Query to target, LPS mm, rows of a 4 x 4 matrix: the part of the map that is no deformation. */
  readonly affine: readonly (readonly number[])[];
  /** From points of the query to points of the target. */
  readonly forward: Lattice;
  /** From points of the target to points of the query. */
  readonly inverse: Lattice;
  readonly quality: {
    readonly foldingShare: number;
    readonly inverseConsistencyMm: { readonly median: number; readonly p95: number };
    /** Share of the query that the target covers, 0 to 1. */
    readonly coveredShare: number;
  };
}

/** The error radius is not known at this node. */
export const UNKNOWN_RADIUS = 255;

const MAGIC = 'SPFD';
const VERSION = 1;
/** Bytes before the JSON. */
const PREAMBLE_BYTES = 12;
/** Offsets of the data, and the length of preamble and header, are multiples of this. */
const ALIGNMENT_BYTES = 8;
const VERDICTS: readonly string[] = ['usable', 'unsure', 'different-region'] satisfies FieldVerdict[];

type Json = Readonly<Record<string, unknown>>;

function invalid(what: string, cause?: unknown): ViewerFailure {
  return unexpectedAnswer(`a deformation field ${what}`, cause);
}

function object(value: unknown, name: string): Json {
  if (typeof value !== 'object' || value === null) throw invalid(`without ${name}`);
  return value as Json;
}

function text(value: unknown, name: string): string {
  if (typeof value !== 'string' || value === '') throw invalid(`without ${name}`);
  return value;
}

function number(value: unknown, name: string): number {
  if (typeof value !== 'number' || !Number.isFinite(value)) throw invalid(`whose ${name} is no number`);
  return value;
}

function positive(value: unknown, name: string): number {
  const found = number(value, name);
  if (found <= 0) throw invalid(`whose ${name} is not above 0`);
  return found;
}

type Reader = (value: unknown, name: string) => number;

function three(value: unknown, name: string, read: Reader): readonly [number, number, number] {
  if (!Array.isArray(value) || value.length !== 3) throw invalid(`whose ${name} has not three parts`);
  return [read(value[0], name), read(value[1], name), read(value[2], name)];
}

function nodes(value: unknown, name: string): number {
  const count = number(value, name);
  if (!Number.isInteger(count) || count < 1) throw invalid(`whose ${name} is no number of nodes`);
  return count;
}

/** The bytes of a part of the data section, at an address that typed arrays accept. */
function bytesAt(data: Uint8Array, offset: unknown, length: number, name: string): Uint8Array<ArrayBuffer> {
  const start = number(offset, `${name} offset`);
  if (!Number.isInteger(start) || start < 0 || start % ALIGNMENT_BYTES !== 0)
    throw invalid(`whose ${name} offset is no multiple of ${ALIGNMENT_BYTES}`);
  if (start + length > data.length)
    throw invalid(`of ${data.length} bytes of data, whose ${name} would end at ${start + length}`);
  return data.slice(start, start + length);
}

function latticeOf(value: unknown, name: string, data: Uint8Array): Lattice {
  const json = object(value, name);
  const dims = three(json['dims'], `${name} dims`, nodes);
  const count = dims[0] * dims[1] * dims[2];
  const part = (key: string): Json => object(json[key], `${name} ${key}`);
  const [displacement, jacobian, errorRadius] = [part('displacement'), part('jacobian'), part('errorRadius')];
  const bytes = (from: Json, key: string, perNode: number): Uint8Array<ArrayBuffer> =>
    bytesAt(data, from['offset'], count * perNode, `${name} ${key}`);
  return {
    dims,
    origin: three(json['origin'], `${name} origin`, number),
    spacing: three(json['spacing'], `${name} spacing`, positive),
    displacement: {
      values: new Int16Array(bytes(displacement, 'displacement', 6).buffer),
      scaleMm: positive(displacement['scaleMm'], `${name} displacement scale`),
    },
    jacobian: {
      values: new Int16Array(bytes(jacobian, 'jacobian', 2).buffer),
      scale: positive(jacobian['scale'], `${name} jacobian scale`),
    },
    errorRadius: {
      values: bytes(errorRadius, 'errorRadius', 1),
      scaleMm: positive(errorRadius['scaleMm'], `${name} errorRadius scale`),
    },
  };
}

function seriesOf(value: unknown, name: string): FieldSeries {
  const json = object(value, name);
  const uid = (key: string): string => text(json[key], `${name} ${key}`);
  return {
    studyInstanceUid: uid('studyInstanceUid'),
    seriesInstanceUid: uid('seriesInstanceUid'),
    frameOfReferenceUid: uid('frameOfReferenceUid'),
  };
}

function affineOf(value: unknown): Field['affine'] {
  const rows = Array.isArray(value) ? value : [];
  const isMatrix =
    rows.length === 4 &&
    rows.every((row: unknown) => Array.isArray(row) && row.length === 4 && row.every(Number.isFinite));
  if (!isMatrix) throw invalid('whose affine is no 4 x 4 matrix');
  return rows as Field['affine'];
}

function qualityOf(value: unknown): Field['quality'] {
  const json = object(value, 'quality');
  const consistency = object(json['inverseConsistencyMm'], 'inverseConsistencyMm');
  return {
    foldingShare: number(json['foldingShare'], 'foldingShare'),
    inverseConsistencyMm: {
      median: number(consistency['median'], 'inverse consistency'),
      p95: number(consistency['p95'], 'inverse consistency'),
    },
    coveredShare: number(json['coveredShare'], 'coveredShare'),
  };
}

function headerOf(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw invalid('whose header is no JSON', error);
  }
}

/**
 * Reads a field. Throws a `ViewerFailure` for another format or version, and for data that are cut off or contradict the header.
 * @param bytes the whole answer
 */
export function decodeField(bytes: Uint8Array): Field {
  if (bytes.length < PREAMBLE_BYTES) throw invalid(`of ${bytes.length} bytes`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = String.fromCharCode(...bytes.subarray(0, 4));
  if (magic !== MAGIC) throw invalid(`that does not begin with ${MAGIC}`);
  const version = view.getUint16(4, true);
  if (version !== VERSION) throw invalid(`of version ${version}; this viewer reads version ${VERSION}`);
  const dataStart = PREAMBLE_BYTES + view.getUint32(8, true);
  if (dataStart > bytes.length) throw invalid('whose header is cut off');
  if (dataStart % ALIGNMENT_BYTES !== 0)
    throw invalid(`whose header does not end at a multiple of ${ALIGNMENT_BYTES}`);
  const header = object(headerOf(bytes.subarray(PREAMBLE_BYTES, dataStart)), 'header');
  const verdict = text(header['verdict'], 'verdict');
  if (!VERDICTS.includes(verdict)) throw invalid(`with the unknown verdict "${verdict}"`);
  const model = object(header['model'], 'model');
  const data = bytes.subarray(dataStart);
  return {
    query: seriesOf(header['query'], 'query'),
    target: seriesOf(header['target'], 'target'),
    model: { id: text(model['id'], 'model id'), version: text(model['version'], 'model version') },
    verdict: verdict as FieldVerdict,
    affine: affineOf(header['affine']),
    forward: latticeOf(header['forward'], 'forward', data),
    inverse: latticeOf(header['inverse'], 'inverse', data),
    quality: qualityOf(header['quality']),
  };
}
