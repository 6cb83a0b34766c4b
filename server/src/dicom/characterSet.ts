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
/** Character sets with code extensions (PS3.3 C.12.1.1.2) to the decoders that know their escape sequences, or need none. */
const EXTENDED: Readonly<Record<string, string>> = {
  'ISO 2022 IR 87': 'iso-2022-jp',
  'ISO 2022 IR 159': 'iso-2022-jp',
  'ISO 2022 IR 149': 'euc-kr',
  'ISO 2022 IR 58': 'gbk',
};
/** What puts such a set into the upper half of the code table (PS3.5 6.1.2.5.3): `ESC $ ) A` of GB 2312, `ESC $ ) C` of KS X 1001. */
const TO_UPPER_HALF: readonly string[] = ['\u001B$)A', '\u001B$)C'];
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
 * Decodes text in the character set that a document names. Of one that is unknown, and of text with other escape sequences of ISO
 * 2022, the ASCII characters are kept and the others shown as U+FFFD: a label with gaps, and the finding itself.
 */
export function decoderOf(characterSet: string): Decoder {
  const names = characterSet.split('\\').map((name) => name.trim());
  const [name = ''] = names;
  const label = DECODERS[name.replace(/^ISO 2022 IR /u, 'ISO_IR ')];
  const decoder = label === undefined ? undefined : new TextDecoder(label);
  const extended = names.map((one) => EXTENDED[one]).find((one) => one !== undefined);
  const extendedDecoder = extended === undefined ? undefined : new TextDecoder(extended);
  return {
    decode(bytes) {
      if (isShortAscii(bytes)) return String.fromCharCode(...bytes);
      if (extendedDecoder !== undefined && bytes.includes(ESCAPE))
        return extendedDecoder.decode(withoutDesignations(bytes));
      if (decoder !== undefined && !bytes.includes(ESCAPE)) return decoder.decode(bytes);
      return Buffer.from(bytes)
        .toString('latin1')
        .replace(/[^ -~\t\r\n]/gu, '\uFFFD');
    },
  };
}

/** The bytes that stand for characters; the decoders of GB 2312 and KS X 1001 know the upper half without an escape sequence. */
function withoutDesignations(bytes: Uint8Array): Uint8Array {
  const text = Buffer.from(bytes).toString('latin1');
  return Buffer.from(
    TO_UPPER_HALF.reduce((rest, sequence) => rest.replaceAll(sequence, ''), text),
    'latin1',
  );
}
