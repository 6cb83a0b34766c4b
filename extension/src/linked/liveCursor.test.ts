/**
 * The live cursor over a fake viewer: where its ring is drawn, and where none is.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { ViewerFailure } from '../client/failure.ts';
import { axialSeries, SLICE_MM } from '../testing/fakeHost.ts';
import type { FakeViewport } from '../testing/fakeViewport.ts';
import { SYNC_EVENTS } from '../testing/fakeSyncGroups.ts';
import type { Field } from './field.ts';
import { fieldBetween, LinkedPanes, settled, SHIFT_MM } from './testing/linkedPanes.ts';

let panes: LinkedPanes;

const pane = (id: string): FakeViewport => panes.pane(id);

beforeEach(() => {
  panes = new LinkedPanes();
});

afterEach(() => {
  panes.stop();
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
  const turnOn = async (): Promise<void> => {
    panes.linking.run('toggleLiveCursor');
    await settled();
  };

  test('is drawn at the mapped place where its slice is shown, with its error radius', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 30;
    panes.move(210, 190);
    expect(ring('right')).toEqual({ x: 214, y: 190, radius: 7, opacity: '1' });
    expect(ring('left')).toBeUndefined();
    expect(panes.requests).toHaveLength(1);
  });

  test('is gone where its slice is not shown, and comes when it is', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 100;
    panes.move(210, 190);
    expect(ring('right')).toBeUndefined();
    pane('right').z = 30;
    pane('right').element.dispatchEvent(new CustomEvent(SYNC_EVENTS.IMAGE_RENDERED));
    expect(ring('right')).toMatchObject({ x: 214, y: 190 });
  });

  test('brings the other pane to its slice only when the panes are linked', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 100;
    panes.move(210, 190);
    expect(pane('right').z).toBe(100);
    await panes.link();
    panes.move(212, 190);
    expect(pane('right').z).toBe(30);
    expect(ring('right')).toMatchObject({ x: 216, y: 190 });
  });

  test('is gone outside of the images, and when the mouse is elsewhere', async () => {
    await turnOn();
    pane('left').z = 20;
    pane('right').z = 30;
    panes.move(5, 190);
    expect(ring('right')).toBeUndefined();
    panes.move(210, 190);
    expect(ring('right')).toBeDefined();
    panes.move(3000, 190);
    expect(ring('right')).toBeUndefined();
  });

  test.each<[string, Partial<Field>, string | undefined]>([
    ['faint for a map that is unsure', { verdict: 'unsure' }, '0.35'],
    ['absent for another region', { verdict: 'different-region' }, undefined],
    [
      'absent where the scans have nothing in common',
      { quality: { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 0 } },
      undefined,
    ],
    [
      'absent for a mirror image',
      {
        affine: [
          [-1, 0, 0, 0],
          [0, 1, 0, 0],
          [0, 0, 1, 0],
          [0, 0, 0, 1],
        ],
      },
      undefined,
    ],
  ])('is %s', async (_, changes, opacity) => {
    panes.answer = () => Promise.resolve(fieldBetween('current', 'prior', changes));
    await turnOn();
    pane('right').z = SHIFT_MM;
    panes.move(210, 190);
    expect(ring('right')?.opacity).toBe(opacity);
    expect(panes.text('right')).not.toBe('');
  });

  test('is absent in the scan of another patient, and no map is requested', async () => {
    panes.stop();
    panes = new LinkedPanes({
      left: axialSeries('current', '20240301'),
      right: axialSeries('prior', '20230211', 'Q'),
    });
    await turnOn();
    pane('right').z = SHIFT_MM;
    panes.move(210, 190);
    expect(ring('right')).toBeUndefined();
    expect(panes.text('right')).toBe('Not linked: another patient');
    expect(panes.requests).toEqual([]);
  });

  test('is absent where a scan was deleted meanwhile, and the pane says so', async () => {
    panes.answer = () =>
      Promise.reject(new ViewerFailure('x', 'The PACS does not have these images any more.', ''));
    await turnOn();
    pane('right').z = SHIFT_MM;
    panes.move(210, 190);
    expect(ring('right')).toBeUndefined();
    expect(panes.text('right')).toContain('The PACS does not have these images any more.');
  });

  test('is faint and without a circle where the error is not known', async () => {
    const known = fieldBetween('current', 'prior');
    const values = new Uint8Array(known.forward.errorRadius.values.length).fill(255);
    const forward = { ...known.forward, errorRadius: { values, scaleMm: 0.1 } };
    panes.answer = () => Promise.resolve({ ...known, forward });
    await turnOn();
    pane('right').z = SHIFT_MM;
    panes.move(210, 190);
    expect(ring('right')).toMatchObject({ radius: NaN, opacity: '0.35' });
  });

  test('follows when the image under the still mouse changes', async () => {
    await turnOn();
    pane('right').z = SHIFT_MM + SLICE_MM;
    panes.move(210, 190);
    expect(ring('right')).toBeUndefined();
    pane('left').z = SLICE_MM;
    pane('left').element.dispatchEvent(new CustomEvent(SYNC_EVENTS.IMAGE_RENDERED));
    expect(ring('right')).toBeDefined();
  });

  test('is removed when it is switched off', async () => {
    await turnOn();
    panes.move(210, 190);
    panes.linking.run('toggleLiveCursor');
    expect(document.querySelector('[data-samepoint="live-cursor"]')).toBeNull();
    panes.move(220, 190);
    expect(document.querySelector('[data-samepoint="live-cursor"]')).toBeNull();
  });

  test('sixty moves need less than a second by far', async () => {
    await turnOn();
    await panes.link();
    panes.move(210, 190);
    const start = performance.now();
    for (let k = 0; k < 60; k += 1) panes.move(150 + k, 190);
    expect(performance.now() - start).toBeLessThan(300);
  });
});
