/**
 * One embedding as one file. Little-endian:
 *
 *     8 bytes   magic "SPEMBED" and the version of this layout
 *     4 bytes   length of the header
 *     n bytes   header: JSON with everything but the arrays
 *     arrays    per map the vectors and the inverse norms, then the body mask and the image; the header has their sizes
 *     32 bytes  SHA-256 of all before it
 *
 * The header holds the key under which the file was put, so that a file under another name is known, UIDs (the volume's
 * geometry needs them), and digests of the instances and of the patient, but no name, date or patient id.
 * @module
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { Arena, bytesOf as bytesInArena } from '../wasm/index.ts';
import {
  affineSchema as affine,
  bytesOf,
  dimsSchema as dims,
  gridOf,
  volumeSchema,
  voxelsOf,
} from './arrays.ts';
import type { EmbeddingKey } from './key.ts';
import type { StoredFile } from './store.ts';
import type { Embedding, EmbeddingMap, ImageMap } from '../embedding/types.ts';

/**
 * Version 3 of the layout (1 had neither image nor weights, 2 neither key nor origin); files of another version are dropped,
 * not converted.
 */
export const MAGIC = Buffer.from('SPEMBED\u0003', 'latin1');
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 32;
/** A header of 10,000 slices has about 4 MB; more is not ours. */
const MAX_HEADER_BYTES = 64 * 1024 * 1024;
/** Piece that is hashed at a time: 4 MiB need about 3 ms. */
const HASH_BYTES = 4 * 1024 * 1024;

const headerSchema = z.strictObject({
  key: z.string(),
  modelId: z.string(),
  volume: volumeSchema,
  maps: z.array(
    z.strictObject({
      role: z.enum(['fine', 'coarse', 'semantic']),
      dims,
      voxelToLps: affine,
      channels: z.int().min(1),
      weight: z.number().min(0).max(1),
    }),
  ),
  image: z.strictObject({ dims, voxelToLps: affine, scale: z.number().positive() }),
  origin: z
    .strictObject({
      patientId: z.string().exactOptional(),
      issuer: z.string().exactOptional(),
      instances: z.array(
        z.strictObject({
          sopInstanceUid: z.string(),
          digest: z.string(),
          level: z.int().min(1).exactOptional(),
          encoded: z.string(),
          bytes: z.int().min(0),
        }),
      ),
    })
    .exactOptional(),
});
type Header = z.infer<typeof headerSchema>;

/** The bytes of a file, in the order they are written. Large arrays are not copied. */
export async function encodeEmbedding(key: EmbeddingKey, embedding: Embedding): Promise<Uint8Array[]> {
  const { modelId, volume, maps, image, origin } = embedding;
  const shapes = maps.map(({ role, grid, channels, weight }) => ({
    role,
    ...gridOf(grid),
    channels,
    weight,
  }));
  const imageShape = { ...gridOf(image.grid), scale: image.scale };
  const described = { key, modelId, volume, maps: shapes, image: imageShape, origin };
  const header = Buffer.from(JSON.stringify(described), 'utf8');
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const parts = [MAGIC, length, header, ...bytesOfArrays(embedding)];
  return [...parts, await checksum(parts)];
}

type Read =
  { readonly ok: true; readonly embedding: Embedding } | { readonly ok: false; readonly reason: string };

function refuse(reason: string): Read {
  return { ok: false, reason };
}

/** Which series an embedding is of, from the beginning of its file; undefined where the file holds none. @throws what reading throws */
export async function readSeriesOf(
  file: StoredFile,
): Promise<Pick<Header['volume'], 'studyInstanceUid' | 'seriesInstanceUid'> | undefined> {
  const beginning = await readBeginning(file);
  return 'reason' in beginning ? undefined : beginning.header.volume;
}

/**
 * The embedding that was put under this key, from its file, or why the file holds none. Its arrays are read into one shared memory:
 * threads search in it directly.
 * @throws what reading throws
 */
export async function readEmbedding(key: EmbeddingKey, file: StoredFile): Promise<Read> {
  const beginning = await readBeginning(file);
  if ('reason' in beginning) return refuse(beginning.reason);
  const { prefix, headerBytes, header } = beginning;
  const embedding = emptyEmbedding(header);
  const arrays = bytesOfArrays(embedding);
  for (const part of arrays) await file.fill(part);
  const expected = Buffer.alloc(CHECKSUM_BYTES);
  await file.fill(expected);
  if (!expected.equals(await checksum([prefix, headerBytes, ...arrays]))) return refuse('checksum differs');
  if (header.key !== key) return refuse('it is another embedding under this name');
  return { ok: true, embedding };
}

