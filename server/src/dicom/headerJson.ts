/**
 * The header of a Part 10 file in the DICOM JSON model: what a PACS without WADO-RS metadata does not say otherwise.
 * @module
 */
import type { DataSet, Element } from 'dicom-parser';
import { ATTRIBUTES, parserTagOf } from './attributes.ts';
import type { Keyword } from './attributes.ts';
import { decoderOf } from './characterSet.ts';
import type { Decoder } from './characterSet.ts';
import type { DicomElement, DicomJson } from './dicomJson.ts';
import { inflateDataSet } from './inflate.ts';
import {
  DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN,
  readDataSet,
  readHeader,
  reading,
  UnreadableDicom,
} from './parsePart10.ts';
import { withoutPadding } from './text.ts';

const ENTRIES = new Map<string, readonly [tag: string, vr: string]>(
  Object.entries(ATTRIBUTES).map(([keyword, entry]) => [parserTagOf(keyword as Keyword), entry]),
);
/** Values that no header needs. */
const BINARY: ReadonlySet<string> = new Set(['OB', 'OF', 'OW', 'OV']);
/** Value representations of text that may not hold several values (PS3.5 6.2). */
const SINGLE_TEXT: ReadonlySet<string> = new Set(['ST', 'LT', 'UT', 'UR']);
/** Bytes of a number and how it is read, in the byte order of the data set. */
const NUMBERS: Readonly<
  Record<string, readonly [number, (dataSet: DataSet, tag: string, index: number) => number | undefined]>
> = {
  US: [2, (dataSet, tag, index) => dataSet.uint16(tag, index)],
  UL: [4, (dataSet, tag, index) => dataSet.uint32(tag, index)],
  FL: [4, (dataSet, tag, index) => dataSet.float(tag, index)],
  FD: [8, (dataSet, tag, index) => dataSet.double(tag, index)],
};
/** Sequences inside sequences that are read; functional groups have four. */
const MAX_DEPTH = 16;
/** Longest value that is looked at, bytes: PS3.5 6.2 allows no header text that is longer. */
const MAX_VALUE_BYTES = 2 ** 16;

/**
 * The attributes that Samepoint knows, without the pixels. Texts are decoded by the character set that the file names.
 * @throws UnreadableDicom
 */
export function headerJson(part10: Uint8Array): DicomJson {
  const parsed = parseHeader(part10);
  return reading(() => {
    const characterSet = parsed.string(parserTagOf('SpecificCharacterSet')) ?? '';
    return jsonOf(parsed, decoderOf(characterSet), 0);
  });
}

/** The data set up to its pixels: what is wrong with those does not matter here. */
function parseHeader(part10: Uint8Array): DataSet {
  const { transferSyntaxUid, dataSetOffset } = readHeader(part10);
  const isDeflated = transferSyntaxUid === DEFLATED_EXPLICIT_VR_LITTLE_ENDIAN;
  const [bytes, offset] = isDeflated
    ? ([inflateDataSet(part10.subarray(dataSetOffset)), 0] as const)
    : ([part10, dataSetOffset] as const);
  const vrOf = (tag: string): string => ENTRIES.get(tag)?.[1] ?? 'UN';
  const encoding = { transferSyntaxUid, vrOf, untilTag: parserTagOf('PixelData') };
  const { dataSet, failure } = readDataSet(bytes, offset, encoding);
  if (failure) throw failure;
  return dataSet;
}

function jsonOf(dataSet: DataSet, decoder: Decoder, depth: number): DicomJson {
  if (depth > MAX_DEPTH) throw new UnreadableDicom('its sequences are nested too deeply');
  const json: Record<string, DicomElement> = {};
  for (const element of Object.values(dataSet.elements)) {
    const [tag, vr] = ENTRIES.get(element.tag) ?? [];
    if (tag === undefined || vr === undefined || BINARY.has(vr)) continue;
    const Value = valuesOf(dataSet, element, vr, decoder, depth);
    json[tag] = Value.length === 0 ? { vr } : { vr, Value };
  }
  return json;
}

function valuesOf(
  dataSet: DataSet,
  { tag, items, length, dataOffset }: Element,
  vr: string,
  decoder: Decoder,
  depth: number,
): readonly unknown[] {
  if (vr === 'SQ')
    return (items ?? []).flatMap((item) =>
      item.dataSet === undefined ? [] : [jsonOf(item.dataSet, decoder, depth + 1)],
    );
  const end = dataOffset + Math.min(length, MAX_VALUE_BYTES);
  const number = NUMBERS[vr];
  if (number !== undefined) {
    const [size, read] = number;
    const count = Math.floor((end - dataOffset) / size);
    return Array.from({ length: count }, (_, index) => read(dataSet, tag, index));
  }
  const text = decoder.decode(dataSet.byteArray.subarray(dataOffset, end));
  const values = SINGLE_TEXT.has(vr) ? [text] : text.split('\\');
  const clean = values.map((value) => withoutPadding(value));
  if (clean.every((value) => value === '')) return [];
  return vr === 'PN' ? clean.map(nameOf) : clean;
}

/** The groups of a person name (PS3.5 6.2.1.1). */
function nameOf(text: string): object {
  const [Alphabetic = '', Ideographic = '', Phonetic = ''] = text.split('=');
  return {
    ...(Alphabetic === '' ? {} : { Alphabetic }),
    ...(Ideographic === '' ? {} : { Ideographic }),
    ...(Phonetic === '' ? {} : { Phonetic }),
  };
}
