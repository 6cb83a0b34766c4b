/**
 * Who an instance says it is: what the bytes name themselves, whatever address they came from.
 * @module
 */
import { TextDecoder } from 'node:util';
import type { DataSet } from 'dicom-parser';
import type { InstanceIdentity } from '../../volume/types.ts';

const SPECIFIC_CHARACTER_SET = 'x00080005';
const SOP_INSTANCE_UID = 'x00080018';
const PATIENT_ID = 'x00100020';
const ISSUER_OF_PATIENT_ID = 'x00100021';
const STUDY_INSTANCE_UID = 'x0020000d';
const SERIES_INSTANCE_UID = 'x0020000e';

/** Longest value of LO in bytes: 64 characters (PS3.5 6.2) of at most four bytes; more is cut and then equals nothing. */
const MAX_VALUE_BYTES = 256;

/**
 * Defined terms of Specific Character Set (PS3.3 C.12.1.1.2) to labels of the WHATWG encodings. With code extensions the
 * last term that says more than ASCII decides: its decoder knows the escape sequences where there are any.
 */
const ENCODINGS: Readonly<Record<string, string>> = {
  'IR 13': 'shift_jis',
  'IR 87': 'iso-2022-jp',
  'IR 100': 'latin1',
  'IR 101': 'iso-8859-2',
  'IR 109': 'iso-8859-3',
  'IR 110': 'iso-8859-4',
  'IR 126': 'iso-8859-7',
  'IR 127': 'iso-8859-6',
  'IR 138': 'iso-8859-8',
  'IR 144': 'iso-8859-5',
  'IR 148': 'windows-1254',
  'IR 149': 'euc-kr',
  'IR 58': 'gbk',
  'IR 159': 'iso-2022-jp',
  'IR 166': 'windows-874',
  'IR 192': 'utf-8',
  'IR 203': 'iso-8859-15',
  GB18030: 'gb18030',
  GBK: 'gbk',
};

/** Absent: ASCII by the standard; Latin-1 in practice, of which ASCII is a part. */
const DEFAULT_ENCODING = 'latin1';

function encodingOf(dataSet: DataSet): string {
  const terms = (dataSet.string(SPECIFIC_CHARACTER_SET) ?? '').split('\\');
  const known = terms.map((term) => ENCODINGS[term.trim().replace(/^ISO(_| 2022 )/u, '')]);
  return known.findLast((label) => label !== undefined) ?? DEFAULT_ENCODING;
}

function isPadding(character: string): boolean {
  return character === ' ' || character === '\0';
}

/** The text without the spaces and NULs around it, which do not count (PS3.5 6.2); undefined where nothing remains. */
function withoutPadding(text: string): string | undefined {
  let [from, to] = [0, text.length];
  while (from < to && isPadding(text.charAt(from))) from += 1;
  while (to > from && isPadding(text.charAt(to - 1))) to -= 1;
  return from === to ? undefined : text.slice(from, to);
}

function textOf(dataSet: DataSet, tag: string, encoding: string): string | undefined {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length <= 0) return undefined;
  const end = element.dataOffset + Math.min(element.length, MAX_VALUE_BYTES);
  const bytes = dataSet.byteArray.subarray(element.dataOffset, end);
  return withoutPadding(new TextDecoder(encoding).decode(bytes))?.normalize('NFC');
}

/** UIDs and patient of a data set. The file header is not looked at: senders keep it when they change the rest. */
export function readIdentity(dataSet: DataSet): InstanceIdentity {
  const encoding = encodingOf(dataSet);
  const patientId = textOf(dataSet, PATIENT_ID, encoding);
  const issuer = textOf(dataSet, ISSUER_OF_PATIENT_ID, encoding);
  return {
    studyInstanceUid: textOf(dataSet, STUDY_INSTANCE_UID, DEFAULT_ENCODING) ?? '',
    seriesInstanceUid: textOf(dataSet, SERIES_INSTANCE_UID, DEFAULT_ENCODING) ?? '',
    sopInstanceUid: textOf(dataSet, SOP_INSTANCE_UID, DEFAULT_ENCODING) ?? '',
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}
