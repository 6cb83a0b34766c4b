import dcmjs from 'dcmjs';
import { isWellFormedUid } from '../dicom/index.ts';
import { isSamepointError } from '../errors/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import { buildReport } from './buildReport.ts';
import { instanceOf, pairOf, pointIn, requestOf } from './testing/fixtures.ts';
import { readReport } from './readReport.ts';
import type { ReportRequest, SeriesPoint } from './types.ts';
import { derivedUids } from '../documents/uid.ts';
import { LABEL_LENGTH } from '../documents/index.ts';

/** An item as OHIF sees it: dcmjs' naturalized data set, sequences as arrays. */
interface Natural {
  readonly ValueType: string;
  readonly RelationshipType?: string;
  readonly ConceptNameCodeSequence?: readonly { readonly CodeValue: string; readonly CodeMeaning: string }[];
  readonly ConceptCodeSequence?: readonly { readonly CodeValue: string }[];
  readonly ContentSequence?: readonly Natural[];
  readonly ReferencedSOPSequence?: readonly Readonly<Record<string, unknown>>[];
  readonly TextValue?: string;
  readonly UID?: string;
  readonly GraphicType?: string;
  readonly GraphicData?: readonly number[];
  readonly [keyword: string]: unknown;
}

/** Reads a report with dcmjs, as OHIF does: another reader than our own. */
function natural(part10: Uint8Array): Natural {
  const { DicomMessage, DicomMetaDictionary } = dcmjs.data;
  const dict = DicomMessage.readFile(part10.slice().buffer).dict;
  return DicomMetaDictionary.naturalizeDataset(dict) as unknown as Natural;
}

function named(item: Natural, codeValue: string): Natural[] {
  return (item.ContentSequence ?? []).filter(
    ({ ConceptNameCodeSequence }) => ConceptNameCodeSequence?.[0]?.CodeValue === codeValue,
  );
}

function groupsOf(report: Natural): Natural[] {
  return named(named(report, '126010')[0]!, '125007');
}

function codeOf(build: () => unknown): string {
  try {
    build();
  } catch (error) {
    if (isSamepointError(error)) return error.code;
    throw error;
  }
  return 'built';
}

