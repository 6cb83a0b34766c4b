/** Reports of others in the encodings of old and of Chinese systems: big endian by DCMTK, and text of two and four bytes a character. */
import { convert, hasDcmtk } from '../volume/testing/dcmtk.ts';
import { readFindings } from './readFindings.ts';
import { group, reportOf, scoord } from './testing/documents.ts';
import { documentOf, REGION, tracked } from './testing/placed.ts';

const marked = (label: string): Uint8Array =>
  reportOf([group([...tracked(label), scoord('POINT', [100.5, 50.5], { name: REGION })])]);

(hasDcmtk() ? test : test.skip)('a big-endian report says the same as the little-endian one', () => {
  const report = marked('Lesion');
  const turned = convert(report, 'dcmconv', '+tb');
  const { findings } = documentOf(readFindings(turned));
  expect(findings).toHaveLength(1);
  expect(findings).toEqual(documentOf(readFindings(report)).findings);
});

test.each([
  ['GB18030', '肝右叶病灶', [0xb8, 0xce, 0xd3, 0xd2, 0xd2, 0xb6, 0xb2, 0xa1, 0xd4, 0xee]],
  // The second byte of the first character is a backslash, and the last character has four bytes.
  ['GB18030', '乗㐀', [0x81, 0x5c, 0x81, 0x39, 0xee, 0x39]],
  ['GBK', '肝', [0xb8, 0xce]],
])('a label in %s is read: %s', (characterSet, label, bytes) => {
  // Written in Latin-1, every byte is a character.
  const placeholder = String.fromCharCode(...bytes);
  const report = Buffer.from(
    reportOf(
      [group([...tracked('L'.repeat(bytes.length)), scoord('POINT', [100.5, 50.5], { name: REGION })])],
      {
        characterSet: characterSet.padEnd(8),
      },
    ),
  );
  report.write(placeholder, report.indexOf('L'.repeat(bytes.length)), 'latin1');
  const { findings } = documentOf(readFindings(report));
  expect(findings.map((finding) => finding.label)).toEqual([label]);
});
