import dcmjs from 'dcmjs';
import { itemsOf, numberOf, numbersOf, stringOf, stringsOf, valuesOf } from './dicomJson.ts';
import type { DicomJson } from './dicomJson.ts';
import { ATTRIBUTES } from './attributes.ts';

test.each(Object.entries(ATTRIBUTES))(
  '%s has the tag and VR of the DICOM dictionary',
  (keyword, [tag, vr]) => {
    const entry = dcmjs.data.DicomMetaDictionary.nameMap[keyword];
    expect(entry?.tag.replace(/[(),]/g, '').toUpperCase()).toBe(tag);
    // The dictionary names all of several: `ox`, `xs`.
    expect({ ox: 'OW', xs: 'US' }[entry?.vr ?? ''] ?? entry?.vr).toBe(vr);
  },
);

test('values in the requested type', () => {
  const json: DicomJson = {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^John', Ideographic: '山田' }] },
    '00200032': { vr: 'DS', Value: [-1.5, '2.25', ' 3 '] },
    '00280030': { vr: 'DS', Value: [0.5, null] },
    '00200013': { vr: 'IS', Value: ['12'] },
    '00080008': { vr: 'CS', Value: ['ORIGINAL', '', 'AXIAL', null] },
    '00081199': { vr: 'SQ', Value: [{ '00081155': { vr: 'UI', Value: ['1.2'] } }, null, 'junk'] },
    '00080060': { vr: 'CS' },
    '00201209': { vr: 'IS', Value: ['many'] },
  };
  expect(stringOf(json, 'PatientName')).toBe('Doe^John');
  expect(numbersOf(json, 'ImagePositionPatient')).toEqual([-1.5, 2.25, 3]);
  expect(numbersOf(json, 'PixelSpacing')).toBeUndefined();
  expect(numberOf(json, 'InstanceNumber')).toBe(12);
  expect(stringOf(json, 'InstanceNumber')).toBe('12');
  expect(stringsOf(json, 'ImageType')).toEqual(['ORIGINAL', 'AXIAL']);
  expect(itemsOf(json, 'ReferencedSOPSequence')).toEqual([{ '00081155': { vr: 'UI', Value: ['1.2'] } }]);
  expect(stringOf(json, 'Modality')).toBeUndefined();
  expect(numberOf(json, 'NumberOfSeriesRelatedInstances')).toBeUndefined();
  expect(numbersOf(json, 'Rows')).toBeUndefined();
  expect(valuesOf({ '00280010': { vr: 'US', Value: 'junk' } }, 'Rows')).toEqual([]);
});

test('texts and numbers without the padding of files', () => {
  const json: DicomJson = {
    '0020000D': { vr: 'UI', Value: ['1.2.3\0'] },
    '00080060': { vr: 'CS', Value: ['SR '] },
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Doe^John \0' }] },
    '00201209': { vr: 'IS', Value: ['12\0'] },
    '00200032': { vr: 'DS', Value: ['-1.5 ', ' 2\0', '3'] },
    '00080008': { vr: 'CS', Value: ['ORIGINAL ', ' \0'] },
  };
  expect(stringOf(json, 'StudyInstanceUID')).toBe('1.2.3');
  expect(stringOf(json, 'Modality')).toBe('SR');
  expect(stringOf(json, 'PatientName')).toBe('Doe^John');
  expect(numberOf(json, 'NumberOfSeriesRelatedInstances')).toBe(12);
  expect(numbersOf(json, 'ImagePositionPatient')).toEqual([-1.5, 2, 3]);
  expect(stringsOf(json, 'ImageType')).toEqual(['ORIGINAL']);
});
