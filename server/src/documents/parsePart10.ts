/**
 * A Part 10 file to the data set of this module. Not read by dcmjs, with which we write: version 0.52 decodes text inside
 * sequences as Latin-1 and cuts UT values at a backslash.
 * @module
 */
import { TextDecoder } from 'node:util';
import type { DataSet, Element as ParsedElement } from 'dicom-parser';
import { parsePart10 as parse, reading, UnreadableDicom, withoutPadding } from '../dicom/index.ts';
import { dictionaryEntry, vrOfParserTag } from './dataset.ts';
import type { Dataset } from './dataset.ts';

/** Specific Character Set (PS3.3 C.12.1.1.2) to the label of a decoder; the first two are subsets of the third. */
const DECODERS: Readonly<Record<string, string>> = {
  '': 'latin1',
  'ISO_IR 6': 'latin1',
  'ISO_IR 100': 'latin1',
  'ISO_IR 192': 'utf-8',
};

const CHARACTER_SET = 'x00080005';
/** Longest name of a character set that is looked at, bytes. */
const MAX_NAME_BYTES = 64;

/** A document that is readable, but none that Samepoint wrote; the message says why. */
export class ForeignReport extends Error {}

/** Value representations of text that may not hold several values (PS3.5 6.2). */
const SINGLE_TEXT = new Set(['ST', 'LT', 'UT']);
/** Numbers: bytes and reader. */
const NUMBERS: Readonly<Record<string, readonly [number, NumberReader]>> = {
  US: [2, (view, offset, isLittleEndian) => view.getUint16(offset, isLittleEndian)],
  FL: [4, (view, offset, isLittleEndian) => view.getFloat32(offset, isLittleEndian)],
  FD: [8, (view, offset, isLittleEndian) => view.getFloat64(offset, isLittleEndian)],
};
type NumberReader = (view: DataView, offset: number, isLittleEndian: boolean) => number;

/** Numbers read for tags and lengths, three per element: a report of 200 pairs has 40,000 elements. */
const MAX_READS = 500_000;
/** Sequences inside sequences that are read; a report of Samepoint has eight. */
const MAX_DEPTH = 32;

/**
 * Parses the attributes that this module knows; all others are passed over.
 * @throws UnreadableDicom where the file is damaged
 * @throws ForeignReport where Samepoint does not write its like
 */
export function parsePart10(part10: Uint8Array): Dataset {
  const parsed = parse(part10, { vrOf: vrOfParserTag, maxReads: MAX_READS });
  const isNamed = (parsed.elements[CHARACTER_SET]?.length ?? 0) <= MAX_NAME_BYTES;
  const characterSet = reading(() => (isNamed ? (parsed.string(CHARACTER_SET) ?? '') : 'a long text'));
  const label = DECODERS[characterSet];
  if (label === undefined)
    throw new ForeignReport(`its character set "${characterSet}" is not one that Samepoint writes`);
  return reading(() => convert(parsed, { decoder: new TextDecoder(label), entryOf: dictionaryEntry }));
}

/** How the values of a data set become those of the DICOM JSON model. */
export interface Conversion {
  readonly decoder: { decode(bytes: Uint8Array): string };
  /** Tag and VR of a tag as dicom-parser writes it; undefined: it is passed over. */
  readonly entryOf: (parserTag: string) => readonly [tag: string, vr: string] | undefined;
  /** The data set is of the retired big-endian transfer syntax. */
  readonly isBigEndian?: boolean;
}

/** The attributes of a parsed data set that `entryOf` knows. @throws UnreadableDicom where it is nested too deeply */
export function convert(parsed: DataSet, conversion: Conversion, depth = 0): Dataset {
  if (depth > MAX_DEPTH) throw new UnreadableDicom('its sequences are nested too deeply');
  const result: Dataset = {};
  for (const element of Object.values(parsed.elements)) {
    const entry = conversion.entryOf(element.tag);
    if (entry === undefined) continue;
    const [tag, vr] = entry;
    result[tag] = { vr, Value: valuesFrom(parsed, element, vr, conversion, depth) };
  }
  return result;
}

function valuesFrom(
  { byteArray }: DataSet,
  { items, dataOffset, length }: ParsedElement,
  vr: string,
  conversion: Conversion,
  depth: number,
): readonly unknown[] {
  if (vr === 'SQ')
    return (items ?? []).flatMap(({ dataSet }) =>
      dataSet === undefined ? [] : [convert(dataSet, conversion, depth + 1)],
    );
  const bytes = byteArray.subarray(dataOffset, dataOffset + length);
  const number = NUMBERS[vr];
  if (number !== undefined) {
    const [size, read] = number;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    return Array.from({ length: Math.floor(bytes.length / size) }, (_, index) =>
      read(view, index * size, conversion.isBigEndian !== true),
    );
  }
  const text = conversion.decoder.decode(bytes);
  // Padding: NUL for UIDs, spaces for the rest; leading spaces count in long texts (PS3.5 6.2).
  if (SINGLE_TEXT.has(vr)) return [withoutPadding(text)];
  return text.split('\\').map((value) => withoutPadding(value).trimStart());
}
