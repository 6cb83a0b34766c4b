/** What happens when a found point is dragged or placed by hand. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { pairOf, refOf } from '../testing/examples.ts';
import { axialSeries, FakeHost, PIXEL_MM, SLICE_MM } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import type { Context } from './context.ts';
import { Mover } from './move.ts';

let fake: FakeHost;
let context: Context;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  context = contextOf(fake, new FakeServer());
});

describe('moving', () => {
  const viewport = (pane: string) => fake.viewports.get(pane)!;

  test('the new place carries the pixel of the nearest slice', () => {
    context.store.addPair(pairOf('a'));
    new Mover(context).place(pairOf('a'), viewport('right'), [
      -100 + 10 * PIXEL_MM,
      -100 + 20 * PIXEL_MM,
      3 * SLICE_MM + 1,
    ]);
    const pair = context.store.pair('a');
    expect(pair?.state).toBe('moved');
    expect(pair?.prior).toMatchObject({ ...refOf('prior'), frameOfReferenceUid: '1.2.prior.7' });
    expect(pair?.prior.pixel.sopInstanceUid).toBe('1.2.prior.3');
    expect(pair?.prior.pixel.column).toBeCloseTo(10, 9);
    expect(pair?.prior.pixel.row).toBeCloseTo(20, 9);
    expect(pair?.prior.pixel.offPlaneMm).toBeCloseTo(1, 9);
  });

  test.each([
    ['another series', 'left', 0, 'viewer/wrong-series'],
    ['a place beside the image', 'right', -500, 'viewer/outside-image'],
  ])('%s is refused and the pair stays', (_name, pane, x, code) => {
    context.store.addPair(pairOf('a'));
    context.store.setMoving('a');
    new Mover(context).place(pairOf('a'), viewport(pane), [x, 0, 0]);
    expect(context.store.notices).toMatchObject([{ code }]);
    expect(context.store.pair('a')).toEqual(pairOf('a'));
    expect(context.store.moving?.id).toBe('a');
  });

  test('starting shows the place and makes the tool active; stopping ends it', () => {
    context.store.addPair(pairOf('a'));
    const mover = new Mover(context);
    mover.start('a');
    expect(context.store.moving?.id).toBe('a');
    expect(viewport('right').jumps).toEqual([[4, -3, 40]]);
    expect(fake.commands).toEqual([
      { name: 'setToolActiveToolbar', options: { toolName: 'SamepointFindMatch' } },
    ]);
    mover.stop();
    expect(context.store.moving).toBeUndefined();
  });

  test('a saved pair cannot be moved', () => {
    context.store.addPair(pairOf('a', { saved: true, state: 'accepted' }));
    new Mover(context).start('a');
    expect(context.store.moving).toBeUndefined();
  });
});
