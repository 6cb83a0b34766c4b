/**
 * Linked scrolling over a fake viewer: who follows whom, what is requested, and what is said where nothing follows.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { LINK_GROUP_ID } from '../ids.ts';
import type { TimePoint } from '../lesions/types.ts';
import type { DisplaySet, Point3 } from '../ohif.d.ts';
import { refOf } from '../testing/examples.ts';
import { axialSeries } from '../testing/fakeHost.ts';
import type { FakeViewport } from '../testing/fakeViewport.ts';
import { SYNC_EVENTS } from '../testing/fakeSyncGroups.ts';
import type { Field } from './field.ts';
import { fieldBetween, LinkedPanes, settled, SHIFT_MM } from './testing/linkedPanes.ts';

let panes: LinkedPanes;

const pane = (id: string): FakeViewport => panes.pane(id);
const text = (id: string): string => panes.text(id);

/** Opens other panes. */
function start(shown?: Readonly<Record<string, DisplaySet>>): void {
  panes.stop();
  panes = new LinkedPanes(shown);
}

beforeEach(() => {
  panes = new LinkedPanes();
});

afterEach(() => {
  panes.stop();
  jest.useRealTimers();
});

describe('linked scrolling', () => {
  test('the other pane follows to the level of the map, either way, and nothing is requested meanwhile', async () => {
    await panes.link();
    expect(panes.requests).toEqual(['1.2.current.9 1.2.prior.9']);
    for (const z of [20, 55, 120]) {
      panes.scroll('left', z);
      expect(pane('right').z).toBe(z + SHIFT_MM);
    }
    panes.scroll('right', 90);
    expect(pane('left').z).toBe(80);
    expect(panes.requests).toHaveLength(1);
  });

  test('panes are aligned when the link is switched on and the field arrives', async () => {
    pane('left').z = 60;
    await panes.link();
    expect(pane('right').z).toBe(70);
    expect([text('left'), text('right')]).toEqual(['Linked', 'Linked ± 3 mm']);
  });

  test('a pane that the reader does not scroll leads no other, though its image arrives late', async () => {
    await panes.link();
    panes.scroll('left', 40);
    panes.show('right', 120);
    expect(pane('left').z).toBe(40);
  });

  test('after a click beside the images, and after a letter, no pane leads', async () => {
    await panes.link();
    panes.scroll('left', 40);
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 2000, clientY: 10 }));
    panes.show('left', 100);
    expect(pane('right').z).toBe(50);
    panes.scroll('left', 60);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'j' }));
    panes.show('left', 100);
    expect(pane('right').z).toBe(70);
    document.dispatchEvent(new KeyboardEvent('keydown', { key: 'ArrowDown' }));
    panes.show('left', 90);
    expect(pane('right').z).toBe(100);
  });

  test('a field that arrives late aligns the panes, whatever the reader did meanwhile', async () => {
    let arrive: (field: Field) => void = () => undefined;
    panes.answer = () => new Promise((resolve) => (arrive = resolve));
    pane('left').z = 60;
    await panes.link();
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 2000, clientY: 10 }));
    arrive(fieldBetween('current', 'prior'));
    await settled();
    expect(pane('right').z).toBe(70);
  });

  test('a click into another pane moves none', async () => {
    await panes.link();
    panes.scroll('left', 40);
    pane('left').z = 45;
    document.dispatchEvent(new MouseEvent('pointerdown', { clientX: 500, clientY: 10 }));
    panes.linking.screenChanged();
    expect([pane('left').z, pane('right').z]).toEqual([45, 50]);
  });

  test('without the link nothing follows, and the group has no panes', async () => {
    await panes.link();
    expect(panes.fake.syncGroups.members(LINK_GROUP_ID)).toEqual(['left', 'right']);
    panes.linking.run('toggleLink');
    panes.scroll('left', 100);
    expect(pane('right').z).not.toBe(110);
    expect([text('left'), text('right')]).toEqual(['', '']);
    expect(panes.fake.syncGroups.members(LINK_GROUP_ID)).toEqual([]);
  });

  test('at the end of what the other scan covers it stays, and says why', async () => {
    await panes.link();
    panes.scroll('left', 180);
    expect(pane('right').z).toBe(190);
    panes.scroll('left', 195);
    expect(pane('right').z).toBe(190);
    expect(text('right')).toBe('Not linked: this level is not in this scan');
    panes.scroll('left', 170);
    expect(text('right')).toBe('Linked ± 3 mm');
  });

  test('pan and zoom follow where that is wanted', async () => {
    await panes.link();
    pane('left').pan = [30, -20];
    panes.scroll('left', 40);
    expect(pane('right').pan).toEqual([0, 0]);
    panes.linking.run('toggleLinkedView');
    await settled();
    panes.scroll('left', 50);
    // The middle of the left pane is (-30, 20); the same point lies 4 mm to the left in the other scan.
    const [x, y] = pane('right').worldToCanvas([-26, 20, 60]);
    expect([x.toFixed(2), y.toFixed(2)]).toEqual(['200.00', '200.00']);
    expect(text('left')).toBe('Linked, pan and zoom too');
  });

  test('a stack whose camera moves brings no slice, unless pan and zoom are linked', async () => {
    await panes.link();
    panes.scroll('left', 40);
    const jumps = pane('right').jumps.length;
    const move = (): void => {
      pane('left').element.dispatchEvent(new CustomEvent(SYNC_EVENTS.CAMERA_MODIFIED, { detail: {} }));
    };
    move();
    expect(pane('right').jumps).toHaveLength(jumps);
    panes.linking.run('toggleLinkedView');
    pane('left').pan = [30, -20];
    panes.scroll('left', 40);
    pane('left').pan = [60, -20];
    move();
    expect(pane('right').worldToCanvas([-56, 20, 50])[0]).toBeCloseTo(200, 2);
  });

  test('volumes lead and follow to the plane itself, also between two slices', async () => {
    const [left, right] = [pane('left'), pane('right')];
    for (const volume of [left, right])
      Object.assign(volume, {
        type: 'orthographic',
        jumpToWorld: ([, , z]: Point3) => (volume.z = z),
      });
    await panes.link();
    panes.scroll('left', 20);
    for (const z of [21.25, 22.5, 23.9]) {
      left.z = z;
      left.element.dispatchEvent(new CustomEvent(SYNC_EVENTS.CAMERA_MODIFIED, { detail: {} }));
      expect(right.z).toBeCloseTo(z + SHIFT_MM, 1);
    }
  });

  test('a pane that is opened later is linked as well', async () => {
    await panes.link();
    panes.fake.panes = { ...panes.fake.panes, right: axialSeries('baseline', '20220101') };
    panes.fake.load(axialSeries('baseline', '20220101'));
    panes.fake.displaySets.push(panes.fake.panes['right']!);
    panes.answer = () => Promise.resolve(fieldBetween('current', 'baseline'));
    panes.linking.screenChanged();
    await settled();
    expect(panes.requests.at(-1)).toBe('1.2.current.9 1.2.baseline.9');
    panes.scroll('left', 100);
    expect(pane('right').z).toBe(110);
  });

  test('a pane that was away, while the reader enlarged the other, comes back at its level', async () => {
    await panes.link();
    panes.scroll('left', 40);
    const { right, ...enlarged } = panes.fake.panes;
    panes.fake.panes = enlarged;
    panes.linking.screenChanged();
    panes.scroll('left', 100);
    expect(pane('right').z).toBe(50);
    panes.fake.panes = { ...enlarged, right: right! };
    panes.linking.screenChanged();
    expect(pane('right').z).toBe(110);
  });

  test('two other scans are linked through the current one', async () => {
    start({
      left: axialSeries('current', '20240301'),
      middle: axialSeries('prior', '20230211'),
      right: axialSeries('baseline', '20220101'),
    });
    panes.answer = () =>
      Promise.resolve(fieldBetween('current', ['prior', 'baseline'][panes.requests.length - 1] ?? ''));
    await panes.link();
    await settled();
    expect(panes.requests).toEqual(['1.2.current.9 1.2.prior.9', '1.2.current.9 1.2.baseline.9']);
    panes.scroll('middle', 100);
    expect([pane('left').z, pane('right').z]).toEqual([90, 100]);
    expect(text('right')).toBe('Linked ± 4 mm');
  });

  test('panes of one coordinate system need no field', async () => {
    panes.stop();
    const series = axialSeries('current', '20240301');
    start({ left: series, right: series });
    await panes.link();
    panes.scroll('left', 70);
    expect(pane('right').z).toBe(70);
    expect([panes.requests, text('right')]).toEqual([[], 'Linked']);
  });
});

