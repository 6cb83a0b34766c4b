/**
 * Texts of data sets that somebody else wrote, in the character set that the data set names.
 * @module
 */
import { TextDecoder } from 'node:util';

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

/** Decodes the bytes of texts. */
export interface Decoder {
  decode(bytes: Uint8Array): string;
}

/**
 * Decodes text in the character set that a document names. Of one that is unknown, and of text with escape sequences of ISO 2022, the
 * ASCII characters are kept and the others shown as U+FFFD: a label with gaps, and the finding itself.
 */
export function decoderOf(characterSet: string): Decoder {
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
