/** What happens when the reader says where a lesion is: by a click, or by dragging its marker. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { observationOf } from '../lesions/review.ts';
import { contextOf } from '../testing/context.ts';
import { lesionOf, marked, proposed, refOf, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost, PIXEL_MM, SLICE_MM } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import type { Context } from './context.ts';
import { Placer } from './place.ts';

const CURRENT = '1.2.current';
const PRIOR = '1.2.prior';

let fake: FakeHost;
let context: Context;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  context = contextOf(fake, new FakeServer());
});

const viewport = (pane: string) => fake.viewports.get(pane)!;
const placing = (studyInstanceUid = CURRENT) => ({ trackingUid: uidOf('a'), studyInstanceUid });
const observed = (study = CURRENT) => observationOf(context.lesions.lesion(uidOf('a')), study);

describe('placing', () => {
  const world = [-100 + 10 * PIXEL_MM, -100 + 20 * PIXEL_MM, 3 * SLICE_MM + 1] as const;

  test('a proposal gets the pixel of the nearest slice, counts as corrected, and keeps how it was found', () => {
    context.lesions.add(lesionOf('a'));
    new Placer(context).place(placing(), viewport('left'), world);
    expect(observed()).toMatchObject({
      review: 'corrected',
      status: 'present',
      carriedOver: proposed().carriedOver,
    });
    expect(observed()?.place).toMatchObject({
      ...refOf('current'),
      frameOfReferenceUid: '1.2.left.7',
      lps: world,
    });
    expect(observed()?.place?.pixel).toMatchObject({ sopInstanceUid: '1.2.current.3' });
    expect(observed()?.place?.pixel.column).toBeCloseTo(10, 9);
    expect(observed()?.place?.pixel.row).toBeCloseTo(20, 9);
    expect(observed()?.place?.pixel.offPlaneMm).toBeCloseTo(1, 9);
  });

  test('a study that has no observation of the lesion gets one, which the reader has marked', () => {
    context.lesions.add(lesionOf('a', [marked('current', [0, 0, 20])]));
    new Placer(context).place(placing(PRIOR), viewport('right'), [0, 0, 40]);
    expect(observed(PRIOR)).toMatchObject({ review: 'accepted', series: refOf('prior'), isSaved: false });
    expect(observed(PRIOR)).not.toHaveProperty('carriedOver');
  });

  test('diameters that were measured elsewhere are not those of the new place', () => {
    const ends = [
      [0, 0, 0],
      [9, 0, 0],
    ] as const;
    context.lesions.add(lesionOf('a', [marked('current', [0, 0, 20], { longAxis: { mm: 9, ends } })]));
    new Placer(context).place(placing(), viewport('left'), [0, 0, 40]);
    expect(observed()).not.toHaveProperty('longAxis');
  });

  test.each([
    ['another study', 'right', 0, 'viewer/wrong-series'],
    ['a place beside the image', 'left', -500, 'viewer/outside-image'],
  ])('%s is refused, and the lesion does not change and waits', (_name, pane, x, code) => {
    context.lesions.add(lesionOf('a'));
    context.lesions.setPlacing(placing());
    new Placer(context).place(placing(), viewport(pane), [x, 0, 0]);
    expect(context.activity.notices).toMatchObject([{ code }]);
    expect(context.lesions.lesions).toEqual([lesionOf('a')]);
    expect(context.lesions.placing).toEqual(placing());
  });

  test('starting shows all places and makes the tool active; stopping ends it', () => {
    context.lesions.add(lesionOf('a'));
    const placer = new Placer(context);
    placer.start(placing());
    expect(context.lesions.placing).toEqual(placing());
    expect(context.lesions.selected).toBe(uidOf('a'));
    expect([viewport('left').jumps, viewport('right').jumps]).toEqual([[[0, 0, 20]], [[4, -3, 40]]]);
    expect(fake.commands).toEqual([
      { name: 'setToolActiveToolbar', options: { toolName: 'SamepointFindMatch' } },
    ]);
    placer.stop();
    expect(context.lesions.placing).toBeUndefined();
  });

  test('a study that is being saved does not change', () => {
    context.lesions.add(lesionOf('a'));
    context.lesions.setSaving([CURRENT]);
    new Placer(context).start(placing());
    expect(context.lesions.placing).toBeUndefined();
    new Placer(context).place(placing(), viewport('left'), [0, 0, 0]);
    expect(context.lesions.lesions).toEqual([lesionOf('a')]);
  });
});
