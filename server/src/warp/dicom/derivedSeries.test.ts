import { errorLike } from '../../errors/testing/like.ts';
import { headerJson, itemsOf, numberOf, stringOf, stringsOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import { affineFromColumns, spacingOf } from '../../geometry/index.ts';
import { readVolume } from '../../volumeAssembly/index.ts';
import type { VolumeGeometry } from '../../volume/index.ts';
import { fieldOfMap } from '../field/displacementField.ts';
import { derivedInstances } from './derivedSeries.ts';
import type { DerivedSeries } from './derivedSeries.ts';
import { sourceSlices } from './sources.ts';

const CT = '1.2.840.10008.5.1.4.1.1.2';

function geometry(study: number, slices: number): VolumeGeometry {
  return {
    dims: [6, 5, slices],
    voxelToLps: affineFromColumns(
      [0.7, 0.02, 0],
      [-0.02, 0.7, 0],
      [0, 0, 2.5],
      [-10, 1234.5678, 100 * study],
    ),
    slices: Array.from({ length: slices }, (_, k) => ({
      sopClassUid: CT,
      sopInstanceUid: `2.25.${study}${k + 1}`,
    })),
    studyInstanceUid: `2.25.${study}`,
    seriesInstanceUid: `2.25.${study}00`,
    frameOfReferenceUid: `2.25.${study}000`,
    modality: 'CT',
    warnings: [],
  };
}

function header(changes: DicomJson = {}): DicomJson {
  return {
    '00100010': { vr: 'PN', Value: [{ Alphabetic: 'Phantom^Samepoint' }] },
    '00100020': { vr: 'LO', Value: ['P1'] },
    '00080020': { vr: 'DA', Value: ['20260914'] },
    '00185100': { vr: 'CS', Value: ['HFS'] },
    ...changes,
  };
}

const [FIXED, MOVING] = [geometry(1, 3), geometry(2, 8)];

function series(changes: Partial<DerivedSeries> = {}): DerivedSeries {
  return {
    fixedHeader: header(),
    movingHeader: header(),
    fixed: FIXED,
    moving: MOVING,
    derivations: ['deformed', 'subtracted'],
    imageType: ['SUBTRACTION'],
    seriesDescription: 'Computed difference, not for diagnosis',
    derivationDescription: 'why',
    padding: -32768,
    window: { center: 0, width: 400 },
    sourcesOf: (k) => [k, k + 1],
    softwareVersion: '1.2.3',
    now: new Date('2026-11-29T09:30:15.250Z'),
    ...changes,
  };
}

const SLICES = [0, 1, 2].map((k) =>
  Int16Array.from({ length: 30 }, (_, n) => (n === 0 ? -32768 : 100 * k - n)),
);

function written(changes: Partial<DerivedSeries> = {}): Uint8Array[] {
  return [...derivedInstances(series(changes), SLICES)];
}

describe('a derived series', () => {
  const files = written();
  const headers = files.map(headerJson);

  it('reads back with the voxels and the place of the fixed series', async () => {
    const volume = await readVolume(
      (async function* (): AsyncGenerator<Uint8Array> {
        for (const file of files) yield await Promise.resolve(file);
      })(),
    );
    expect(volume.dims).toEqual(FIXED.dims);
    volume.voxelToLps.forEach((value, n) => {
      expect(value).toBeCloseTo(FIXED.voxelToLps[n]!, 6);
    });
    expect(volume.frameOfReferenceUid).toBe(FIXED.frameOfReferenceUid);
    expect([...volume.data.subarray(31, 34)]).toEqual([99, 98, 97]);
  });

  it('says that it is derived, how, and of what', () => {
    const [, second = {}] = headers;
    expect(stringsOf(second, 'ImageType')).toEqual(['DERIVED', 'SECONDARY', 'AXIAL', 'SUBTRACTION']);
    expect(stringOf(second, 'SeriesDescription')).toBe('Computed difference, not for diagnosis');
    const sources = itemsOf(second, 'SourceImageSequence').map((item) =>
      stringOf(item, 'ReferencedSOPInstanceUID'),
    );
    expect(sources).toEqual(['2.25.12', '2.25.22', '2.25.23']);
  });

  it('belongs to patient and study of the fixed series, with UIDs of its own', () => {
    const uidsOf = (keyword: 'SeriesInstanceUID' | 'SOPInstanceUID'): Set<string | undefined> =>
      new Set(headers.map((one) => stringOf(one, keyword)));
    for (const one of headers) {
      expect(stringOf(one, 'PatientID')).toBe('P1');
      expect(stringOf(one, 'StudyInstanceUID')).toBe(FIXED.studyInstanceUid);
      expect(stringOf(one, 'PatientPosition')).toBe('HFS');
      expect(numberOf(one, 'RescaleSlope')).toBe(1);
    }
    expect(uidsOf('SOPInstanceUID').size).toBe(3);
    expect(uidsOf('SeriesInstanceUID').size).toBe(1);
    expect(uidsOf('SeriesInstanceUID').has(FIXED.seriesInstanceUid)).toBe(false);
    expect(stringOf(headerJson(written()[0]!), 'SeriesInstanceUID')).not.toBe(
      stringOf(headers[0]!, 'SeriesInstanceUID'),
    );
  });

  it('stays marked as compressed with loss where a source was', () => {
    const lossy = header({
      '00282110': { vr: 'CS', Value: ['01'] },
      '00282112': { vr: 'DS', Value: ['9.5'] },
    });
    const [first = {}] = written({ movingHeader: lossy }).map(headerJson);
    expect(stringOf(first, 'LossyImageCompression')).toBe('01');
    expect(stringOf(headers[0]!, 'LossyImageCompression')).toBeUndefined();
  });

  it('is refused for two patients, and for images that are neither CT nor MR', () => {
    const other = header({ '00100020': { vr: 'LO', Value: ['P2'] } });
    expect(() => written({ movingHeader: other })).toThrow(errorLike({ code: 'register/other-patient' }));
    const issued = (issuer: string): DicomJson => header({ '00100021': { vr: 'LO', Value: [issuer] } });
    expect(() => written({ fixedHeader: issued('A'), movingHeader: issued('B') })).toThrow(
      errorLike({ code: 'register/other-patient' }),
    );
    expect(() => written({ fixed: { ...FIXED, modality: 'PT' } })).toThrow(
      errorLike({ code: 'register/other-image' }),
    );
  });
});

describe('the sources of a slice', () => {
  it('are the slices that the field leads to', () => {
    expect(spacingOf(FIXED.voxelToLps)[2]).toBeCloseTo(2.5, 9);
    const shift = affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 101]);
    const sourcesOf = sourceSlices(FIXED, MOVING, fieldOfMap(FIXED, shift, undefined));
    // 0.4 slices above slice k.
    expect([0, 2].map(sourcesOf)).toEqual([[0, 1], [2, 3]]); // prettier-ignore
  });
});
