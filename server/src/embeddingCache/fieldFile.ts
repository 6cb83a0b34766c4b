/**
 * The field of a pair of embeddings as a file beside them: magic with the version of the layout, the name of the file, the bytes,
 * and the SHA-256 of all before it. What the bytes say is for matching/ to know.
 * @module
 */
import { createHash } from 'node:crypto';
import type { EmbeddingKey } from './key.ts';
import type { StoredFile } from './store.ts';

/** First bytes of the file of a field. */
export const FIELD_MAGIC = Buffer.from('SPFIELD\u0001', 'latin1');
export const FIELD_SUFFIX = '.field';
const CHECKSUM_BYTES = 32;
/** Digits of the hash of what else a field depends on. */
const TERMS_DIGITS = 16;

/** What decides a field. */
export interface FieldKey {
  readonly query: EmbeddingKey;
  readonly target: EmbeddingKey;
  /** What else changes its numbers, as text: the version of its format, what the model says about matching. */
  readonly terms: string;
}

/** Name of the file: it names the embeddings that the field was made of. */
export function fieldName({ query, target, terms }: FieldKey): string {
  const digest = createHash('sha256').update(terms).digest('hex').slice(0, TERMS_DIGITS);
  return `${query}-${target}-${digest}${FIELD_SUFFIX}`;
}

function checksum(parts: readonly Uint8Array[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** The bytes of a file, in the order they are written. */
export function fieldFile(name: string, bytes: Uint8Array): readonly Uint8Array[] {
  const parts = [FIELD_MAGIC, Buffer.from(name, 'latin1'), bytes];
  return [...parts, checksum(parts)];
}

/** The field that was put under this name; undefined where the file holds another one, or a part of one. @throws what reading throws */
export async function readFieldFile(name: string, file: StoredFile): Promise<Uint8Array | undefined> {
  const all = Buffer.alloc(file.size);
  await file.fill(all);
  const head = Buffer.concat([FIELD_MAGIC, Buffer.from(name, 'latin1')]);
  const end = all.length - CHECKSUM_BYTES;
  if (end < head.length || !all.subarray(0, head.length).equals(head)) return undefined;
  if (!checksum([all.subarray(0, end)]).equals(all.subarray(end))) return undefined;
  return new Uint8Array(all.subarray(head.length, end));
}
