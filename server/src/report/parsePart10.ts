/**
 * A Part 10 file to the data set of this room. Not read by dcmjs, with which we write: version 0.52 decodes text inside
 * sequences as Latin-1 and cuts UT values at a backslash.
 * @module
 */
import { TextDecoder } from 'node:util';
import dicomParser from 'dicom-parser';
import type { DataSet, Element as ParsedElement } from 'dicom-parser';
import { dictionaryEntry, vrOfParserTag } from './dataset.ts';
import type { Dataset } from './dataset.ts';

/** Specific Character Set (PS3.3 C.12.1.1.2) to the label of a decoder; the first two are subsets of the third. */
const DECODERS: Readonly<Record<string, string>> = {
  '': 'latin1',
  'ISO_IR 6': 'latin1',
  'ISO_IR 100': 'latin1',
  'ISO_IR 192': 'utf-8',
};

/** Value representations of text that may not hold several values (PS3.5 6.2). */
const SINGLE_TEXT = new Set(['ST', 'LT', 'UT']);
/** Little-endian numbers: bytes and reader. */
const NUMBERS: Readonly<Record<string, readonly [number, (view: DataView, offset: number) => number]>> = {
  US: [2, (view, offset) => view.getUint16(offset, true)],
  FL: [4, (view, offset) => view.getFloat32(offset, true)],
  FD: [8, (view, offset) => view.getFloat64(offset, true)],
};

/** The parsed data set, or why there is none. */
export type ParseResult =
  { readonly ok: true; readonly dataset: Dataset } | { readonly ok: false; readonly reason: string };

/** Parses the attributes that this room knows; all others are passed over. */
export function parsePart10(part10: Uint8Array): ParseResult {
  let parsed: DataSet;
  try {
    parsed = dicomParser.parseDicom(part10, { vrCallback: vrOfParserTag });
  } catch {
    return { ok: false, reason: 'it is not a complete DICOM file' };
  }
  const characterSet = parsed.string('x00080005') ?? '';
  const label = DECODERS[characterSet];
  if (label === undefined)
    return { ok: false, reason: `its character set "${characterSet}" is not one that Samepoint writes` };
  return { ok: true, dataset: convert(parsed, new TextDecoder(label)) };
}

function convert(parsed: DataSet, decoder: TextDecoder): Dataset {
  const result: Dataset = {};
  for (const element of Object.values(parsed.elements)) {
    const entry = dictionaryEntry(element.tag);
    if (entry === undefined) continue;
    const [tag, vr] = entry;
    result[tag] = { vr, Value: valuesFrom(parsed, element, vr, decoder) };
  }
  return result;
}

function valuesFrom(
  { byteArray }: DataSet,
  { items, dataOffset, length }: ParsedElement,
  vr: string,
  decoder: TextDecoder,
): readonly unknown[] {
  if (vr === 'SQ')
    return (items ?? []).flatMap(({ dataSet }) => (dataSet === undefined ? [] : [convert(dataSet, decoder)]));
  const bytes = byteArray.subarray(dataOffset, dataOffset + length);
  const number = NUMBERS[vr];
  if (number !== undefined) {
    const [size, read] = number;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) => read(view, index * size));
  }
  const text = decoder.decode(bytes);
  // Padding: NUL for UIDs, spaces for the rest; leading spaces count in long texts (PS3.5 6.2).
  if (SINGLE_TEXT.has(vr)) return [text.replace(/[\0 ]+$/, '')];
  return text.split('\\').map((value) => value.replace(/[\0 ]+$/, '').trimStart());
}
