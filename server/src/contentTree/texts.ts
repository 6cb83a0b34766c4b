/**
 * Texts of documents that somebody else wrote, bounded.
 * @module
 */
import { isUid, itemsOf, stringOf } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import type { Dataset } from '../documents/index.ts';
import type { CodedConcept } from './codes.ts';

/** Longest label, comment and code meaning that are handed on, characters. */
const MAX_TEXT = 256;
/** Longest code value and scheme designator (PS3.5 6.2, SH). */
const MAX_CODE = 64;

/** One line of at most {@link MAX_TEXT} characters; undefined where nothing is left. */
export function lineOf(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const line = text
    .slice(0, 2 * MAX_TEXT)
    .trimStart()
    .slice(0, MAX_TEXT)
    .replace(/[\p{Cc}\p{Cs}]/gu, ' ')
    .trim();
  return line === '' ? undefined : line;
}

/** A UID of the data set, where it is one. */
export function uidIn(dataset: Dataset, keyword: Keyword): string | undefined {
  const uid = stringOf(dataset, keyword);
  return isUid(uid) ? uid : undefined;
}

/** The first item of a code sequence; undefined where it has no value or meaning. */
export function conceptIn(dataset: Dataset, keyword: Keyword): CodedConcept | undefined {
  const [code] = itemsOf(dataset, keyword);
  if (code === undefined) return undefined;
  const value = lineOf(stringOf(code, 'CodeValue'))?.slice(0, MAX_CODE);
  const scheme = lineOf(stringOf(code, 'CodingSchemeDesignator'))?.slice(0, MAX_CODE) ?? '';
  const meaning = lineOf(stringOf(code, 'CodeMeaning')) ?? value;
  return value === undefined || meaning === undefined ? undefined : { value, scheme, meaning };
}
