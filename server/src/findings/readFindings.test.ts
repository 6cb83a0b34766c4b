import { CODES } from '../contentTree/codes.ts';
import { buildReport } from '../report/buildReport.ts';
import { codedItem, textItem } from '../contentTree/contentItems.ts';
import type { Dataset } from '../documents/dataset.ts';
import { pairOf, requestOf } from '../report/testing/fixtures.ts';
import { imagesOfFinding, placeFinding } from './place.ts';
import { imagePlaneOrReason } from './plane.ts';
import { readFindings } from './readFindings.ts';
import {
  elements,
  file,
  group,
  measured,
  rejectionOf,
  reportOf,
  reportOfMany,
  scoord,
  sliceMetadata,
  STUDY,
} from './testing/documents.ts';
import { documentOf, LENGTH, ohif, placedIn, REGION, tracked } from './testing/placed.ts';

describe('reports of Samepoint', () => {
  it('with pairs: both ends, at the exact points, under the UID of the lesion', () => {
    const pair = pairOf();
    const { part10 } = buildReport(requestOf({ pairs: [pair] }));
    const { findings } = documentOf(readFindings(part10));
    expect(findings).toHaveLength(2);
    expect(findings.flatMap(imagesOfFinding)).toEqual(
      [pair.current, pair.prior].map(({ studyInstanceUid, seriesInstanceUid, pixel }) => ({
        studyInstanceUid,
        seriesInstanceUid,
        sopClassUid: pixel.sopClassUid,
        sopInstanceUid: pixel.sopInstanceUid,
      })),
    );
    for (const finding of findings) {
      expect(finding).toMatchObject({ label: 'Lesion 1', trackingUid: pair.lesionUid, kind: 'point' });
      // The slice of the point: 0.4 mm below it.
      const position = [-12.3456789 - 255.4321, 45.1 - 101.25, 678.25 - 0.4];
      const metadata = sliceMetadata(5, elements({ ImagePositionPatient: position, PixelSpacing: [1, 1] }));
      const placed = placeFinding(finding, () => imagePlaneOrReason(metadata));
      expect(placed).toMatchObject({ ok: true, finding: { lps: pair.current.lps } });
      const elsewhere = placeFinding(finding, () => imagePlaneOrReason(sliceMetadata(5)));
      expect(elsewhere).toEqual({ ok: false, reason: 'its position contradicts its mark in the image' });
    }
  });
});

describe('what cannot be read', () => {
  const valid = group([...tracked('Valid'), scoord('POINT', [100.5, 50.5], { name: REGION })]);

  it.each<readonly [string, readonly Dataset[], string]>([
    ['no coordinates', [measured(LENGTH, 3, 'mm')], 'it has no coordinates in an image or in the patient'],
    [
      'an image that is not listed',
      [scoord('POINT', [1, 1], { slice: 77 })],
      'its image is not listed as evidence',
    ],
    ['half a point', [scoord('POINT', [1])], 'its coordinates are incomplete'],
    ['no number', [scoord('POINT', [Number.NaN, 1])], 'its coordinates are no place'],
    ['a point outside its image', [scoord('POINT', [600, 1])], 'it lies outside its image'],
    [
      'a line that crosses the edge of its image',
      [scoord('POLYLINE', [1, 1, 1, -40])],
      'it lies outside its image',
    ],
    [
      'a frame that does not exist',
      [scoord('POINT', [1, 1], { frameNumber: 4 })],
      'its image has no such frame',
    ],
    ['an unknown graphic', [scoord('SPIRAL', [1, 1])], 'its graphic is of an unknown type'],
  ])('%s: counted with its reason, and the others are read', (_, items, reason) => {
    const { findings, reasons } = placedIn(reportOf([valid, group(items), valid]));
    expect(reasons).toEqual([reason]);
    expect(findings).toHaveLength(2);
  });

  it('equal reasons are one, with their number', () => {
    const { unread, findings } = documentOf(readFindings(reportOf([group([]), valid, group([]), group([])])));
    expect(unread).toEqual([{ reason: 'it has no coordinates in an image or in the patient', count: 3 }]);
    expect(findings).toHaveLength(1);
  });

  it('a cut file is damaged', () => {
    const part10 = reportOf([valid]);
    expect(readFindings(part10.subarray(0, part10.length - 40))).toMatchObject({
      ok: false,
      isDamaged: true,
    });
    expect(readFindings(new Uint8Array(200))).toMatchObject({ ok: false, isDamaged: true });
  });

  it('other documents hold no findings and are not damaged', () => {
    const dose = file(elements({ Modality: ['SR'], ValueType: ['CONTAINER'] }));
    const image = file(elements({ Modality: ['CT'] }));
    for (const part10 of [dose, image])
      expect(readFindings(part10)).toEqual({ ok: false, isDamaged: false, reason: 'it holds no findings' });
  });

  it('texts in other character sets are read, in unknown ones shown with gaps', () => {
    const named = group([scoord('POINT', [1, 1]), textItem('CONTAINS', CODES.comment, 'Änderung')]);
    const labelIn = (characterSet: string): string | undefined =>
      documentOf(readFindings(reportOf([named], { characterSet }))).findings[0]?.label;
    expect(labelIn('ISO_IR 192')).toBe('Änderung');
    expect(labelIn('ISO 2022 IR 999')).toMatch(/^\uFFFD+nderung$/u);
  });
});

test('a document names what it replaces; a rejection what it withdraws', () => {
  const report = documentOf(readFindings(reportOf([], { replaces: ['1.2.3.4', '1.2.3.5'] })));
  expect(report).toMatchObject({
    source: 'SR',
    replaces: ['1.2.3.4', '1.2.3.5'],
    createdAt: '2026-03-02T10:11:12',
    identity: { studyInstanceUid: STUDY, patientId: 'P1' },
  });
  expect(documentOf(readFindings(rejectionOf(['1.2.3.4'])))).toMatchObject({
    source: 'KO',
    replaces: ['1.2.3.4'],
  });
  expect(readFindings(rejectionOf(['1.2.3.4'], ['113000', 'DCM', 'Of Interest']))).toMatchObject({
    ok: false,
  });
});

test('5,000 findings are read', () => {
  const item = group([
    ...ohif('Length'),
    codedItem('CONTAINS', CODES.finding, ['52988006', 'SCT', 'Lesion']),
    codedItem('CONTAINS', ['363698007', 'SCT', 'Finding Site'], ['10200004', 'SCT', 'Liver']),
    textItem('CONTAINS', CODES.comment, 'Lesion'),
    measured(LENGTH, 10, 'mm', [scoord('POLYLINE', [100.5, 50.5, 120.5, 50.5])]),
  ]);
  const { findings, unread } = documentOf(readFindings(reportOfMany(item, 5_000)));
  expect(findings).toHaveLength(5_000);
  expect(findings[4_999]).toMatchObject({ number: 5_000, label: 'Lesion' });
  expect(unread).toEqual([]);
});
