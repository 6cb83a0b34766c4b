/**
 * The preview image of a series as a file: magic with the version of the layout, length and text of a header of JSON, the values, the body
 * mask, and the SHA-256 of all before it. It is read by another process while the series is embedded. Little-endian.
 * @module
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { affineSchema, bytesOf, dimsSchema, gridOf, volumeSchema, voxelsOf } from './arrays.ts';
import type { EmbeddingKey } from './key.ts';
import type { StoredFile } from './store.ts';
import type { PreviewImage } from '../embedding/types.ts';

/** First bytes of the file of a preview image. */
export const PREVIEW_MAGIC = Buffer.from('SPPREVW\u0001', 'latin1');
export const PREVIEW_SUFFIX = '.preview';
const LENGTH_BYTES = 4;
const CHECKSUM_BYTES = 32;
/** A preview image of the longest trunk has 0.5 MB, and a header of 10,000 slices 4 MB. */
const MAX_BYTES = 32 * 1024 * 1024;

const headerSchema = z.strictObject({
  key: z.string(),
  volume: volumeSchema,
  dims: dimsSchema,
  voxelToLps: affineSchema,
  scale: z.number().positive(),
});

function checksum(bytes: Uint8Array): Buffer {
  return createHash('sha256').update(bytes).digest();
}

/** The bytes of a file. */
export function previewFile(
  key: EmbeddingKey,
  { volume, image, bodyMask }: PreviewImage,
): readonly Uint8Array[] {
  const header = Buffer.from(JSON.stringify({ key, volume, ...gridOf(image.grid), scale: image.scale }));
  const length = Buffer.alloc(LENGTH_BYTES);
  length.writeUInt32LE(header.length);
  const all = Buffer.concat([PREVIEW_MAGIC, length, header, bytesOf(image.values), bytesOf(bodyMask)]);
  return [all, checksum(all)];
}

/** The preview image that was put under this key; undefined where the file holds another one, or a part of one. @throws what reading throws */
export async function readPreviewFile(
  key: EmbeddingKey,
  file: StoredFile,
): Promise<PreviewImage | undefined> {
  const start = PREVIEW_MAGIC.length + LENGTH_BYTES;
  const end = file.size - CHECKSUM_BYTES;
  if (end < start || file.size > MAX_BYTES) return undefined;
  const bytes = Buffer.alloc(file.size);
  await file.fill(bytes);
  const isWhole = checksum(bytes.subarray(0, end)).equals(bytes.subarray(end));
  if (!isWhole || !bytes.subarray(0, PREVIEW_MAGIC.length).equals(PREVIEW_MAGIC)) return undefined;
  const arraysAt = start + bytes.readUInt32LE(PREVIEW_MAGIC.length);
  // The digest was written by a process of ours, with its header.
  const header = headerSchema.safeParse(JSON.parse(bytes.toString('utf8', start, arraysAt))).data;
  if (header?.key !== key) return undefined;
  const { volume, dims, voxelToLps, scale } = header;
  const voxels = voxelsOf({ dims });
  const maskAt = arraysAt + voxels * Int16Array.BYTES_PER_ELEMENT;
  if (maskAt + voxels !== end) return undefined;
  const values = new Int16Array(voxels);
  bytesOf(values).set(bytes.subarray(arraysAt, maskAt));
  const bodyMask = new Uint8Array(bytes.subarray(maskAt, end));
  return { volume, image: { grid: { dims, voxelToLps }, values, scale }, bodyMask };
}
