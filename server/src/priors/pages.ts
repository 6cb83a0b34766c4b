/**
 * Searches of which a PACS may answer a part only.
 * @module
 */
import { stringOf } from '../dicom/index.ts';
import type { DicomJson, Keyword } from '../dicom/index.ts';
import type { QidoQuery } from '../dicomweb/index.ts';

/** Answers of PACS with a cap on QIDO-RS stop at a round number; any other count is the whole list. */
const ROUND_CAP = 100;

/**
 * Everything that is found, each object once by its UID; follows a PACS that answers in pages.
 * @param limit objects after which no further page is requested
 */
export async function searchPages(
  search: (page: QidoQuery) => Promise<readonly DicomJson[]>,
  uidKeyword: Keyword,
  limit: number,
): Promise<readonly DicomJson[]> {
  const found = new Map<string, DicomJson>();
  for (;;) {
    const before = found.size;
    for (const json of await search(before === 0 ? {} : { offset: String(before) })) {
      const uid = stringOf(json, uidKeyword);
      if (uid !== undefined && !found.has(uid)) found.set(uid, json);
    }
    const isWhole = found.size === before || found.size % ROUND_CAP !== 0;
    if (isWhole || found.size >= limit) return [...found.values()];
  }
}

/** Does the work for all items, some at a time; the results in the order of the items. */
export async function someAtATime<T, R>(
  items: readonly T[],
  atATime: number,
  work: (item: T) => Promise<R>,
): Promise<readonly R[]> {
  const results = new Map<number, R>();
  const waiting = items.entries();
  const worker = async (): Promise<void> => {
    for (const [index, item] of waiting) results.set(index, await work(item));
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return [...results].sort(([one], [other]) => one - other).map(([, result]) => result);
}
