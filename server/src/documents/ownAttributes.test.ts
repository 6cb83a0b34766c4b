import { tagOf } from '../dicom/index.ts';
import type { Keyword } from '../dicom/index.ts';
import { dicomDateTime } from './dateTime.ts';
import { ownAttributes } from './ownAttributes.ts';

const ids = { studyInstanceUid: '1.2.1', seriesInstanceUid: '1.2.2', sopInstanceUid: '1.2.3' };
const attributes = ownAttributes({
  ids,
  sopClassUid: '1.2.840.10008.5.1.4.1.1.66.2',
  modality: 'FID',
  seriesNumber: '9901',
  seriesDescription: 'Landmarks',
  softwareVersions: ['1.2.3', 'model 2'],
  written: dicomDateTime(new Date('2026-11-23T23:30:15Z'), '+0100'),
});
const valuesOf = (keyword: Keyword): unknown => attributes[tagOf(keyword)]?.Value;

describe('ownAttributes', () => {
  it('identify the object, its series and its study, each by its own UID', () => {
    expect(valuesOf('SOPInstanceUID')).toEqual(['1.2.3']);
    expect(valuesOf('SeriesInstanceUID')).toEqual(['1.2.2']);
    expect(valuesOf('StudyInstanceUID')).toEqual(['1.2.1']);
    expect(valuesOf('SOPClassUID')).toEqual(['1.2.840.10008.5.1.4.1.1.66.2']);
  });

  it('date instance, series and content by the moment of writing, in the time zone of the images', () => {
    for (const part of ['InstanceCreation', 'Series', 'Content'] as const) {
      expect(valuesOf(`${part}Date`)).toEqual(['20261124']);
      expect(valuesOf(`${part}Time`)).toEqual(['003015.000']);
    }
  });

  it('name every version of the software, and the series', () => {
    expect(valuesOf('SoftwareVersions')).toEqual(['1.2.3', 'model 2']);
    expect(valuesOf('Manufacturer')).toEqual(['Samepoint']);
    expect(valuesOf('Modality')).toEqual(['FID']);
    expect(valuesOf('SeriesNumber')).toEqual(['9901']);
    expect(valuesOf('SeriesDescription')).toEqual(['Landmarks']);
  });
});
