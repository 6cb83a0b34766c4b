import { CODES } from '../contentTree/codes.ts';
import { codedItem } from '../contentTree/contentItems.ts';
import { FRAME_OF_REFERENCE, measured, scoord, SERIES, sliceUid, STUDY } from './testing/documents.ts';
import { AREA, LENGTH, LONG, near, ohif, oneOf, SHORT, UID } from './testing/placed.ts';

describe('what stock OHIF writes', () => {
  it('Length: the middle of the line, its ends and its length', () => {
    const finding = oneOf([
      ...ohif('Length'),
      measured(LENGTH, 10, 'mm', [scoord('POLYLINE', [100.5, 50.5, 120.5, 50.5])]),
    ]);
    expect(finding).toMatchObject({
      kind: 'line',
      trackingUid: UID,
      frameOfReferenceUid: FRAME_OF_REFERENCE,
      longAxis: { mm: 10 },
      image: {
        studyInstanceUid: STUDY,
        seriesInstanceUid: SERIES,
        sopInstanceUid: sliceUid(3),
        column: 110,
        row: 50,
      },
    });
    // First pixel at -100, -80; 0.5 mm a column, 0.8 mm a row; slice 3 at 6 mm. SCOORD counts from the corner of the pixel.
    near(finding.lps, [-100 + 110 * 0.5, -80 + 50 * 0.8, 6]);
    near(finding.longAxis?.ends?.[0], [-50, -40, 6]);
    near(finding.longAxis?.ends?.[1], [-40, -40, 6]);
    expect(finding.label).toBe('');
  });

  it('Bidirectional: both axes, whatever their order', () => {
    const axes = [
      measured(SHORT, 4, 'mm', [scoord('POLYLINE', [110.5, 48, 110.5, 53])]),
      measured(LONG, 10, 'mm', [scoord('POLYLINE', [100.5, 50.5, 120.5, 50.5])]),
    ];
    const finding = oneOf([...ohif('Bidirectional'), ...axes]);
    expect(finding).toMatchObject({ kind: 'bidirectional', longAxis: { mm: 10 }, shortAxis: { mm: 4 } });
    near(finding.lps, [-45, -40, 6]);
    near(finding.shortAxis?.ends?.[0], [-45, -80 + 47.5 * 0.8, 6]);
    near(finding.shortAxis?.ends?.[1], [-45, -80 + 52.5 * 0.8, 6]);
  });

  it('ArrowAnnotate: the tip, and the text of the reader', () => {
    const finding = oneOf([
      ...ohif('ArrowAnnotate'),
      codedItem('CONTAINS', CODES.finding, ['CORNERSTONEFREETEXT', 'CST4', 'Metastasis']),
      measured(['111010', 'DCM', 'Center'], 0, '1', [scoord('POLYLINE', [100.5, 50.5, 80, 20])]),
    ]);
    expect(finding).toMatchObject({ kind: 'point', label: 'Metastasis' });
    expect(finding).not.toHaveProperty('finding');
    expect(finding).not.toHaveProperty('extent');
    near(finding.lps, [-50, -40, 6]);
  });

  it('Probe, and a finding with a site', () => {
    const finding = oneOf([
      ...ohif('Probe'),
      codedItem('CONTAINS', CODES.finding, ['52988006', 'SCT', 'Lesion']),
      codedItem('CONTAINS', ['363698007', 'SCT', 'Finding Site'], ['10200004', 'SCT', 'Liver']),
      measured(['111010', 'DCM', 'Center'], 0, '1', [scoord('POINT', [100.5, 50.5])]),
    ]);
    expect(finding).toMatchObject({
      kind: 'point',
      label: 'Lesion',
      finding: { value: '52988006', scheme: 'SCT', meaning: 'Lesion' },
      sites: [{ value: '10200004', meaning: 'Liver' }],
    });
  });

  it('CircleROI: centre, diameter and extent', () => {
    const finding = oneOf([
      ...ohif('CircleROI'),
      measured(AREA, 78, 'mm2', [scoord('CIRCLE', [100.5, 50.5, 110.5, 50.5])]),
      measured(['370129005', 'SCT', 'Mean'], 40, "[hnsf'U]"),
    ]);
    expect(finding.kind).toBe('circle');
    near(finding.lps, [-50, -40, 6]);
    expect(finding.longAxis?.mm).toBeCloseTo(10, 4);
    near(finding.extent?.min, [-55, -80 + 40 * 0.8, 6]);
    near(finding.extent?.max, [-45, -80 + 60 * 0.8, 6]);
  });

  it('CircleROI of 3.11, once for its area and once for its perimeter: one circle', () => {
    const circle = scoord('CIRCLE', [100.5, 50.5, 110.5, 50.5]);
    const finding = oneOf([
      ...ohif('CircleROI'),
      measured(['131191004', 'SCT', 'Perimeter'], 31, 'mm', [circle]),
      measured(AREA, 78, 'mm2', [circle]),
    ]);
    expect(finding).toMatchObject({ kind: 'circle', longAxis: { mm: 10 } });
    near(finding.lps, [-50, -40, 6]);
  });

  it('EllipticalROI: centre and both axes, the longer one in millimetres first', () => {
    // 20 columns are 10 mm, 16 rows 12.8 mm.
    const finding = oneOf([
      ...ohif('EllipticalROI'),
      measured(AREA, 78, 'mm2', [scoord('ELLIPSE', [90.5, 50.5, 110.5, 50.5, 100.5, 42.5, 100.5, 58.5])]),
    ]);
    expect(finding.kind).toBe('ellipse');
    near(finding.lps, [-50, -40, 6]);
    expect(finding.longAxis?.mm).toBeCloseTo(12.8, 4);
    expect(finding.shortAxis?.mm).toBeCloseTo(10, 4);
    near(finding.extent?.min, [-55, -46.4, 6]);
  });

  it.each([
    ['around', [90.5, 40.5, 110.5, 40.5, 110.5, 60.5, 90.5, 60.5, 90.5, 40.5]],
    ['as cornerstone orders its corners', [90.5, 40.5, 110.5, 40.5, 90.5, 60.5, 110.5, 60.5]],
  ])('RectangleROI: the centre of corners %s', (_, corners) => {
    const finding = oneOf([...ohif('RectangleROI'), measured(AREA, 1, 'mm2', [scoord('POLYLINE', corners)])]);
    expect(finding.kind).toBe('region');
    near(finding.lps, [-50, -40, 6]);
    near(finding.extent?.max, [-45, -32, 6]);
  });

  it('lengths in pixels are no lengths: that of the drawn line counts', () => {
    const finding = oneOf([
      ...ohif('Length'),
      measured(LENGTH, 20, 'px', [scoord('POLYLINE', [100.5, 50.5, 120.5, 50.5])]),
    ]);
    expect(finding.longAxis?.mm).toBeCloseTo(10, 4);
  });
});
