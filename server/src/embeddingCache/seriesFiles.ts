/**
 * The embeddings of a series. Their names say nothing about it, so their headers are read: this is for what happens seldom, the deletion
 * of a study.
 * @module
 */
import type { Embedding } from '../embedding/types.ts';
import { readSeriesOf } from './cacheFile.ts';
import type { EmbeddingKey } from './key.ts';
import type { Store } from './store.ts';

export const EMBEDDING_SUFFIX = '.embedding';

/** What the PACS holds no more: a series, or a whole study. */
export interface DroppedSeries {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string | undefined;
}

/** The key of an embedding whose file has this name. */
function keyIn(name: string): EmbeddingKey | undefined {
  // The names of files are made of keys.
  return name.endsWith(EMBEDDING_SUFFIX)
    ? (name.slice(0, -EMBEDDING_SUFFIX.length) as EmbeddingKey)
    : undefined;
}

function isOf(
  { studyInstanceUid, seriesInstanceUid }: DroppedSeries,
  found: Required<DroppedSeries>,
): boolean {
  const isOfStudy = found.studyInstanceUid === studyInstanceUid;
  return isOfStudy && (seriesInstanceUid === undefined || found.seriesInstanceUid === seriesInstanceUid);
}

/** Keys of the embeddings of a series, or of a whole study, in memory and in the store; those turned are among them. Never throws. */
export async function keysOfSeries(
  series: DroppedSeries,
  memory: Iterable<readonly [EmbeddingKey, Embedding]>,
  store: Pick<Store, 'names' | 'read'>,
): Promise<ReadonlySet<EmbeddingKey>> {
  const keys = new Set<EmbeddingKey>();
  for (const [key, { volume }] of memory) if (isOf(series, volume)) keys.add(key);
  for (const name of await store.names().catch(() => [])) {
    const key = keyIn(name);
    if (key === undefined || keys.has(key)) continue;
    const found = await store.read(name, readSeriesOf).catch(() => undefined);
    if (found !== undefined && isOf(series, found)) keys.add(key);
  }
  return keys;
}
