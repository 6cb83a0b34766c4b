import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { decoderOf } from './characterSet.ts';
import { headerJson } from './headerJson.ts';
import { itemsOf, numberOf, numbersOf, stringOf, stringsOf } from './dicomJson.ts';
import { UnreadableDicom } from './parsePart10.ts';
import { ctAttributes, ctSlice, part10 } from '../volume/testing/syntheticSeries.ts';

const ATTRIBUTES = {
  SpecificCharacterSet: 'ISO_IR 192',
  PatientName: 'Yamada^Tarou=山田^太郎=やまだ^たろう',
  PatientID: 'P-1',
  StudyDate: '19700101',
  StudyDescription: 'Thorax, nativ – Überblick',
};

/** The same file in another transfer syntax, by dcmtk. */
function inSyntax(file: Uint8Array, option: string): Uint8Array {
  const folder = mkdtempSync(join(tmpdir(), 'samepoint-'));
  try {
    const [from, to] = [join(folder, 'a.dcm'), join(folder, 'b.dcm')];
    writeFileSync(from, file);
    execFileSync('dcmconv', [option, from, to], { stdio: 'ignore' });
    return new Uint8Array(readFileSync(to));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const file = ctSlice(0, ATTRIBUTES);

test.each([
  ['explicit', file],
  ['implicit', inSyntax(file, '+ti')],
  ['big endian', inSyntax(file, '+tb')],
  ['deflated', inSyntax(file, '+td')],
])('the header of a file of %s little or big endian', (_, bytes) => {
  const json = headerJson(bytes);
  expect(json['00100010']).toEqual({
    vr: 'PN',
    Value: [{ Alphabetic: 'Yamada^Tarou', Ideographic: '山田^太郎', Phonetic: 'やまだ^たろう' }],
  });
  expect(stringOf(json, 'PatientID')).toBe('P-1');
  expect(stringOf(json, 'StudyDate')).toBe('19700101');
  expect(stringOf(json, 'StudyDescription')).toBe(ATTRIBUTES.StudyDescription);
  expect(numberOf(json, 'Rows')).toBe(10);
  expect(numberOf(json, 'Columns')).toBe(12);
  expect(numbersOf(json, 'ImageOrientationPatient')).toHaveLength(6);
  expect(stringsOf(json, 'ImageType').length).toBeGreaterThan(1);
  expect(json['7FE00010']).toBeUndefined();
});

test('pixels that are cut, or followed by something else, do not matter', () => {
  for (const bytes of [file.subarray(0, file.length - 100), Buffer.concat([file, Buffer.from('\0')])])
    expect(headerJson(bytes)).toEqual(headerJson(file));
  expect(() => headerJson(file.subarray(0, 700))).toThrow(UnreadableDicom);
});

test('sequences in sequences', () => {
  const nested = part10(
    ctAttributes(0, {
      SharedFunctionalGroupsSequence: [{ PixelMeasuresSequence: [{ PixelSpacing: [0.5, 0.7] }] }],
    }),
  );
  const [shared] = itemsOf(headerJson(nested), 'SharedFunctionalGroupsSequence');
  const [measures] = itemsOf(shared ?? {}, 'PixelMeasuresSequence');
  expect(numbersOf(measures ?? {}, 'PixelSpacing')).toEqual([0.5, 0.7]);
});

test('what is no file is refused', () => {
  expect(() => headerJson(new Uint8Array(500))).toThrow(UnreadableDicom);
});

test.each([
  ['ISO_IR 100', 'latin1', [0xc4], 'Ä'],
  ['ISO_IR 192', 'utf-8', [0xc3, 0x84], 'Ä'],
  ['ISO_IR 144', 'cyrillic', [0xb8], 'И'],
  ['ISO 2022 IR 100', 'latin1 by code extension', [0xc4], 'Ä'],
  ['ISO_IR 999', 'an unknown set', [0x41, 0xc4], 'A\uFFFD'],
  ['\\ISO 2022 IR 87', 'Japanese', [...Buffer.from('A^\u001B$B;3ED\u001B(B', 'latin1')], 'A^山田'],
  ['\\ISO 2022 IR 149', 'Korean', [0x1b, 0x24, 0x29, 0x43, 0xb1, 0xe8], '김'],
  ['\\ISO 2022 IR 58', 'Chinese', [0x1b, 0x24, 0x29, 0x41, 0xcd, 0xf5], '王'],
])('a text in %s, %s', (characterSet, _, bytes, text) => {
  expect(decoderOf(characterSet).decode(Uint8Array.from(bytes))).toBe(text);
});
