import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { stringOf, tagOf, valuesOf } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import { buildReport, readReport } from '../report/index.ts';
import {
  dateValue,
  identifierValue,
  offsetValue,
  personName,
  sexValue,
  shortNumber,
  textValue,
  timeValue,
} from './legacyValues.ts';
import { parsePart10 } from './parsePart10.ts';
import { instanceOf, requestOf } from '../report/testing/fixtures.ts';
import type { InstanceAttributes } from './types.ts';

test.each([
  ['19560102', '19560102'],
  ['1956.01.02', '19560102'],
  ['1956-01-02 ', '19560102'],
  ['1956/01/02', '19560102'],
  ['19560231', undefined],
  ['19560000', undefined],
  ['02.01.1956', undefined],
  ['1956.01-02', undefined],
  ['1956', undefined],
  ['', undefined],
  [19560102, '19560102'],
  [null, undefined],
])('the date %j becomes %j', (value, expected) => {
  expect(dateValue(value)).toBe(expected);
});

test.each([
  ['101112', '101112'],
  ['10:11:12', '101112'],
  ['10:11', '1011'],
  ['101112.1234567', '101112.123456'],
  ['10', '10'],
  ['241112', undefined],
  ['10.11.12', undefined],
  ['noon', undefined],
])('the time %j becomes %j', (value, expected) => {
  expect(timeValue(value)).toBe(expected);
});

test.each([
  ['+0100', '+0100'],
  ['-05:30', '-0530'],
  ['-0000', '+0000'],
  ['CET', undefined],
  ['+9900', undefined],
])('the offset %j becomes %j', (value, expected) => {
  expect(offsetValue(value)).toBe(expected);
});

test('texts are cut, numbers that name something are not', () => {
  expect(textValue(`a\tb\\c${'x'.repeat(80)}`)).toBe(`a b/c${'x'.repeat(59)}`);
  expect(textValue(`${'x'.repeat(62)}𝄞𝄞`)).toBe('x'.repeat(62));
  expect(shortNumber(`${'1'.repeat(16)}\0`)).toBe('1'.repeat(16));
  expect(shortNumber('1'.repeat(17))).toBeUndefined();
  expect(shortNumber(4711)).toBe('4711');
});

test('an identifier is the same or none', () => {
  expect(identifierValue(' P-1 \0')).toBe('P-1');
  expect(identifierValue('')).toBeUndefined();
  for (const other of ['P'.repeat(65), 'P\\1', 'P\u00071']) expect(identifierValue(other)).toBe(false);
});

test('the sex is one of three', () => {
  expect(['m', 'Female', 'O ', 'U', 'W', '1'].map(sexValue)).toEqual([
    'M',
    'F',
    'O',
    undefined,
    undefined,
    undefined,
  ]);
});

test('a person name keeps its groups and the rules of each', () => {
  expect(personName('Yamada^Tarou=山田^太郎=やまだ^たろう')).toEqual({
    Alphabetic: 'Yamada^Tarou',
    Ideographic: '山田^太郎',
    Phonetic: 'やまだ^たろう',
  });
  expect(personName({ Alphabetic: 'A^B^C^D^E^F', Ideographic: '', Phonetic: null })).toEqual({
    Alphabetic: 'A^B^C^D^E F',
  });
  expect(personName({ Alphabetic: `${'N'.repeat(70)}^Given` })).toEqual({ Alphabetic: 'N'.repeat(64) });
  expect(personName({ Alphabetic: ' ^^ ' })).toBeUndefined();
  expect(personName(null)).toBeUndefined();
});

/** The images of a study with other values. */
function images(changes: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): InstanceAttributes {
  const changed = Object.entries(changes).map(([keyword, Value]) => [
    tagOf(keyword as Keyword),
    { vr: 'UN', Value },
  ]);
  return { ...instanceOf(10), ...Object.fromEntries(changed) } as InstanceAttributes;
}

/** The private coding scheme; what images without it lack as well; a name that was one word before. */
const TOLERATED = /<99SAMEPOINT>|needed to build DICOMDIR|Retired Person Name form/;

