import type { Dataset } from '../documents/dataset.ts';
import {
  elements,
  FRAME_OF_REFERENCE,
  measured,
  scoord,
  scoord3d,
  SERIES,
  sliceUid,
  STUDY,
} from './testing/documents.ts';
import { LONG, near, oneOf, placedIn, REGION, tracked, UID } from './testing/placed.ts';
import { segmentationOf, structureSetOf } from './testing/regions.ts';

describe('regions of interest of others', () => {
  it('planar (TID 1410): the centroid of a polygon, the diameter as measured', () => {
    // A triangle: the centroid is the mean of its corners, the middle of its box is not.
    const finding = oneOf([
      ...tracked('Lesion 7'),
      scoord('POLYLINE', [90.5, 40.5, 120.5, 40.5, 90.5, 70.5, 90.5, 40.5], { name: REGION }),
      measured(LONG, 2.5, 'cm'),
    ]);
    expect(finding).toMatchObject({ label: 'Lesion 7', kind: 'region', longAxis: { mm: 25 } });
    near(finding.lps, [-100 + 100 * 0.5, -80 + 50 * 0.8, 6]);
  });

  it('volumetric (TID 1411): weighted by area, the box around all slices, the middle image', () => {
    const square = (slice: number, half: number): Dataset =>
      scoord(
        'POLYLINE',
        [-half, -half, half, -half, half, half, -half, half].map((offset) => 100.5 + offset),
        { slice, name: REGION },
      );
    const finding = oneOf([...tracked('Lesion 8'), square(2, 1), square(3, 10), square(4, 1)]);
    expect(finding).toMatchObject({ kind: 'volume', image: { sopInstanceUid: sliceUid(3) } });
    near(finding.lps, [-50, 0, 6]);
    near(finding.extent?.min, [-55, -8, 4]);
    near(finding.extent?.max, [-45, 8, 8]);
  });

  it('a line around a lesion gives its diameters, in millimetres; of several slices, those of the largest section', () => {
    // 40 columns of 0.5 mm and 15 rows of 0.8 mm: the long one, 20 mm, is along the columns.
    const ring = (slice: number, share: number): Dataset => {
      const around = Array.from({ length: 60 }, (_, n) => (2 * Math.PI * n) / 60);
      const points = around.flatMap((angle) => [
        100.5 + share * 20 * Math.cos(angle),
        50.5 + share * 7.5 * Math.sin(angle),
      ]);
      return scoord('POLYLINE', points, { slice, name: REGION });
    };
    const planar = oneOf([...tracked('Lesion 7'), ring(3, 1)]);
    const volume = oneOf([...tracked('Lesion 8'), ring(2, 0.5), ring(3, 1), ring(4, 0.7)]);
    for (const { longAxis, shortAxis } of [planar, volume]) {
      expect(longAxis?.mm).toBeCloseTo(20, 1);
      expect(shortAxis?.mm).toBeCloseTo(12, 0);
      near(longAxis?.ends?.[0], [-40, -40, 6]);
    }
    expect(volume.kind).toBe('volume');
    // A rectangle is drawn around a lesion, not along its edge.
    const rectangle = scoord('POLYLINE', [90.5, 40.5, 110.5, 40.5, 110.5, 60.5, 90.5, 60.5], {
      name: REGION,
    });
    expect(oneOf([...tracked('Lesion 9'), rectangle])).not.toHaveProperty('longAxis');
  });

  it.each([
    ['POINT', [1, 2, 3], 'point', [1, 2, 3]],
    ['MULTIPOINT', [0, 0, 0, 4, 8, 2], 'points', [2, 4, 1]],
    ['POLYLINE', [0, 0, 0, 4, 8, 2], 'line', [2, 4, 1]],
    ['POLYGON', [0, 0, 5, 10, 0, 5, 10, 10, 5, 0, 10, 5, 0, 0, 5], 'region', [5, 5, 5]],
    ['ELLIPSE', [0, 5, 1, 10, 5, 1, 5, 2, 1, 5, 8, 1], 'ellipse', [5, 5, 1]],
    ['ELLIPSOID', [0, 5, 1, 10, 5, 1, 5, 2, 1, 5, 8, 1, 5, 5, 0, 5, 5, 2], 'volume', [5, 5, 1]],
  ])('SCOORD3D %s', (type, data, kind, lps) => {
    const finding = oneOf([...tracked('Lesion 9'), scoord3d(type, data)]);
    expect(finding).toMatchObject({ kind, frameOfReferenceUid: FRAME_OF_REFERENCE });
    near(finding.lps, lps);
    expect(finding).not.toHaveProperty('image');
  });

  it('a segmentation: the centre of the voxels of each segment', () => {
    const part10 = segmentationOf(
      [{ label: 'Node', trackingUid: UID }, { label: 'Empty' }],
      [
        { segment: 1, z: 30, pixels: [[2, 3]] },
        {
          segment: 1,
          z: 32,
          pixels: [
            [2, 3],
            [3, 3],
            [2, 4],
            [3, 4],
          ],
        },
        { segment: 2, z: 32, pixels: [] },
      ],
    );
    const { findings, reasons } = placedIn(part10);
    expect(reasons).toEqual(['its segment is empty']);
    expect(findings).toHaveLength(1);
    expect(findings[0]).toMatchObject({
      kind: 'volume',
      label: 'Node',
      trackingUid: UID,
      finding: { meaning: 'Lesion' },
      frameOfReferenceUid: FRAME_OF_REFERENCE,
      image: { seriesInstanceUid: SERIES, sopInstanceUid: sliceUid(4) },
    });
    near(findings[0]?.lps, [10 + (5 * 2 + 2 * 1) / 5, 20 + (5 * 3 + 2 * 1) / 5, (30 + 4 * 32) / 5]);
    near(findings[0]?.extent?.min, [11.5, 22.5, 30]);
    near(findings[0]?.extent?.max, [13.5, 24.5, 32]);
  });

  it.each([
    ['of fractions', elements({ SegmentationType: ['FRACTIONAL'] }), 'its segmentation is not binary'],
    [
      'cut',
      { '7FE00010': { vr: 'OB', Value: [new Uint8Array(8).buffer] } },
      'its segmentation has fewer pixels than it says',
    ],
  ])('a segmentation %s is counted', (_, changes: Dataset, reason) => {
    const part10 = segmentationOf([{ label: 'Node' }], [{ segment: 1, z: 30, pixels: [[2, 3]] }], changes);
    expect(placedIn(part10)).toEqual({ findings: [], reasons: [reason] });
  });

  it('a structure set: the centre of the contours of each region', () => {
    const square = (z: number): number[] => [0, 0, z, 10, 0, z, 10, 10, z, 0, 10, z];
    const part10 = structureSetOf([
      {
        name: 'GTV',
        contours: [
          { type: 'CLOSED_PLANAR', points: square(5) },
          { type: 'CLOSED_PLANAR', points: square(8) },
        ],
      },
      { name: 'Isocentre', contours: [{ type: 'POINT', points: [1, 2, 3] }] },
      { name: 'Empty', contours: [] },
    ]);
    const { findings, reasons } = placedIn(part10);
    expect(reasons).toEqual(['its region has no contours']);
    expect(findings.map(({ label, kind }) => [label, kind])).toEqual([
      ['GTV', 'volume'],
      ['Isocentre', 'point'],
    ]);
    near(findings[0]?.lps, [5, 5, 6.5]);
    near(findings[1]?.lps, [1, 2, 3]);
    expect(findings[0]?.image).toMatchObject({ studyInstanceUid: STUDY, seriesInstanceUid: SERIES });
  });
});
