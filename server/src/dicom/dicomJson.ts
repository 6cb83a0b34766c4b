/**
 * Reading values out of the DICOM JSON model (PS3.18 F.2). Tolerant: a PACS may send numbers as strings, empty values as
 * null, texts with the padding of the file (PS3.5 6.2), and omit anything; the caller gets the value in the requested type or
 * undefined.
 * @module
 */
import { tagOf } from './attributes.ts';
import type { Keyword } from './attributes.ts';
import { withoutPadding } from './text.ts';

/** One element of the DICOM JSON model; values stay as they were sent. */
export interface DicomElement {
  readonly vr: string;
  readonly Value?: readonly unknown[];
  readonly BulkDataURI?: string;
  readonly InlineBinary?: string;
}

/** DICOM JSON model (PS3.18 F.2): tag (8 upper-case hexadecimal digits) to element. */
export type DicomJson = Readonly<Record<string, DicomElement>>;

/** The same before anybody has looked at its elements. */
type JsonDataSet = Readonly<Record<string, unknown>>;

/** Every value of an element, as sent; empty where it is absent or empty. */
export function valuesOf(json: JsonDataSet, keyword: Keyword): readonly unknown[] {
  const element = json[tagOf(keyword)];
  if (typeof element !== 'object' || element === null || !('Value' in element)) return [];
  return Array.isArray(element.Value) ? element.Value : [];
}

/** All values of an element as strings without their padding, empty ones omitted; of a person name the alphabetic form. */
export function stringsOf(json: JsonDataSet, keyword: Keyword): readonly string[] {
  return valuesOf(json, keyword)
    .map(toText)
    .filter((text) => text !== undefined);
}

/** The first value of an element as a string, or undefined where there is none. */
export function stringOf(json: JsonDataSet, keyword: Keyword): string | undefined {
  return stringsOf(json, keyword)[0];
}

/** All values of an element as numbers, or undefined where there is none or one of them is not a number. */
export function numbersOf(json: JsonDataSet, keyword: Keyword): readonly number[] | undefined {
  const numbers = valuesOf(json, keyword).map(toNumber);
  return numbers.length > 0 && numbers.every((value) => value !== undefined) ? numbers : undefined;
}

/** The first value of an element as a number, or undefined where there is none. */
export function numberOf(json: JsonDataSet, keyword: Keyword): number | undefined {
  return toNumber(valuesOf(json, keyword)[0]);
}

/** The items of a sequence; empty where it is absent. */
export function itemsOf(json: JsonDataSet, keyword: Keyword): readonly DicomJson[] {
  return valuesOf(json, keyword).filter(isDicomJson);
}

/** True for an object whose every member looks like an element of the DICOM JSON model. */
export function isDicomJson(value: unknown): value is DicomJson {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value).every((element) => typeof element === 'object' && element !== null)
  );
}

function toText(value: unknown): string | undefined {
  if (typeof value === 'string') {
    const text = withoutPadding(value);
    return text === '' ? undefined : text;
  }
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object' && value !== null && 'Alphabetic' in value) return toText(value.Alphabetic);
  return undefined;
}

function toNumber(value: unknown): number | undefined {
  // A DS or IS may arrive as a string (allowed since 2019 for exactness, PS3.18 F.2.3).
  const text = typeof value === 'string' ? withoutPadding(value).trim() : '';
  const number = text === '' ? value : Number(text);
  return typeof number === 'number' && Number.isFinite(number) ? number : undefined;
}