/** Values as old archives hold them; a writer of DICOM refuses most, dciodvfy the others. */
const LEGACY: readonly (readonly [string, Readonly<Partial<Record<Keyword, readonly unknown[]>>>])[] = [
  ['dates with dots', { PatientBirthDate: ['1956.01.02'], StudyDate: ['2026.01.02'] }],
  ['dates that are none', { PatientBirthDate: ['00000000'], StudyDate: ['unknown'] }],
  ['times with colons', { StudyTime: ['10:11:12'] }],
  [
    'long names',
    {
      PatientName: [{ Alphabetic: 'N'.repeat(70), Phonetic: '' }],
      ReferringPhysicianName: ['R'.repeat(200)],
    },
  ],
  ['long names of other letters', { PatientName: [{ Ideographic: '山'.repeat(70) }] }],
  ['long numbers', { AccessionNumber: ['2026-01-02-0000000001'], StudyID: ['a study with a long name'] }],
  [
    'control characters',
    { StudyDescription: ['Thorax\r\nabdomen\u0007'], ReferringPhysicianName: ['A\t^B'] },
  ],
  ['backslashes', { StudyDescription: ['CT\\MR'], AccessionNumber: ['1\\2'] }],
  ['words out of their list', { PatientSex: ['unknown'], PatientIdentityRemoved: ['TRUE'] }],
  ['a removed identity without its method', { PatientIdentityRemoved: ['YES'] }],
  [
    'a method that is no code',
    {
      PatientIdentityRemoved: ['YES'],
      DeidentificationMethodCodeSequence: [{ '00080100': { vr: 'SH', Value: ['1'.repeat(40)] } }],
    },
  ],
  ['several values', { StudyDescription: ['one', 'two'], PatientID: ['P-1', 'P-2'] }],
  ['numbers', { PatientID: [4711], AccessionNumber: [12], StudyDate: [20260102] }],
  ['nothing', { PatientName: [null], PatientID: [null], StudyDate: [], TimezoneOffsetFromUTC: ['CET'] }],
];

function reportOf(changes: Readonly<Partial<Record<Keyword, readonly unknown[]>>>): Uint8Array {
  return buildReport(requestOf({ current: images(changes) })).part10;
}

describe('a report on images with', () => {
  const folder = mkdtempSync(join(tmpdir(), 'samepoint-'));
  afterAll(() => {
    rmSync(folder, { recursive: true });
  });

  test.each(LEGACY)('%s is written and is clean for dciodvfy', (_, changes) => {
    const part10 = reportOf(changes);
    expect(readReport(part10)).toMatchObject({ ok: true });
    const file = join(folder, 'report.dcm');
    writeFileSync(file, part10);
    // dciodvfy reports on stderr; its exit status does not.
    const output = execFileSync('sh', ['-c', 'dciodvfy "$0" 2>&1', file], { encoding: 'utf8' });
    expect(
      output.split('\n').filter((line) => /^(?:Error|Warning)/.test(line) && !TOLERATED.test(line)),
    ).toEqual([]);
  });

  test('an identifier that no document can hold is refused and named', () => {
    for (const keyword of ['PatientID', 'IssuerOfPatientID'] as const)
      expect(() => reportOf({ [keyword]: ['P'.repeat(65)] })).toThrow(
        expect.objectContaining({
          code: 'report/unwritable-identifier',
          fields: { attribute: keyword },
        }) as Error,
      );
  });

  test('what means the same is kept', () => {
    const dataset = parsePart10(
      reportOf({ StudyDate: ['2026.01.02'], PatientSex: ['female'], StudyTime: ['10:11'] }),
    );
    expect(stringOf(dataset, 'StudyDate')).toBe('20260102');
    expect(stringOf(dataset, 'PatientSex')).toBe('F');
    expect(stringOf(dataset, 'StudyTime')).toBe('1011');
    expect(
      stringOf(parsePart10(reportOf({ PatientIdentityRemoved: ['YES'] })), 'DeidentificationMethod'),
    ).toBe('not stated in the images');
  });

  test('any value is written or refused by name', () => {
    const value = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 90 }),
      fc.integer(),
      fc.constant(null),
      fc.dictionary(fc.constantFrom('Alphabetic', 'Phonetic'), fc.string({ unit: 'binary', maxLength: 90 })),
    );
    const keyword = fc.constantFrom<Keyword>(
      'PatientName',
      'PatientID',
      'PatientBirthDate',
      'StudyDescription',
      'StudyTime',
      'AccessionNumber',
      'DeidentificationMethod',
      'TimezoneOffsetFromUTC',
    );
    fc.assert(
      fc.property(keyword, fc.array(value, { maxLength: 2 }), (name, values) => {
        try {
          expect(valuesOf(parsePart10(reportOf({ [name]: values })), 'Modality')).toEqual(['SR']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'report/unwritable-identifier' });
        }
      }),
      { numRuns: 200 },
    );
  });
});
