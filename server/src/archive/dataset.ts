/** Part 10 bytes to identity and DICOM JSON metadata. */
import { isUid, stringOf, readFileMeta } from '../dicom/index.ts';
import type { DicomElement, DicomJson } from '../dicom/index.ts';
import dcmjs from 'dcmjs';
import type { DcmjsDict, DcmjsElement } from 'dcmjs';
import { SamepointError } from '../errors/index.ts';
import { parsePixels } from './pixels.ts';
import type { InstanceIdentity } from './types.ts';

/** Binary values up to here are sent inside the metadata; larger ones by URI. */
const MAX_INLINE_BYTES = 1024;
const PIXEL_DATA = '7FE00010';
const BINARY_VRS = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'UN']);

/** An instance as it was read. */
export interface ParsedInstance extends InstanceIdentity {
  readonly metadata: DicomJson;
}

// dcmjs writes remarks about a data set, values included, to the console.
dcmjs.log.setLevel('silent');

/**
 * Reads a Part 10 file to its end; a cut file is refused.
 * @throws SamepointError `archive/not-dicom`
 */
export function readInstance(part10: Uint8Array): ParsedInstance {
  const meta = readFileMeta(part10);
  if (!meta) throw new SamepointError('archive/not-dicom', { reason: 'no Part 10 header with SOP UIDs' });
  const metadata = readMetadata(part10, meta.transferSyntaxUid);
  const uidOf = (
    keyword: 'StudyInstanceUID' | 'SeriesInstanceUID' | 'SOPInstanceUID' | 'SOPClassUID',
  ): string => {
    const uid = stringOf(metadata, keyword);
    if (isUid(uid)) return uid;
    throw new SamepointError('archive/not-dicom', {
      reason: `${keyword} is missing or not a UID`,
    });
  };
  const sopInstanceUid = uidOf('SOPInstanceUID');
  if (sopInstanceUid !== meta.sopInstanceUid)
    throw new SamepointError('archive/not-dicom', {
      reason: 'SOPInstanceUID differs between the file header and the data set',
    });
  return {
    studyInstanceUid: uidOf('StudyInstanceUID'),
    seriesInstanceUid: uidOf('SeriesInstanceUID'),
    sopInstanceUid,
    sopClassUid: uidOf('SOPClassUID'),
    transferSyntaxUid: meta.transferSyntaxUid,
    metadata,
  };
}

function readMetadata(part10: Uint8Array, transferSyntaxUid: string): DicomJson {
  try {
    const hasPixels = parsePixels(part10).element !== undefined;
    const json = toDicomJson(readDict(part10));
    return {
      ...json,
      // Not part of the data set, but clients request it before they request frames (PS3.18 Table 10.6.3-5).
      '00083002': { vr: 'UI', Value: [transferSyntaxUid] },
      ...(hasPixels ? { [PIXEL_DATA]: { vr: 'OW', BulkDataURI: bulkDataPath(PIXEL_DATA) } } : {}),
    };
  } catch (error) {
    if (error instanceof SamepointError) throw error;
    // The parsers' messages may quote the data set.
    throw new SamepointError('archive/not-dicom', { reason: 'the data set is damaged or cut short' });
  }
}

function readDict(part10: Uint8Array): DcmjsDict {
  const buffer = new Uint8Array(part10).buffer;
  const options = { untilTag: PIXEL_DATA, includeUntilTagValue: false };
  try {
    return dcmjs.data.DicomMessage.readFile(buffer, options).dict;
  } catch (error) {
    // Several character sets in one data set (Japan, Korea, China): dcmjs goes on with the first one under this option. The
    // structure has been checked by then.
    if (error instanceof Error && /character set/i.test(error.message))
      return dcmjs.data.DicomMessage.readFile(buffer, { ...options, ignoreErrors: true }).dict;
    throw error;
  }
}

/** Path of a bulk value below the URL of its instance. */
function bulkDataPath(tag: string): string {
  return `bulkdata/${tag}`;
}

/** dcmjs' dictionary as the DICOM JSON model (PS3.18 F.2). */
function toDicomJson(dict: DcmjsDict, depth = 0): DicomJson {
  const json: Record<string, DicomElement> = {};
  for (const [tag, element] of Object.entries(dict)) {
    // At `untilTag` dcmjs puts an element without a VR; group lengths are retired and wrong after any change.
    if (typeof element.vr !== 'string' || tag === PIXEL_DATA || tag.endsWith('0000')) continue;
    json[tag] = toElement(tag, element, depth);
  }
  return json;
}

function toElement(tag: string, { vr, Value }: DcmjsElement, depth: number): DicomElement {
  const values: readonly unknown[] = Array.isArray(Value) ? Value : [];
  if (vr === 'SQ')
    return withValues(
      vr,
      values.map((item) => toDicomJson(item as DcmjsDict, depth + 1)),
    );
  if (BINARY_VRS.has(vr)) return toBinary(tag, vr, values, depth);
  if (vr === 'AT')
    return withValues(
      vr,
      values.map((value) => Number(value).toString(16).toUpperCase().padStart(8, '0')),
    );
  const plain = values.map((value) => {
    if (typeof value === 'bigint') return value.toString();
    return value === '' || (typeof value === 'number' && !Number.isFinite(value)) ? null : value;
  });
  return withValues(vr, plain.every((value) => value === null || value === undefined) ? [] : plain);
}

function toBinary(tag: string, vr: string, values: readonly unknown[], depth: number): DicomElement {
  const bytes = Buffer.concat(
    values.filter((value) => value instanceof ArrayBuffer).map((value) => Buffer.from(value)),
  );
  if (bytes.byteLength === 0) return { vr };
  // Nested values have no address of their own here; they are small (icons, private texts).
  return depth === 0 && bytes.byteLength > MAX_INLINE_BYTES
    ? { vr, BulkDataURI: bulkDataPath(tag) }
    : { vr, InlineBinary: bytes.toString('base64') };
}

function withValues(vr: string, Value: readonly unknown[]): DicomElement {
  return Value.length > 0 ? { vr, Value } : { vr };
}
