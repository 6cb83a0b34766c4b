/**
 * Linked scrolling and the live cursor over a fake viewer: who follows whom, what is requested, and what is said where nothing follows.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import { LINK_GROUP_ID } from '../ids.ts';
import type { DisplaySet } from '../ohif.d.ts';
import { contextOf } from '../testing/context.ts';
import type { TestContext } from '../testing/context.ts';
import { refOf } from '../testing/examples.ts';
import { axialSeries, FakeHost, SLICE_MM } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import { SYNC_EVENTS } from '../testing/fakeSyncGroups.ts';
import type { Lps } from '../wire.ts';
import type { Field } from './field.ts';
import { Linking } from './linking.ts';
import { fieldOf, sampleLattice } from './testing/encodeField.ts';

/** The other scan lies this much higher on the table, mm: two slices. */
const SHIFT_MM = 10;

let fake: FakeHost;
let context: TestContext;
let linking: Linking;
let stop: () => void;
/** What the server is asked for, and answers. */
let requests: string[];
let answer: (request: { readonly query: { readonly seriesInstanceUid: string } }) => Promise<Field>;

function fieldBetween(from: string, to: string, changes: Partial<Field> = {}): Field {
  const lattice = (mm: number, radius: (lps: Lps) => number | undefined = () => 3) =>
    sampleLattice({
      min: [-100, -100, -20],
      max: [110, 110, 220],
      spacingMm: 10,
      map: ([x, y, z]: Lps): Lps => [x + 4, y, z + mm],
      radius,
    });
  const end = (name: string) => ({ ...refOf(name), frameOfReferenceUid: `1.2.${name}.7` });
  return fieldOf(
    { query: end(from), target: end(to), forward: lattice(SHIFT_MM), inverse: lattice(-SHIFT_MM) },
    changes,
  );
}

function start(panes: Record<string, DisplaySet>): void {
  fake = new FakeHost(panes);
  requests = [];
  answer = () => Promise.resolve(fieldBetween('current', 'prior'));
  const field: ConstructorParameters<typeof Linking>[0]['client']['field'] = (request) => {
    requests.push(`${request.query.seriesInstanceUid} ${request.target.seriesInstanceUid}`);
    return answer(request);
  };
  context = contextOf(fake, new FakeServer());
  linking = new Linking({ ...context, client: { field } });
  stop = linking.enter(document);
}

beforeEach(() => {
  start({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
});

afterEach(() => {
  stop();
  document.body.replaceChildren();
  jest.useRealTimers();
});

const settled = async (): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 0));
};
const pane = (id: string) => fake.viewports.get(id)!;
const text = (id: string): string => linking.overlay.textFor(id);

/** The reader turns the wheel over a pane; its new image is shown. */
function scroll(id: string, z: number): void {
  const { left } = pane(id).element.getBoundingClientRect();
  document.dispatchEvent(new MouseEvent('wheel', { clientX: left + 200, clientY: 200, bubbles: true }));
  show(id, z);
}

/** A pane shows another slice, for whatever reason. */
function show(id: string, z: number): void {
  pane(id).z = z;
  pane(id).element.dispatchEvent(new CustomEvent(SYNC_EVENTS.STACK_NEW_IMAGE, { detail: {} }));
}

async function link(): Promise<void> {
  linking.run('toggleLink');
  await settled();
}