describe('prefetch', () => {
  const ready = (): void => {
    panes.context.timePoints.readiness.markReady([refOf('current'), refOf('prior')]);
  };

  beforeEach(() => {
    jest.useFakeTimers();
  });

  test('the field is requested when both series are analysed and the reader stays', () => {
    panes.linking.screenChanged();
    jest.advanceTimersByTime(30_000);
    expect(panes.requests).toEqual([]);
    ready();
    jest.advanceTimersByTime(9_000);
    panes.linking.screenChanged();
    jest.advanceTimersByTime(9_000);
    expect(panes.requests).toEqual([]);
    jest.advanceTimersByTime(2_000);
    expect(panes.requests).toEqual(['1.2.current.9 1.2.prior.9']);
  });

  test('nothing is requested while the server analyses other series', () => {
    ready();
    jest
      .spyOn(panes.context.timePoints, 'list')
      .mockReturnValue([{ readiness: { state: 'working', text: '', fraction: undefined } } as TimePoint]);
    jest.advanceTimersByTime(30_000);
    expect(panes.requests).toEqual([]);
  });

  test('nothing is requested after the mode has been left', () => {
    ready();
    panes.stop();
    jest.advanceTimersByTime(30_000);
    expect(panes.requests).toEqual([]);
  });
});
