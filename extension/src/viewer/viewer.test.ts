/** Where the extension meets the viewports: which series are shown, jumping, and which markers belong on a slice. */
import { describe, expect, test } from '@jest/globals';
import { lesionOf, marked, pointIn, proposed, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost, SLICE_MM } from '../testing/fakeHost.ts';
import type { Panes } from '../testing/fakeHost.ts';
import type { Viewport } from '../ohif.d.ts';
import { MarkerLayer } from './annotations.ts';
import { Host } from './host.ts';
import { jumpTo } from './jump.ts';
import { markersOf } from './marker.ts';
import type { Marker } from './marker.ts';
import { loadedSeries, loadedStudies, samePatient, shownSeries } from './series.ts';
import { showStoredSeries } from './storedSeries.ts';
import { isOnShownSlice, pixelsPerMm, shownPlane } from './visible.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');

function setUp(panes: Panes = { left: CURRENT, right: PRIOR }): { fake: FakeHost; host: Host } {
  const fake = new FakeHost(panes);
  return { fake, host: new Host(fake.parameters) };
}

describe('shownSeries', () => {
  test('lists each series once, with its viewports and the date of its study', () => {
    const { host } = setUp({ a: CURRENT, b: PRIOR, c: PRIOR });
    expect(shownSeries(host).map(({ title, viewportIds }) => [title, viewportIds])).toEqual([
      ['CT of 2024-03-01', ['a']],
      ['CT of 2023-02-11', ['b', 'c']],
    ]);
  });

  test('an empty pane and a display set that is gone do no harm', () => {
    const { fake, host } = setUp({ a: CURRENT, b: PRIOR });
    fake.displaySets = [CURRENT];
    expect(shownSeries(host).map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual([
      CURRENT.SeriesInstanceUID,
    ]);
  });

  test.each([
    ['the same patient', axialSeries('b', '2023', 'P'), true],
    ['another patient', axialSeries('b', '2023', 'Q'), false],
    ['images without a patient id', axialSeries('b', '2023', ''), false],
  ])('%s', (_name, other, expected) => {
    const [a, b] = shownSeries(setUp({ a: CURRENT, b: other }).host);
    expect(a !== undefined && b !== undefined && samePatient(a, b)).toBe(expected);
  });

  test('what is loaded is listed whether it is shown or not, and read again when images come in', () => {
    const { fake, host } = setUp({ a: CURRENT });
    const growing = { ...PRIOR, instances: PRIOR.instances!.slice(0, 2) };
    fake.displaySets = [CURRENT, growing];
    const loaded = () => loadedSeries(host).map(({ title, images, isVolume }) => [title, images, isVolume]);
    expect(loaded()[1]).toEqual(['CT of 2023-02-11', 2, false]);
    growing.instances.push(...PRIOR.instances!.slice(2));
    expect(loaded()[1]).toEqual(['CT of 2023-02-11', 40, true]);
    expect(loadedStudies(host)).toEqual(new Set([CURRENT.StudyInstanceUID, PRIOR.StudyInstanceUID]));
  });
});

describe('jumpTo', () => {
  const jumpsOf = (fake: FakeHost): readonly unknown[] =>
    [...fake.viewports.values()].map(({ jumps }) => jumps.length);

  test('of two viewports with the series, one shows the point; the other stays where it was put', () => {
    const { fake, host } = setUp({ a: CURRENT, b: PRIOR, c: PRIOR });
    expect(jumpTo(host, pointIn('prior', [4, -3, 40]))).toBe(1);
    expect(jumpsOf(fake)).toEqual([0, 1, 0]);
  });

  test('a viewport that shows the slice already is the one', () => {
    const { fake, host } = setUp({ a: CURRENT, b: PRIOR, c: PRIOR });
    fake.viewports.get('c')!.z = 40;
    jumpTo(host, pointIn('prior', [4, -3, 40]));
    expect(jumpsOf(fake)).toEqual([0, 0, 1]);
  });

  test('every plane of a reformatted series shows the point', () => {
    const { fake, host } = setUp({ a: CURRENT, axial: PRIOR, coronal: PRIOR });
    fake.viewports.get('coronal')!.canvasToWorld = ([x, y]) => [x, 0, y];
    expect(jumpTo(host, pointIn('prior', [4, -3, 40]))).toBe(2);
    expect(jumpsOf(fake)).toEqual([0, 1, 1]);
  });

  test('a generic viewport is given a view reference with the nearest image', () => {
    const { fake, host } = setUp();
    const references: object[] = [];
    const generic: Viewport = Object.assign(fake.viewports.get('right')!, {
      jumpToWorld: undefined,
      setViewReference: (reference: object) => references.push(reference),
    });
    jumpTo(host, pointIn('prior', [4, -3, 3 * SLICE_MM + 1]));
    expect(generic.id).toBe('right');
    expect(references).toEqual([
      {
        referencedImageId: 'wadors:ds-prior/3',
        FrameOfReferenceUID: '1.2.prior.7',
        cameraFocalPoint: [4, -3, 3 * SLICE_MM + 1],
      },
    ]);
  });

  test('a point beyond the border of a zoomed viewport is brought to its middle', () => {
    const { fake, host } = setUp();
    const viewport = fake.viewports.get('right')!;
    viewport.pan = [500, 0];
    jumpTo(host, pointIn('prior', [4, -3, 40]));
    expect(viewport.worldToCanvas([4, -3, 40])).toEqual([200, 200]);
    viewport.pan = [10, 10];
    jumpTo(host, pointIn('prior', [4, -3, 40]));
    expect(viewport.pan).toEqual([10, 10]);
  });

  test('a point is brought to the middle where that is requested, also where it can be seen', () => {
    const { fake, host } = setUp();
    const viewport = fake.viewports.get('right')!;
    viewport.pan = [10, 10];
    jumpTo(host, pointIn('prior', [4, -3, 40]), { isCentred: true });
    expect(viewport.worldToCanvas([4, -3, 40])).toEqual([200, 200]);
  });

  test('a series that is not shown is said to be so', () => {
    expect(jumpTo(setUp().host, pointIn('other', [0, 0, 0]))).toBe(0);
  });
});

describe('markers', () => {
  const marker: Marker = {
    id: 'm',
    seriesInstanceUid: PRIOR.SeriesInstanceUID,
    frameOfReferenceUid: '1.2.prior.7',
    lps: [0, 0, 40],
    lines: ['Liver'],
    state: 'proposed',
  };

  test('the shown plane is found from the canvas only', () => {
    const { fake } = setUp();
    const viewport = fake.viewports.get('left')!;
    viewport.z = 25;
    const { point, normal } = shownPlane(viewport);
    expect(point[2]).toBe(25);
    expect(normal.map(Math.abs)).toEqual([0, 0, 1]);
  });

  test.each([
    [40, true],
    [40 + SLICE_MM / 2 - 0.01, true],
    // Exactly between two slices: on both, whatever the canvas rounds.
    [40 + SLICE_MM / 2 + 0.001, true],
    [40 + SLICE_MM / 2 + 0.1, false],
    [0, false],
  ])('a viewport at z = %d mm shows the marker at 40 mm: %s', (z, expected) => {
    const { fake, host } = setUp();
    const viewport = fake.viewports.get('right')!;
    viewport.z = z;
    expect(isOnShownSlice(host, viewport, marker)).toBe(expected);
  });

  test('a marker is not shown on another series, even in the same frame of reference', () => {
    const { fake, host } = setUp();
    const viewport = fake.viewports.get('left')!;
    viewport.z = 40;
    expect(isOnShownSlice(host, viewport, marker)).toBe(false);
  });

  test('every place is drawn, what is not saved can be dragged, what is rejected or not covered has no mark', () => {
    const markers = markersOf(
      [
        lesionOf('a'),
        lesionOf('b', [proposed({ review: 'rejected' })]),
        lesionOf('c', [proposed({ status: 'not-covered' })]),
      ],
      [],
    );
    expect(markers.map(({ lesion, isMovable, lines }) => [lesion, isMovable, lines])).toEqual([
      [{ trackingUid: uidOf('a'), studyInstanceUid: '1.2.prior' }, false, ['Lesion a']],
      [{ trackingUid: uidOf('a'), studyInstanceUid: '1.2.current' }, true, ['Lesion a', '± 4 mm']],
    ]);
  });

  test.each([
    ['a proposal', proposed(), ['± 4 mm'], 4, false],
    [
      'an uncertain one',
      proposed({}, { verdict: 'uncertain', errorRadiusMm: 9 }),
      ['± 9 mm, check'],
      9,
      true,
    ],
    [
      'an accepted one',
      proposed({ review: 'accepted' }, { verdict: 'uncertain' }),
      ['± 4 mm, check'],
      undefined,
      false,
    ],
    ['a corrected one', proposed({ review: 'corrected' }), ['set by hand'], undefined, false],
    ['a lesion that is gone', proposed({ status: 'resolved' }), ['nothing seen here, check'], 4, false],
    ['a resolved one', proposed({ status: 'resolved', review: 'accepted' }), ['resolved'], undefined, false],
    [
      'one that cannot be judged',
      proposed({ status: 'not-evaluable', review: 'corrected' }),
      ['not evaluable'],
      undefined,
      false,
    ],
    ['a click', marked('current', [0, 0, 0]), [], undefined, false],
  ] as const)(
    '%s says what it is, and has a radius while it is an estimate',
    (_name, observation, lines, radiusMm, isUncertain) => {
      const [marker] = markersOf([lesionOf('a', [observation])], []);
      expect(marker?.lines).toEqual(['Lesion a', ...lines]);
      expect([marker?.radiusMm, marker?.isUncertain]).toEqual([radiusMm, isUncertain]);
    },
  );

  test('the mark that the next click moves says so, and the pointed-at lesion is marked', () => {
    const placing = { trackingUid: uidOf('b'), studyInstanceUid: '1.2.current' };
    const markers = markersOf([lesionOf('a'), lesionOf('b')], [], { placing, highlighted: uidOf('a') });
    expect(markers.filter(({ isMoving }) => isMoving).map(({ lines }) => lines)).toEqual([
      ['Lesion b', 'click the right place (Esc ends)'],
    ]);
    expect(markers.map(({ isHighlighted }) => isHighlighted)).toEqual([true, true, false, false]);
  });

  test('a preview is drawn beside the click, and says what it is', () => {
    const markers = markersOf(
      [],
      [
        {
          id: 's',
          label: 'Lesion 1',
          query: { studyInstanceUid: '1.2.current', seriesInstanceUid: '1.2.current.9' },
          frameOfReferenceUid: '1.2.current.7',
          lps: [0, 0, 20],
          progress: { text: '', fraction: undefined },
          previews: [{ point: pointIn('prior', [4, -3, 40]), errorRadiusMm: 12, shownAt: 0 }],
        },
      ],
    );
    expect(markers).toHaveLength(2);
    expect(markers[1]).toMatchObject({
      seriesInstanceUid: '1.2.prior.9',
      lines: ['Lesion 1', 'preview, ± 12 mm'],
      state: 'searching',
      radiusMm: 12,
    });
    expect(markers[1]).not.toHaveProperty('isMovable');
  });

  test('the scale of a viewport is found from the canvas only', () => {
    expect(pixelsPerMm(setUp().fake.viewports.get('left')!)).toBe(1);
  });

  test('the layer adds, moves and removes annotations, and brings back what the host has dropped', () => {
    const { fake, host } = setUp();
    const layer = new MarkerLayer(host);
    layer.sync([marker]);
    expect(fake.annotations.get('m')).toMatchObject({
      isPreview: true,
      metadata: { toolName: 'SamepointFindMatch', FrameOfReferenceUID: '1.2.prior.7' },
      data: { handles: { points: [[0, 0, 40]] } },
    });
    layer.sync([{ ...marker, lps: [1, 2, 40] }]);
    expect(fake.annotations.get('m')?.data.handles.points).toEqual([[1, 2, 40]]);
    fake.annotations.clear();
    layer.sync([marker]);
    expect(fake.annotations.size).toBe(1);
    layer.clear();
    expect(fake.annotations.size).toBe(0);
  });
});

describe('showStoredSeries', () => {
  test('forgets the study under both keys and starts the requests of the new series', async () => {
    const { fake, host } = setUp();
    const calls: string[] = [];
    fake.dataSource = {
      getConfig: () => ({ name: 'dicomweb' }),
      deleteStudyMetadataPromise: (key) => calls.push(`forget ${key}`),
      retrieve: {
        series: {
          metadata: ({ StudyInstanceUID, filters }) => {
            calls.push(`request ${StudyInstanceUID} ${filters?.seriesInstanceUID.join() ?? ''}`);
            const start = (): Promise<void> => {
              calls.push('start');
              return Promise.resolve();
            };
            return Promise.resolve([{ start }]);
          },
        },
      },
    };
    await showStoredSeries(host, { studyInstanceUid: '1.2', seriesInstanceUid: '3.4' });
    expect(calls).toEqual(['forget 1.2', 'forget dicomweb:1.2', 'request 1.2 3.4', 'start']);
  });

  test('a data source that cannot do it stays unchanged', async () => {
    const { fake, host } = setUp();
    fake.dataSource = {};
    await expect(
      showStoredSeries(host, { studyInstanceUid: '1', seriesInstanceUid: '2' }),
    ).resolves.toBeUndefined();
  });
});
