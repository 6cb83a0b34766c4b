/** What the tool makes of mouse buttons, and which marks it draws where. */
import { describe, expect, test } from '@jest/globals';
import type { Annotation, AnnotationToolInstance, InteractionEvent, Point3, Viewport } from '../ohif.d.ts';
import { axialSeries, FakeHost, SLICE_MM } from '../testing/fakeHost.ts';
import { annotationOf } from '../viewer/annotations.ts';
import { Host } from '../viewer/host.ts';
import type { Marker } from '../viewer/marker.ts';
import { ToolBehaviour } from './behaviour.ts';
import { createMatchPointTool } from './matchPointTool.ts';

const PANES = { left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') };

interface Placed {
  readonly viewport: string;
  readonly world: Point3;
  readonly lesion?: object;
}

interface Scene {
  readonly fake: FakeHost;
  readonly behaviour: ToolBehaviour;
  readonly tool: AnnotationToolInstance;
  readonly placed: Placed[];
  readonly dragged: Placed[];
}

function setUp(): Scene {
  const fake = new FakeHost(PANES);
  const [placed, dragged]: [Placed[], Placed[]] = [[], []];
  const behaviour = new ToolBehaviour(new Host(fake.parameters), {
    pointPlaced: ({ id }: Viewport, world, marker) =>
      placed.push({
        viewport: id,
        world,
        ...(marker?.lesion === undefined ? {} : { lesion: marker.lesion }),
      }),
    markerDragged: ({ id }: Viewport, lesion, world) => dragged.push({ viewport: id, world, lesion }),
  });
  const tool: AnnotationToolInstance = {
    toolGroupId: 'default',
    editData: null,
    isDrawing: false,
    _activateModify: () => undefined,
    _deactivateModify: () => undefined,
  };
  return { fake, behaviour, tool, placed, dragged };
}

function elementOf(fake: FakeHost, pane: string): HTMLDivElement {
  return fake.viewports.get(pane)!.element;
}

/** A mouse event on a pane, or on an element that the viewer does not know. */
function mouse(fake: FakeHost, pane: string, world: Point3): InteractionEvent {
  const element = fake.viewports.get(pane)?.element ?? ({} as HTMLDivElement);
  return Object.assign(new Event('mouse', { cancelable: true }), {
    detail: { element, currentPoints: { world } },
  });
}

const LESION = { trackingUid: '2.25.1', studyInstanceUid: '1.2.prior' };

function markOf(changes: Partial<Marker> = {}): Annotation {
  return annotationOf({
    id: 'm',
    seriesInstanceUid: PANES.right.SeriesInstanceUID,
    frameOfReferenceUid: '1.2.prior.7',
    lps: [10, 20, 40],
    lines: ['Liver', '± 3 mm'],
    state: 'proposed',
    isMovable: true,
    lesion: LESION,
    ...changes,
  });
}

/** One that the reader may not drag. */
function fixedMark(): Annotation {
  const { seriesInstanceUid, frameOfReferenceUid, lps, lines } = markOf().data.samepoint!;
  return annotationOf({ id: 'm', seriesInstanceUid, frameOfReferenceUid, lps, lines, state: 'accepted' });
}

describe('placing a point', () => {
  test('a draft follows the mouse until the button is released; then the point is where it was released', () => {
    const { fake, behaviour, tool, placed } = setUp();
    const down = mouse(fake, 'left', [1, 2, 3]);
    const draft = behaviour.beginPoint(tool, down);
    expect([...fake.annotations.values()]).toEqual([draft]);
    expect(draft).toMatchObject({
      isPreview: true,
      metadata: { FrameOfReferenceUID: '1.2.left.7' },
      data: { samepoint: { seriesInstanceUid: PANES.left.SeriesInstanceUID, state: 'searching' } },
    });
    expect(down.defaultPrevented).toBe(true);
    expect(tool.isDrawing).toBe(true);
    behaviour.drag(tool, mouse(fake, 'left', [4, 5, 3]));
    expect(draft.data.handles.points).toEqual([[4, 5, 3]]);
    expect(placed).toEqual([]);
    behaviour.end(tool, mouse(fake, 'left', [4, 5, 3]));
    expect(placed).toEqual([{ viewport: 'left', world: [4, 5, 3] }]);
    expect(fake.annotations.size).toBe(0);
    expect([tool.isDrawing, tool.editData]).toEqual([false, null]);
  });

  test('a second release, and a drag without a button, do nothing', () => {
    const { fake, behaviour, tool, placed } = setUp();
    behaviour.drag(tool, mouse(fake, 'left', [1, 2, 3]));
    behaviour.end(tool, mouse(fake, 'left', [1, 2, 3]));
    behaviour.beginPoint(tool, mouse(fake, 'left', [1, 2, 3]));
    behaviour.end(tool, mouse(fake, 'left', [1, 2, 3]));
    behaviour.end(tool, mouse(fake, 'left', [1, 2, 3]));
    expect(placed).toHaveLength(1);
  });

  test('the draft does not move with the numbers of the event, which the viewer uses again', () => {
    const { fake, behaviour, tool } = setUp();
    const draft = behaviour.beginPoint(tool, mouse(fake, 'left', [1, 2, 3]));
    const drag = mouse(fake, 'left', [4, 5, 6]);
    behaviour.drag(tool, drag);
    drag.detail.currentPoints.world[0] = 99;
    expect(draft.data.handles.points).toEqual([[4, 5, 6]]);
  });

  test('Escape removes the draft and places nothing', () => {
    const { fake, behaviour, tool, placed } = setUp();
    behaviour.beginPoint(tool, mouse(fake, 'left', [1, 2, 3]));
    expect(behaviour.cancel(tool, elementOf(fake, 'left'))).toBe('samepoint-draft');
    behaviour.end(tool, mouse(fake, 'left', [1, 2, 3]));
    expect([fake.annotations.size, placed.length]).toEqual([0, 0]);
    expect(behaviour.cancel(tool, elementOf(fake, 'left'))).toBeUndefined();
    // The host's tool has no such property before it was used.
    tool.editData = undefined;
    expect(behaviour.cancel(tool, elementOf(fake, 'left'))).toBeUndefined();
  });

  test('a viewport that is gone when the button is released places nothing, and no draft remains', () => {
    const { fake, behaviour, tool, placed } = setUp();
    const event = mouse(fake, 'left', [1, 2, 3]);
    behaviour.beginPoint(tool, event);
    fake.viewports.delete('left');
    behaviour.end(tool, event);
    expect([fake.annotations.size, placed.length, tool.isDrawing]).toEqual([0, 0, false]);
  });
});

describe('a press while the tool is in use', () => {
  test('begins a point, and nothing else of the host gets the click', () => {
    const { fake, tool, behaviour } = setUp();
    const down = mouse(fake, 'left', [1, 2, 3]);
    behaviour.press(tool, down);
    expect([...fake.annotations.keys()]).toEqual(['samepoint-draft']);
    expect(down.defaultPrevented).toBe(true);
    const ToolClass = createMatchPointTool(new Host(fake.parameters), {
      pointPlaced: () => undefined,
      markerDragged: () => undefined,
    });
    const made = new ToolClass() as unknown as Readonly<
      Record<'preMouseDownCallback' | 'preTouchStartCallback', (event: InteractionEvent) => boolean>
    >;
    expect(made.preMouseDownCallback(mouse(fake, 'left', [1, 2, 3]))).toBe(true);
    expect(made.preTouchStartCallback(mouse(fake, 'left', [1, 2, 3]))).toBe(true);
  });

  test('on a mark that may be moved begins to move it', () => {
    const { fake, tool, behaviour } = setUp();
    const mark = markOf();
    fake.annotations.set('m', mark);
    fake.viewports.get('right')!.z = 40;
    behaviour.press(tool, mouse(fake, 'right', [12, 21, 40]));
    expect(tool.editData?.annotation).toBe(mark);
    expect([...fake.annotations.keys()]).toEqual(['m']);
  });
});

describe('dragging a mark', () => {
  test('reports the lesion and the new place', () => {
    const { fake, behaviour, tool, placed, dragged } = setUp();
    const mark = markOf();
    fake.annotations.set('m', mark);
    behaviour.grabMarker(tool, mouse(fake, 'right', [10, 20, 40]), mark);
    expect(mark.highlighted).toBe(true);
    behaviour.drag(tool, mouse(fake, 'right', [13, 20, 40]));
    behaviour.end(tool, mouse(fake, 'right', [13, 20, 40]));
    expect(dragged).toEqual([{ viewport: 'right', world: [13, 20, 40], lesion: LESION }]);
    expect(placed).toEqual([]);
    expect(mark.highlighted).toBe(false);
    // The mark of a lesion stays: the list decides what is drawn.
    expect(fake.annotations.get('m')).toBe(mark);
  });

  test('a click on a mark moves nothing, and is about its lesion', () => {
    const { fake, behaviour, tool, placed, dragged } = setUp();
    const mark = markOf();
    behaviour.grabMarker(tool, mouse(fake, 'right', [10, 20, 40]), mark);
    behaviour.end(tool, mouse(fake, 'right', [10, 20, 40]));
    expect(dragged).toEqual([]);
    expect(placed).toEqual([{ viewport: 'right', world: [10, 20, 40], lesion: LESION }]);
  });

  test('Escape puts the mark back to where the list has it', () => {
    const { fake, behaviour, tool, dragged } = setUp();
    const mark = markOf();
    behaviour.grabMarker(tool, mouse(fake, 'right', [10, 20, 40]), mark);
    behaviour.drag(tool, mouse(fake, 'right', [90, 20, 40]));
    expect(behaviour.cancel(tool, elementOf(fake, 'right'))).toBe('m');
    expect(mark.data.handles.points).toEqual([[10, 20, 40]]);
    expect(dragged).toEqual([]);
  });

  test('a mark that belongs to no lesion is not reported as moved', () => {
    const { fake, behaviour, tool, dragged } = setUp();
    const mark = fixedMark();
    behaviour.grabMarker(tool, mouse(fake, 'right', [10, 20, 40]), mark);
    behaviour.drag(tool, mouse(fake, 'right', [13, 20, 40]));
    behaviour.end(tool, mouse(fake, 'right', [13, 20, 40]));
    expect(dragged).toEqual([]);
    expect(mark.isLocked).toBe(true);
  });

  test.each<[string, readonly [number, number], number, boolean]>([
    ['on the mark', [210, 220], 6, true],
    ['near it', [213, 224], 6, true],
    ['just out of reach', [213.7, 224.8], 6, false],
    ['far away', [300, 300], 6, false],
  ])('the mouse %s', (_name, canvas, reachPx, expected) => {
    const { fake, behaviour } = setUp();
    // A canvas pixel is a millimetre, with the middle at (200, 200).
    const point = behaviour.handleNear(elementOf(fake, 'right'), markOf(), [...canvas], reachPx);
    expect(point).toEqual(expected ? [10, 20, 40] : undefined);
  });

  test('nothing is grabbed that may not be moved, or in a viewport that is gone', () => {
    const { fake, behaviour } = setUp();
    expect(behaviour.handleNear(elementOf(fake, 'right'), fixedMark(), [210, 220], 6)).toBeUndefined();
    expect(behaviour.handleNear({} as HTMLDivElement, markOf(), [210, 220], 6)).toBeUndefined();
  });
});

describe('drawing', () => {
  test('marks are drawn on their own slice of their own series, with their lines', () => {
    const { fake, behaviour } = setUp();
    const viewport = fake.viewports.get('right')!;
    fake.annotations.set('m', markOf());
    fake.annotations.set('other slice', markOf({ id: 'other slice', lps: [10, 20, 40 + 3 * SLICE_MM] }));
    fake.annotations.set('other series', markOf({ id: 'other series', seriesInstanceUid: '1.2.current.9' }));
    viewport.z = 40;
    expect(behaviour.render({ viewport }, {})).toBe(true);
    expect(fake.drawn.filter(({ kind }) => kind === 'text')).toEqual([
      { kind: 'text', lines: ['Liver', '± 3 mm'] },
    ]);
    viewport.z = 0;
    expect(behaviour.render({ viewport }, {})).toBe(false);
  });

  test('a mark that is being dragged is drawn where it is dragged to, not where it was', () => {
    const { fake, behaviour } = setUp();
    const viewport = fake.viewports.get('right')!;
    const mark = markOf();
    viewport.z = 60;
    expect(behaviour.onShownSlice(viewport.element, [mark])).toEqual([]);
    mark.data.handles.points = [[10, 20, 60]];
    expect(behaviour.onShownSlice(viewport.element, [mark])).toEqual([mark]);
  });

  test('annotations of other tools, and viewports that are gone, have no marks', () => {
    const { fake, behaviour } = setUp();
    const foreign = markOf();
    delete foreign.data.samepoint;
    fake.viewports.get('right')!.z = 40;
    expect(behaviour.onShownSlice(elementOf(fake, 'right'), [foreign])).toEqual([]);
    expect(behaviour.onShownSlice({} as HTMLDivElement, [markOf()])).toEqual([]);
    expect(behaviour.onShownSlice(elementOf(fake, 'right'))).toEqual([]);
  });
});