describe('linked scrolling', () => {
  test('the other pane follows to the level of the map, either way, and nothing is requested meanwhile', async () => {
    await link();
    expect(requests).toEqual(['1.2.current.9 1.2.prior.9']);
    for (const z of [20, 55, 120]) {
      scroll('left', z);
      expect(pane('right').z).toBe(z + SHIFT_MM);
    }
    scroll('right', 90);
    expect(pane('left').z).toBe(80);
    expect(requests).toHaveLength(1);
  });

  test('panes are aligned when the link is switched on and the field arrives', async () => {
    pane('left').z = 60;
    await link();
    expect(pane('right').z).toBe(70);
    expect([text('left'), text('right')]).toEqual(['Linked', 'Linked ± 3 mm']);
  });

  test('a pane that the reader does not scroll leads nobody, though its image arrives late', async () => {
    await link();
    scroll('left', 40);
    show('right', 120);
    expect(pane('left').z).toBe(40);
  });

  test('after a click beside the images, and after a letter, nobody leads', async () => {
    await link();
    scroll('left', 40);
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 2000, clientY: 10 }));
    show('left', 100);
    expect(pane('right').z).toBe(50);
    scroll('left', 60);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
    show('left', 100);
    expect(pane('right').z).toBe(70);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
    show('left', 90);
    expect(pane('right').z).toBe(100);
  });

  test('a field that arrives late aligns the panes, whatever the reader did meanwhile', async () => {
    let arrive: (field: Field) => void = () => undefined;
    answer = () => new Promise((resolve) => (arrive = resolve));
    pane('left').z = 60;
    await link();
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 2000, clientY: 10 }));
    arrive(fieldBetween('current', 'prior'));
    await settled();
    expect(pane('right').z).toBe(70);
  });

  test('a click into another pane moves none', async () => {
    await link();
    scroll('left', 40);
    pane('left').z = 45;
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 500, clientY: 10 }));
    linking.screenChanged();
    expect([pane('left').z, pane('right').z]).toEqual([45, 50]);
  });

  test('without the link nothing follows, and the panes leave the group', async () => {
    await link();
    expect(fake.syncGroups.members(LINK_GROUP_ID)).toEqual(['left', 'right']);
    linking.run('toggleLink');
    scroll('left', 100);
    expect(pane('right').z).not.toBe(110);
    expect([text('left'), text('right')]).toEqual(['', '']);
    expect(fake.syncGroups.members(LINK_GROUP_ID)).toEqual([]);
  });

  test('at the end of what the other scan covers it stays, and says why', async () => {
    await link();
    scroll('left', 180);
    expect(pane('right').z).toBe(190);
    scroll('left', 195);
    expect(pane('right').z).toBe(190);
    expect(text('right')).toBe('Not linked: this level is not in this scan');
    scroll('left', 170);
    expect(text('right')).toBe('Linked ± 3 mm');
  });

  test('pan and zoom follow where that is wanted', async () => {
    await link();
    pane('left').pan = [30, -20];
    scroll('left', 40);
    expect(pane('right').pan).toEqual([0, 0]);
    linking.run('toggleLinkedView');
    await settled();
    scroll('left', 50);
    // The middle of the left pane is (-30, 20); the same point lies 4 mm to the left in the other scan.
    const [x, y] = pane('right').worldToCanvas([-26, 20, 60]);
    expect([x.toFixed(2), y.toFixed(2)]).toEqual(['200.00', '200.00']);
    expect(text('left')).toBe('Linked, pan and zoom too');
  });

  test('a pane that is opened later is linked as well', async () => {
    await link();
    fake.panes = { ...fake.panes, right: axialSeries('baseline', '20220101') };
    fake.load(axialSeries('baseline', '20220101'));
    fake.displaySets.push(fake.panes['right']!);
    answer = () => Promise.resolve(fieldBetween('current', 'baseline'));
    linking.screenChanged();
    await settled();
    expect(requests.at(-1)).toBe('1.2.current.9 1.2.baseline.9');
    scroll('left', 100);
    expect(pane('right').z).toBe(110);
  });

  test('two other scans are linked through the current one', async () => {
    stop();
    start({
      left: axialSeries('current', '20240301'),
      middle: axialSeries('prior', '20230211'),
      right: axialSeries('baseline', '20220101'),
    });
    let count = 0;
    answer = () => Promise.resolve(fieldBetween('current', ['prior', 'baseline'][count++] ?? ''));
    await link();
    await settled();
    expect(requests).toEqual(['1.2.current.9 1.2.prior.9', '1.2.current.9 1.2.baseline.9']);
    scroll('middle', 100);
    expect([pane('left').z, pane('right').z]).toEqual([90, 100]);
    expect(text('right')).toBe('Linked ± 4 mm');
  });

  test('panes of one coordinate system need no field', async () => {
    stop();
    const series = axialSeries('current', '20240301');
    start({ left: series, right: series });
    await link();
    scroll('left', 70);
    expect(pane('right').z).toBe(70);
    expect([requests, text('right')]).toEqual([[], 'Linked']);
  });
});

