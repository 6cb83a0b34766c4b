/** Sizes of lesions by the measurement tools of the host. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decideOn, observationOf } from '../lesions/review.ts';
import type { Measurement } from '../ohif.d.ts';
import { contextOf } from '../testing/context.ts';
import { DIAMETERS, lesionOf, marked, proposed, refOf, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import { diametersUid } from '../viewer/diameters.ts';
import type { Lps } from '../wire.ts';
import type { Context } from './context.ts';
import { Measurer } from './measure.ts';

const CURRENT = '1.2.current';

let context: Context;

beforeEach(() => {
  const fake = new FakeHost({ left: axialSeries('current', '20240301') });
  context = contextOf(fake, new FakeServer());
});

/** A bidirectional whose long diameter lies along x and whose short one crosses it. */
function bidirectionalAt([x, y, z]: Lps, longMm: number, shortMm: number): Measurement {
  return {
    toolName: 'Bidirectional',
    referenceStudyUID: CURRENT,
    referenceSeriesUID: refOf('current').seriesInstanceUid,
    points: [
      [x - longMm / 2, y, z],
      [x + longMm / 2, y, z],
      [x, y - shortMm / 2, z],
      [x, y + shortMm / 2, z],
    ],
  };
}

const observed = (id: string) => observationOf(context.lesions.lesion(uidOf(id)), CURRENT);
const measured = (measurement: Measurement): void => {
  new Measurer(context).measured(measurement);
};

describe('a measurement on a lesion', () => {
  beforeEach(() => {
    context.lesions.add(lesionOf('a', [marked('current', [0, 0, 20])]));
    context.lesions.add(lesionOf('b', [marked('current', [20, 0, 20])]));
  });

  test('gives the nearest lesion its diameters, to be saved', () => {
    measured(bidirectionalAt([1, 0, 20], 18, 11));
    expect(observed('a')).toMatchObject({ longAxis: { mm: 18 }, shortAxis: { mm: 11 }, isSaved: false });
    expect(observed('a')?.longAxis?.ends).toEqual([
      [-8, 0, 20],
      [10, 0, 20],
    ]);
    expect(observed('b')).not.toHaveProperty('longAxis');
  });

  test('belongs to the selected lesion where it lies on two', () => {
    context.lesions.select(uidOf('b'));
    measured(bidirectionalAt([9, 0, 20], 18, 11));
    expect(observed('b')?.longAxis?.mm).toBe(18);
    expect(observed('a')).not.toHaveProperty('longAxis');
  });

  test('has the longer diameter first, however it was drawn', () => {
    measured(bidirectionalAt([0, 0, 20], 9, 14));
    expect(observed('a')).toMatchObject({ longAxis: { mm: 14 }, shortAxis: { mm: 9 } });
  });

  test('of one length has no other diameter, also not that of an earlier measurement', () => {
    measured(bidirectionalAt([0, 0, 20], 18, 11));
    const { points = [], ...rest } = bidirectionalAt([0, 0, 20], 20, 1);
    measured({ ...rest, toolName: 'Length', points: points.slice(0, 2) });
    expect(observed('a')?.longAxis?.mm).toBe(20);
    expect(observed('a')).not.toHaveProperty('shortAxis');
  });

  test('that says the same again changes nothing', () => {
    measured(bidirectionalAt([0, 0, 20], 18, 11));
    const before = observed('a');
    measured(bidirectionalAt([0.1, 0, 20], 18.1, 11));
    expect(observed('a')).toBe(before);
  });

  test('is undone like a decision', () => {
    measured(bidirectionalAt([0, 0, 20], 18, 11));
    context.lesions.undo();
    expect(observed('a')).not.toHaveProperty('longAxis');
  });

  test.each<readonly [string, Partial<Measurement>]>([
    ['of another tool', { toolName: 'EllipticalROI' }],
    ['in another series', { referenceSeriesUID: '1.2.other' }],
    ['in another study', { referenceStudyUID: '1.2.other' }],
    ['beside the lesions', bidirectionalAt([0, 40, 20], 18, 11)],
    ['that is still being drawn', { points: [[0, 0, 20]] }],
    ['of no length', bidirectionalAt([0, 0, 20], 0, 0)],
  ])('%s stays the own one of the host', (_, changes) => {
    measured({ ...bidirectionalAt([0, 0, 20], 18, 11), ...changes });
    expect(observed('a')).not.toHaveProperty('longAxis');
    expect(observed('b')).not.toHaveProperty('longAxis');
  });
});

test('a proposal keeps what was measured when it is accepted', () => {
  context.lesions.add(lesionOf('c', [proposed()]));
  const before = observed('c')!;
  measured(bidirectionalAt(before.place!.lps, 18, 11));
  expect(observed('c')).toMatchObject({ review: 'proposed', longAxis: { mm: 18 } });
});

describe('the measurement that shows accepted diameters', () => {
  const uid = (): string => diametersUid({ trackingUid: uidOf('d') }, CURRENT);

  beforeEach(() => {
    context.lesions.add(lesionOf('d', [proposed({}, { axes: DIAMETERS })]));
    context.lesions.select(uidOf('d'));
    const decided = decideOn(observed('d')!, 'accept');
    if ('observation' in decided)
      context.lesions.decide(uidOf('d'), { ...decided.observation, isSaved: true });
  });

  test('says nothing new when it is added', () => {
    const before = observed('d');
    measured({ ...bidirectionalAt([0, 0, 20], 18, 10), uid: uid() });
    expect(observed('d')).toBe(before);
  });

  test('changes the size of its own lesion when it is dragged, wherever it lies', () => {
    context.lesions.add(lesionOf('e', [marked('current', [30, 0, 20])]));
    context.lesions.select(uidOf('e'));
    measured({ ...bidirectionalAt([30, 0, 20], 24, 10), uid: uid() });
    expect(observed('d')).toMatchObject({ longAxis: { mm: 24 }, shortAxis: { mm: 10 }, isSaved: false });
    expect(observed('d')).not.toHaveProperty('measuredBy');
    expect(observed('e')).not.toHaveProperty('longAxis');
    context.lesions.undo();
    expect(observed('d')).toMatchObject({ longAxis: { mm: 18 }, isSaved: true });
  });

  test('gives way to a measurement of the reader', () => {
    measured({ ...bidirectionalAt([0, 0, 20], 25, 10), uid: 'own' });
    expect(observed('d')).toMatchObject({ longAxis: { mm: 25 }, measuredBy: 'own' });
  });

  test('is the size of the lesion: deleted by the reader there is none, and undo restores it', () => {
    new Measurer(context).deleted('another');
    expect(observed('d')).toHaveProperty('longAxis.mm', 18);
    new Measurer(context).deleted(uid());
    expect(observed('d')).not.toHaveProperty('longAxis');
    expect(observed('d')).toMatchObject({ review: 'accepted', isSaved: false });
    context.lesions.undo();
    expect(observed('d')).toHaveProperty('longAxis.mm', 18);
  });
});
