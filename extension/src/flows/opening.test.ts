/**
 * What a study shows when it is opened again.
 * @jest-environment jsdom
 */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { contextOf } from '../testing/context.ts';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import type { Context } from './context.ts';
import { Opening } from './opening.ts';

let fake: FakeHost;
let context: Context;
let page: EventTarget;
let opening: Opening;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301'), right: axialSeries('prior', '20230211') });
  context = contextOf(fake, new FakeServer());
  page = new EventTarget();
  opening = new Opening(context);
  opening.begin(page);
});

const jumps = () => fake.viewports.get('left')!.jumps.map(([, , z]) => z);
const saved = (z: number) => marked('current', [0, 0, z], { isSaved: true });

describe('a study that is opened again', () => {
  test('shows its first finding, again when a viewport has got its images', () => {
    context.lesions.addStored([lesionOf('a', [saved(40)]), lesionOf('b', [saved(60)])]);
    opening.show();
    opening.show();
    expect(context.lesions.selected).toBe(uidOf('a'));
    expect(jumps()).toEqual([40, 40]);
  });

  test('rather one that waits for a decision', () => {
    context.lesions.addStored([lesionOf('a', [saved(20)]), lesionOf('b', [proposed()])]);
    opening.show();
    expect(context.lesions.selected).toBe(uidOf('b'));
  });

  test('which gives way to none, though more of them are restored later', () => {
    context.lesions.addStored([lesionOf('b', [proposed()])]);
    opening.show();
    context.lesions.addStored([lesionOf('a', [proposed()])]);
    opening.show();
    expect(context.lesions.selected).toBe(uidOf('b'));
  });

  test('a finding that is decided gives way to one that waits and is restored after it', () => {
    context.lesions.addStored([lesionOf('a', [saved(20)])]);
    opening.show();
    context.lesions.restore([lesionOf('b', [proposed()])]);
    opening.show();
    expect(context.lesions.selected).toBe(uidOf('b'));
  });

  test('but not where the reader has gone elsewhere meanwhile', () => {
    context.lesions.addStored([lesionOf('a', [saved(20)])]);
    opening.show();
    page.dispatchEvent(new Event('keydown'));
    context.lesions.restore([lesionOf('b', [proposed()])]);
    opening.show();
    expect(context.lesions.selected).toBe(uidOf('a'));
  });

  test.each(['pointerdown', 'wheel', 'keydown'])('not after a %s: the reader has gone somewhere', (deed) => {
    page.dispatchEvent(new Event(deed));
    context.lesions.addStored([lesionOf('a', [saved(40)])]);
    opening.show();
    expect([context.lesions.selected, jumps()]).toEqual([undefined, []]);
    // In the next mode he has not.
    opening.begin(page);
    opening.show();
    expect(jumps()).toEqual([40]);
  });

  test('also after the reader has opened the panel', () => {
    const tab = document.createElement('div');
    tab.dataset['cy'] = '@samepoint/ohif-extension-samepoint-btn';
    tab.append(document.createElement('svg'));
    document.body.replaceChildren(tab);
    opening.begin(document);
    tab.firstElementChild!.dispatchEvent(new Event('pointerdown', { bubbles: true }));
    context.lesions.addStored([lesionOf('a', [saved(40)])]);
    opening.show();
    expect(jumps()).toEqual([40]);
  });

  test('shows nothing where only older studies have findings, or a lesion is selected', () => {
    context.lesions.addStored([lesionOf('a', [marked('prior', [0, 0, 40], { isSaved: true })])]);
    opening.show();
    expect(context.lesions.selected).toBeUndefined();
    context.lesions.addStored([lesionOf('b', [saved(40)])]);
    context.lesions.select(uidOf('b'));
    opening.show();
    expect(jumps()).toEqual([]);
  });

  test('waits for a viewport that cannot be moved yet', () => {
    context.lesions.addStored([lesionOf('a', [saved(40)])]);
    const left = fake.viewports.get('left')!;
    const jump = left.jumpToWorld.bind(left);
    left.jumpToWorld = () => {
      throw new Error('no images');
    };
    opening.show();
    expect(context.activity.notices).toEqual([]);
    left.jumpToWorld = jump;
    opening.show();
    expect(jumps()).toEqual([40]);
  });
});