/** What stands before the arrays. */
interface Beginning {
  readonly prefix: Buffer;
  readonly headerBytes: Buffer;
  readonly header: Header;
}

/** @throws what reading throws */
async function readBeginning(file: StoredFile): Promise<Beginning | { readonly reason: string }> {
  const prefix = Buffer.alloc(MAGIC.length + LENGTH_BYTES);
  const contentSize = file.size - prefix.length - CHECKSUM_BYTES;
  if (contentSize < 0) return { reason: 'truncated' };
  await file.fill(prefix);
  if (!MAGIC.equals(prefix.subarray(0, MAGIC.length))) return { reason: 'not an embedding of this version' };
  const headerLength = prefix.readUInt32LE(MAGIC.length);
  if (headerLength > Math.min(MAX_HEADER_BYTES, contentSize)) return { reason: 'header too long' };
  const headerBytes = Buffer.alloc(headerLength);
  await file.fill(headerBytes);
  const header = parseHeader(headerBytes);
  if (header === undefined) return { reason: 'header is not valid' };
  if (arraysSize(header) !== contentSize - headerLength) return { reason: 'arrays do not fit the header' };
  return { prefix, headerBytes, header };
}

function parseHeader(bytes: Uint8Array): Header | undefined {
  try {
    return headerSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8'))).data;
  } catch {
    return undefined;
  }
}

/** Bytes of the arrays in the file. */
function arraysSize({ maps, image }: Header): number {
  const ofMaps = maps.reduce(
    (sum, map) => sum + voxelsOf(map) * (map.channels + Float32Array.BYTES_PER_ELEMENT),
    0,
  );
  return ofMaps + maskLengthOf(maps) + voxelsOf(image) * Int16Array.BYTES_PER_ELEMENT;
}

/** The body mask has the voxels of the fine map. */
function maskLengthOf(maps: Header['maps']): number {
  const fine = maps.find(({ role }) => role === 'fine');
  return fine === undefined ? 0 : voxelsOf(fine);
}

/** An embedding whose arrays hold zeros, in one shared memory. */
function emptyEmbedding({ modelId, volume, maps, image, origin }: Header): Embedding {
  const maskLength = maskLengthOf(maps);
  const arena = Arena.of(arenaBytes(maps, maskLength, voxelsOf(image) * Int16Array.BYTES_PER_ELEMENT));
  const empty = maps.map((map): EmbeddingMap => ({
    role: map.role,
    grid: gridOf(map),
    channels: map.channels,
    weight: map.weight,
    vectors: arena.zeros(Int8Array, voxelsOf(map) * map.channels),
    inverseNorms: arena.zeros(Float32Array, voxelsOf(map)),
  }));
  const bodyMask = arena.zeros(Uint8Array, maskLength);
  const values = arena.zeros(Int16Array, voxelsOf(image));
  const imageMap: ImageMap = { grid: gridOf(image), values, scale: image.scale };
  const made = origin === undefined ? {} : { origin };
  return { modelId, volume, maps: empty, bodyMask, image: imageMap, ...made, memory: arena.memory };
}

/** What the arrays of an embedding use in an arena, bytes. */
function arenaBytes(maps: Header['maps'], maskBytes: number, imageBytes: number): number {
  const perMap = maps.flatMap((map) => [voxelsOf(map) * map.channels, voxelsOf(map) * 4]);
  return [...perMap, maskBytes, imageBytes].reduce(
    (sum, byteLength) => sum + bytesInArena({ byteLength }),
    0,
  );
}

/** The bytes of the arrays, in the order of the file. */
function bytesOfArrays({ maps, bodyMask, image }: Embedding): Uint8Array[] {
  const ofMaps = maps.flatMap(({ vectors, inverseNorms }) => [bytesOf(vectors), bytesOf(inverseNorms)]);
  return [...ofMaps, bytesOf(bodyMask), bytesOf(image.values)];
}

/** SHA-256 over the parts; gives the event loop a turn between pieces. */
async function checksum(parts: readonly Uint8Array[]): Promise<Uint8Array> {
  const hash = createHash('sha256');
  for (const part of parts) {
    for (let offset = 0; offset < part.length; offset += HASH_BYTES) {
      hash.update(part.subarray(offset, offset + HASH_BYTES));
      if (offset > 0) await new Promise(setImmediate);
    }
  }
  return hash.digest();
}