describe('buildReport', () => {
  const request = requestOf({
    pairs: [pairOf(), pairOf({ label: 'Lesion 2', prior: pointIn(30, 4), lesionUid: '2.25.7' })],
    observerName: 'Reader^Rosa',
  });
  const built = buildReport(request);
  const report = natural(built.part10);

  it('refers to what exists by UIDs with leading zeros, and gives them back', () => {
    const odd = (study: number): SeriesPoint => {
      const { pixel, ...point } = pointIn(study, 5);
      return {
        ...point,
        studyInstanceUid: `1.2.0${study}`,
        seriesInstanceUid: `1.2.0${study}.001`,
        frameOfReferenceUid: `1.2.0${study}.02`,
        pixel: { ...pixel, sopInstanceUid: `1.2.0${study}.001.05` },
      };
    };
    const pair = pairOf({ current: odd(10), prior: odd(20) });
    const current = {
      ...instanceOf(10),
      '0020000D': { vr: 'UI', Value: ['1.2.010'] },
      '0020000E': { vr: 'UI', Value: ['1.2.010.001'] },
    };
    const stored = buildReport(requestOf({ pairs: [pair], current }));
    expect(stored.studyInstanceUid).toBe('1.2.010');
    expect([stored.seriesInstanceUid, stored.sopInstanceUid].every(isWellFormedUid)).toBe(true);
    const read = readReport(stored.part10);
    expect(read.ok && read.pairs[0]).toMatchObject({
      current: { seriesInstanceUid: '1.2.010.001', pixel: { sopInstanceUid: '1.2.010.001.05' } },
      prior: { studyInstanceUid: '1.2.020', frameOfReferenceUid: '1.2.020.02' },
    });
  });

  it('is an Enhanced SR of template 1500 in the current study, in a series of its own', () => {
    expect(report).toMatchObject({
      SOPClassUID: '1.2.840.10008.5.1.4.1.1.88.22',
      StudyInstanceUID: '1.2.826.10',
      SeriesInstanceUID: built.seriesInstanceUid,
      SOPInstanceUID: built.sopInstanceUid,
      Modality: 'SR',
      SeriesDescription: 'Samepoint matches',
      CompletionFlag: 'COMPLETE',
      VerificationFlag: 'UNVERIFIED',
      PatientID: 'P-1',
      AccessionNumber: 'A123',
    });
    expect(report['ContentTemplateSequence']).toMatchObject([
      { MappingResource: 'DCMR', TemplateIdentifier: '1500' },
    ]);
    expect(built.studyInstanceUid).toBe('1.2.826.10');
    const again = buildReport(request);
    expect(again.seriesInstanceUid).not.toBe(built.seriesInstanceUid);
    expect(again.sopInstanceUid).not.toBe(built.sopInstanceUid);
  });

  it('lists the current study and every prior as evidence', () => {
    expect(report['CurrentRequestedProcedureEvidenceSequence']).toMatchObject([
      {
        StudyInstanceUID: '1.2.826.10',
        ReferencedSeriesSequence: [
          { ReferencedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.826.10.1.5' }] },
        ],
      },
      { StudyInstanceUID: '1.2.826.20' },
      { StudyInstanceUID: '1.2.826.30' },
    ]);
  });

  it('keeps the rules by which stock OHIF hydrates: one NUM per group, whose only child is the SCOORD', () => {
    const groups = groupsOf(report);
    expect(groups).toHaveLength(4);
    for (const group of groups) {
      const numbers = (group.ContentSequence ?? []).filter(({ ValueType }) => ValueType === 'NUM');
      expect(numbers).toHaveLength(1);
      expect(numbers[0]?.ContentSequence).toMatchObject([{ ValueType: 'SCOORD', GraphicType: 'POLYLINE' }]);
      expect(numbers[0]?.['MeasuredValueSequence']).toMatchObject([
        { MeasurementUnitsCodeSequence: [{ CodeValue: 'mm' }] },
      ]);
      expect(named(group, '112039')[0]?.TextValue).toBe('Cornerstone3DTools@^0.1.0:ArrowAnnotate');
      expect(named(group, '121071')).toHaveLength(1);
      // OHIF uses the first UIDREF of a group for its Tracking Unique Identifier, and items by their concept name.
      const uids = (group.ContentSequence ?? []).filter(({ ValueType }) => ValueType === 'UIDREF');
      expect(uids[0]?.ConceptNameCodeSequence?.[0]?.CodeValue).toBe('112040');
      expect(
        (group.ContentSequence ?? []).every(({ ConceptNameCodeSequence }) => ConceptNameCodeSequence),
      ).toBe(true);
    }
    const trackingUids = groups.map((group) => named(group, '112040')[0]?.UID);
    expect(new Set(trackingUids).size).toBe(4);
    expect(groups.map((group) => named(group, '121106')[0]?.TextValue)).toEqual([
      'Lesion 1',
      'Lesion 1',
      'Lesion 2',
      'Lesion 2',
    ]);
  });

  it('writes the tip of the arrow with the half pixel of SCOORD, on the image of its point', () => {
    const [current, prior] = groupsOf(report).map(
      (group) =>
        (group.ContentSequence ?? []).find(({ ValueType }) => ValueType === 'NUM')?.ContentSequence?.[0],
    );
    // Pixel index 255.4321, 101.25.
    expect(current?.GraphicData).toHaveLength(4);
    expect(current?.GraphicData?.[0]).toBeCloseTo(255.9321, 4);
    expect(current?.GraphicData?.[1]).toBeCloseTo(101.75, 4);
    expect(current?.ContentSequence).toMatchObject([
      {
        ValueType: 'IMAGE',
        RelationshipType: 'SELECTED FROM',
        ReferencedSOPSequence: [{ ReferencedSOPInstanceUID: '1.2.826.10.1.5' }],
      },
    ]);
    expect(prior?.ContentSequence?.[0]?.ReferencedSOPSequence).toMatchObject([
      { ReferencedSOPInstanceUID: '1.2.826.20.1.8' },
    ]);
  });

  it('keeps the tail of the arrow inside the image at its first row and column', () => {
    const corner = pointIn(10, 5);
    const pair = pairOf({ current: { ...corner, pixel: { ...corner.pixel, column: 0, row: 2 } } });
    const [group] = groupsOf(natural(buildReport(requestOf({ pairs: [pair] })).part10));
    const scoord = (group?.ContentSequence ?? []).find(({ ValueType }) => ValueType === 'NUM')
      ?.ContentSequence?.[0];
    expect(Math.min(...(scoord?.GraphicData ?? [-1]))).toBeGreaterThanOrEqual(0);
  });

  it('references the frame of a multi-frame image', () => {
    const point = pointIn(10, 5);
    const pixel = { ...point.pixel, sopClassUid: '1.2.840.10008.5.1.4.1.1.2.1', frameNumber: 17 };
    const pair = pairOf({ current: { ...point, pixel } });
    const [group] = groupsOf(natural(buildReport(requestOf({ pairs: [pair] })).part10));
    const scoord = (group?.ContentSequence ?? []).find(({ ValueType }) => ValueType === 'NUM')
      ?.ContentSequence?.[0];
    expect(scoord?.ContentSequence?.[0]?.ReferencedSOPSequence).toMatchObject([
      { ReferencedFrameNumber: 17 },
    ]);
  });

  it('names the observers and the algorithm', () => {
    const names = (report.ContentSequence ?? []).map(
      ({ ConceptNameCodeSequence }) => ConceptNameCodeSequence?.[0]?.CodeMeaning,
    );
    expect(names.slice(0, 5)).toEqual([
      'Language of Content Item and Descendants',
      'Observer Type',
      'Person Observer Name',
      'Observer Type',
      'Device Observer UID',
    ]);
    const [group] = groupsOf(report);
    expect(named(group!, '111001')[0]?.TextValue).toBe('Samepoint nearest');
    expect(named(group!, '111003')[0]?.TextValue).toBe('0.1.0');
    expect(named(group!, '111002')[0]?.TextValue).toBe('model=samepoint-ct');
  });

  it('copies the time zone of the study and keeps missing patient attributes empty', () => {
    const current = {
      '0020000D': { vr: 'UI', Value: ['1.2.826.10'] },
      '00080201': { vr: 'SH', Value: ['+0530'] },
    };
    const anonymous = natural(buildReport(requestOf({ current })).part10);
    // 09:30:15.25 UTC is 15:00:15.25 in India.
    expect(anonymous).toMatchObject({ ContentDate: '20261123', TimezoneOffsetFromUTC: '+0530' });
    expect(String(anonymous['ContentTime'])).toBe('150015.250');
    expect(anonymous['ObservationDateTime']).toBe('20261123150015.250000+0530');
    expect('PatientName' in anonymous && 'PatientID' in anonymous && 'StudyDate' in anonymous).toBe(true);
  });

  it('uses the given source of UIDs', () => {
    let count = 2;
    const uids = { seriesInstanceUid: '2.25.1', sopInstanceUid: '2.25.2', next: () => `2.25.${++count}` };
    const { seriesInstanceUid, sopInstanceUid, part10 } = buildReport(requestOf({ uids }));
    expect([seriesInstanceUid, sopInstanceUid]).toEqual(['2.25.1', '2.25.2']);
    expect(named(groupsOf(natural(part10))[0]!, '112040')[0]?.UID).toMatch(/^2\.25\.\d$/u);
  });

  it('is the same file for the same request, byte by byte', () => {
    const save = { key: 'k', studyInstanceUid: '1.2.826.10', content: 'x' };
    const files = [1, 2].map(() => buildReport(requestOf({ uids: derivedUids(save) })).part10);
    expect(files[0]).toEqual(files[1]);
  });
});

describe('buildReport, requests that are refused', () => {
  const point = pointIn(10, 5);
  const at = (pixel: object): ReportRequest['pairs'] => [
    pairOf({ current: { ...point, pixel: { ...point.pixel, ...pixel } } }),
  ];
  it.each<[string, Partial<ReportRequest>]>([
    ['report/no-pairs', { pairs: [] }],
    ['report/not-confirmed', { pairs: [pairOf({ state: 'rejected' as 'moved' })] }],
    ['report/bad-label', { pairs: [pairOf({ label: ' ' })] }],
    ['report/bad-label', { pairs: [pairOf({ label: 'x'.repeat(LABEL_LENGTH + 1) })] }],
    ['report/bad-label', { pairs: [pairOf({ label: 'two\nlines' })] }],
    ['report/bad-label', { pairs: [pairOf({ label: 'half \ud83d' })] }],
    ['report/bad-value', { pairs: [pairOf({ lesionUid: 'lesion 1' })] }],
    ['report/bad-value', { pairs: [pairOf({ similarity: NaN })] }],
    ['report/bad-value', { pairs: [pairOf({ cycleErrorMm: Infinity })] }],
    ['report/bad-value', { pairs: [pairOf({ cycleErrorMm: -1 })] }],
    ['report/bad-value', { pairs: [pairOf({ prior: pointIn(20, 8, { lps: lpsPoint(0, NaN, 0) }) })] }],
    ['report/bad-value', { pairs: [pairOf({ prior: pointIn(20, 8, { frameOfReferenceUid: '' }) })] }],
    ['report/bad-value', { pairs: at({ frameNumber: 0 }) }],
    ['report/bad-value', { pairs: at({ column: NaN }) }],
    ['report/pixel-outside', { pairs: at({ column: -0.6 }) }],
    ['report/pixel-outside', { pairs: at({ row: 511.6 }) }],
    ['report/other-study', { pairs: [pairOf(), pairOf({ current: pointIn(11, 1) })] }],
    [
      'report/contradictory-reference',
      { pairs: [pairOf(), pairOf({ prior: pointIn(20, 8, { seriesInstanceUid: '1.2.9' }) })] },
    ],
    ['report/incomplete-context', { current: {} }],
    ['report/other-patient', { priors: [{ ...instanceOf(20), '00100020': { vr: 'LO', Value: ['P-2'] } }] }],
  ])('%s', (code, changes) => {
    expect(codeOf(() => buildReport(requestOf(changes)))).toBe(code);
  });

  it('bounds the pixels of a prior by its own metadata', () => {
    const small = { ...instanceOf(20), '00280010': { vr: 'US', Value: [100] } };
    expect(codeOf(() => buildReport(requestOf({ priors: [small] })))).toBe('report/pixel-outside');
    expect(codeOf(() => buildReport(requestOf({ priors: [instanceOf(20)] })))).toBe('built');
  });

  it('says which pair and end is wrong without its label', () => {
    const pairs = [pairOf(), pairOf({ label: 'Mrs Miller\n' + 'x' })];
    expect(() => buildReport(requestOf({ pairs }))).toThrow(
      'the label of pair 2 holds a control character or a line break',
    );
  });
});
