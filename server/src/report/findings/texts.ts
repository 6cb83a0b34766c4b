/**
 * Texts of documents that somebody else wrote, bounded, and their character sets.
 * @module
 */
import { TextDecoder } from 'node:util';
import { isUid, itemsOf, stringOf } from '../../dicom/index.ts';
import type { Keyword } from '../../dicom/index.ts';
import type { Dataset } from '../dataset.ts';
import type { CodedConcept } from './types.ts';

/** Longest label, comment and code meaning that are handed on, characters. */
const MAX_TEXT = 256;
/** Longest code value and scheme designator (PS3.5 6.2, SH). */
const MAX_CODE = 64;

/** Specific Character Set (PS3.3 C.12.1.1.2) to the label of the WHATWG decoder of the same repertoire. */
const DECODERS: Readonly<Record<string, string>> = {
  '': 'latin1',
  'ISO_IR 6': 'latin1',
  'ISO_IR 100': 'latin1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
};
const ESCAPE = 0x1b;

/** Codes, UIDs and numbers, nearly all values of a document: a decoder needs ten times as long for them. */
const SHORT = 64;

function isShortAscii(bytes: Uint8Array): boolean {
  return bytes.length <= SHORT && bytes.every((byte) => byte < 0x80 && byte !== ESCAPE);
}

/**
 * Decodes text in the character set that a document names. Of one that is unknown, and of text with escape sequences of ISO 2022, the
 * ASCII characters are kept and the others shown as U+FFFD: a label with gaps, and the finding itself.
 */
export function decoderOf(characterSet: string): { decode(bytes: Uint8Array): string } {
  const name = characterSet.trim().replace(/^ISO 2022 IR /u, 'ISO_IR ');
  const label = DECODERS[name];
  const decoder = label === undefined ? undefined : new TextDecoder(label);
  return {
    decode(bytes) {
      if (isShortAscii(bytes)) return String.fromCharCode(...bytes);
      if (decoder !== undefined && !bytes.includes(ESCAPE)) return decoder.decode(bytes);
      return Buffer.from(bytes)
        .toString('latin1')
        .replace(/[^ -~\t\r\n]/gu, '\uFFFD');
    },
  };
}

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