describe('where nothing follows, the pane says why', () => {
  const off = async (expected: string): Promise<void> => {
    const before = pane('right').z;
    await link();
    scroll('left', 100);
    expect(text('right')).toBe(expected);
    expect(pane('right').z).toBe(before);
  };

  test.each<[string, Partial<Field>, string]>([
    ['another region', { verdict: 'different-region' }, 'another region of the body'],
    ['an unsure map', { verdict: 'unsure' }, 'the scans could not be aligned reliably'],
    [
      'no overlap',
      { quality: { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 0 } },
      'the scans have no region in common',
    ],
    [
      'a mirrored scan',
      {
        affine: [
          [-1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      'left and right do not agree in the two scans',
    ],
  ])('%s', async (_, changes, reason) => {
    answer = () => Promise.resolve(fieldBetween('current', 'prior', changes));
    await off(`Not linked: ${reason}`);
  });

  test('a field that is still computed', async () => {
    answer = () => new Promise(() => undefined);
    await off('Comparing the scans …');
  });

  test('a failure, which the next try may mend', async () => {
    answer = () => Promise.reject(new ViewerFailure('x', 'The PACS does not have these images any more.', ''));
    await off('Not linked: The PACS does not have these images any more.');
    answer = () => Promise.resolve(fieldBetween('current', 'prior'));
    linking.run('toggleLink');
    await link();
    expect(text('right')).toBe('Linked ± 3 mm');
  });

  test('another patient: no field is requested', async () => {
    stop();
    start({ left: axialSeries('current', '20240301'), right: axialSeries('other', '20230211', 'Q') });
    await off('Not linked: another patient');
    expect(requests).toEqual([]);
  });

  test('images that the model does not read', async () => {
    stop();
    const mr = { ...axialSeries('prior', '20230211'), Modality: 'MR' };
    start({ left: axialSeries('current', '20240301'), right: mr });
    await off('Not linked: these images cannot be compared');
    expect(requests).toEqual([]);
  });

  test('no other scan', async () => {
    stop();
    start({ left: axialSeries('current', '20240301') });
    await link();
    expect(text('left')).toBe('Not linked: no other scan on the screen');
  });

  test('in German', async () => {
    document.documentElement.lang = 'de';
    answer = () => Promise.resolve(fieldBetween('current', 'prior', { verdict: 'different-region' }));
    await off('Nicht gekoppelt: andere Körperregion');
    document.documentElement.lang = '';
  });
});

describe('the live cursor', () => {
  interface Ring {
    readonly x: number;
    readonly y: number;
    readonly radius: number;
    readonly opacity: string | null;
  }

  const ring = (id: string): Ring | undefined => {
    const drawn = pane(id).element.querySelector('[data-samepoint="live-cursor"] > g');
    if (drawn === null || drawn.getAttribute('visibility') === 'hidden') return undefined;
    const [, x, y] = /\(([-\d.]+) ([-\d.]+)\)/.exec(drawn.getAttribute('transform') ?? '') ?? [];
    const radius = drawn.querySelector('[data-part="radius"]');
    return {
      x: Number(x),
      y: Number(y),
      radius: radius?.getAttribute('visibility') === 'hidden' ? NaN : Number(radius?.getAttribute('r')),
      opacity: drawn.getAttribute('opacity'),
    };
  };
  /** The mouse moves to a place of the left pane; 1 pixel is 1 mm, the middle is (200, 200). */
  const move = (x: number, y: number): void => {
    document.dispatchEvent(new MouseEvent('pointermove', { clientX: x, clientY: y }));
  };
  const turnOn = async (): Promise<void> => {
    linking.run('toggleLiveCursor');
    await settled();
  };

  test('is drawn at the mapped place where its slice is shown, with its error radius', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 30;
    move(210, 190);
    expect(ring('right')).toEqual({ x: 214, y: 190, radius: 7, opacity: '1' });
    expect(ring('left')).toBeUndefined();
    expect(requests).toHaveLength(1);
  });

  test('is gone where its slice is not shown, and comes when it is', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 100;
    move(210, 190);
    expect(ring('right')).toBeUndefined();
    pane('right').z = 30;
    pane('right').element.dispatchEvent(new CustomEvent(SYNC_EVENTS.IMAGE_RENDERED));
    expect(ring('right')).toMatchObject({ x: 214, y: 190 });
  });

  test('brings the other pane to its slice only when the panes are linked', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 100;
    move(210, 190);
    expect(pane('right').z).toBe(100);
    await link();
    move(212, 190);
    expect(pane('right').z).toBe(30);
    expect(ring('right')).toMatchObject({ x: 216, y: 190 });
  });

  test('is gone outside of the images, and when the mouse leaves them', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 30;
    move(5, 190);
    expect(ring('right')).toBeUndefined();
    move(210, 190);
    expect(ring('right')).toBeDefined();
    move(3000, 190);
    expect(ring('right')).toBeUndefined();
  });

  test.each<[string, Partial<Field>, string | undefined]>([
    ['faint for a map that is unsure', { verdict: 'unsure' }, '0.35'],
    ['absent for another region', { verdict: 'different-region' }, undefined],
  ])('is %s', async (_, changes, opacity) => {
    answer = () => Promise.resolve(fieldBetween('current', 'prior', changes));
    await turnOn();
    pane('right').z = SHIFT_MM;
    move(210, 190);
    expect(ring('right')?.opacity).toBe(opacity);
    expect(text('right')).not.toBe('');
  });

  test('is faint and without a circle where the error is not known', async () => {
    const known = fieldBetween('current', 'prior');
    const values = new Uint8Array(known.forward.errorRadius.values.length).fill(255);
    const forward = { ...known.forward, errorRadius: { values, scaleMm: 0.1 } };
    answer = () => Promise.resolve({ ...known, forward });
    await turnOn();
    pane('right').z = SHIFT_MM;
    move(210, 190);
    expect(ring('right')).toMatchObject({ radius: NaN, opacity: '0.35' });
  });

  test('follows when the image under the still mouse changes', async () => {
    await turnOn();
    pane('right').z = SHIFT_MM + SLICE_MM;
    move(210, 190);
    expect(ring('right')).toBeUndefined();
    pane('left').z = SLICE_MM;
    pane('left').element.dispatchEvent(new CustomEvent(SYNC_EVENTS.IMAGE_RENDERED));
    expect(ring('right')).toBeDefined();
  });

  test('leaves nothing behind when it is switched off', async () => {
    await turnOn();
    move(210, 190);
    linking.run('toggleLiveCursor');
    expect(document.querySelector('[data-samepoint="live-cursor"]')).toBeNull();
    move(220, 190);
    expect(document.querySelector('[data-samepoint="live-cursor"]')).toBeNull();
  });

  test('sixty moves take less than a second by far', async () => {
    await turnOn();
    await link();
    move(210, 190);
    const start = performance.now();
    for (let k = 0; k < 60; k += 1) move(150 + k, 190);
    expect(performance.now() - start).toBeLessThan(300);
  });
});

describe('ahead of need', () => {
  test('the field is requested when both series are analysed and the reader stays', () => {
    jest.useFakeTimers();
    linking.screenChanged();
    jest.advanceTimersByTime(10_000);
    expect(requests).toEqual([]);
    context.timePoints.readiness.markReady([refOf('current'), refOf('prior')]);
    jest.advanceTimersByTime(2_000);
    expect(requests).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(requests).toEqual(['1.2.current.9 1.2.prior.9']);
  });

  test('nothing is requested after the mode has been left', () => {
    jest.useFakeTimers();
    context.timePoints.readiness.markReady([refOf('current'), refOf('prior')]);
    stop();
    jest.advanceTimersByTime(10_000);
    expect(requests).toEqual([]);
  });
});
