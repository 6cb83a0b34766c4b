/** Accepted diameters as measurements of the host. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import { decideOn } from '../lesions/review.ts';
import type { Decision } from '../lesions/review.ts';
import type { Lesion, Observation } from '../lesions/types.ts';
import { DIAMETERS, lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import type { Match } from '../wire.ts';
import { DiameterLayer, diametersUid, hostPointsOf } from './diameters.ts';
import { Host } from './host.ts';

const CURRENT = '1.2.current';

let fake: FakeHost;
let layer: DiameterLayer;

beforeEach(() => {
  fake = new FakeHost({ left: axialSeries('current', '20240301') });
  layer = new DiameterLayer(new Host(fake.parameters));
});

function decided(decision: Decision, match: Partial<Match> = { axes: DIAMETERS }): Observation {
  const result = decideOn(proposed({}, match), decision);
  if (!('observation' in result)) throw new Error(result.refusal);
  return result.observation;
}

const show = (observation: Observation, selected: string | undefined = uidOf('a')): void => {
  layer.sync([lesionOf('a', [observation])], selected, false);
};
const only = () => [...fake.measurements.values()][0];

describe('accepted diameters', () => {
  test('are a bidirectional of the host, in the plane of the slice, with the name and the lengths', () => {
    show(decided('accept'));
    expect(fake.measurements.size).toBe(1);
    expect(only()).toMatchObject({
      annotationUID: diametersUid(lesionOf('a'), CURRENT),
      metadata: { toolName: 'Bidirectional', FrameOfReferenceUID: '1.2.current.7' },
      data: {
        label: 'Lesion a',
        handles: {
          points: [
            [-9, 0, 20],
            [9, 0, 20],
            [0, -5, 20],
            [0, 5, 20],
          ],
        },
      },
    });
    const { referencedImageId } = only()!.metadata;
    expect(referencedImageId).toBe('wadors:ds-current/4');
    expect(only()?.data.cachedStats).toEqual({
      [`imageId:${referencedImageId}`]: { length: 18, width: 10, widthUnit: 'mm', unit: 'mm' },
    });
    expect(layer.shows(uidOf('a'), CURRENT)).toBe(true);
  });

  test('are a length where only one was proposed', () => {
    show(decided('accept', { axes: { longAxis: DIAMETERS.longAxis, isFitted: true } }));
    expect(only()?.metadata.toolName).toBe('Length');
    expect(only()?.data.handles.points).toHaveLength(2);
  });

  test.each<readonly [string, Observation]>([
    ['a proposal', proposed({}, { axes: DIAMETERS })],
    ['a rejected one', decided('reject')],
    ['a resolved one', decided('resolved')],
    ['diameters that were only turned', decided('accept', { axes: { ...DIAMETERS, isFitted: false } })],
    ['a place without diameters', decided('accept', {})],
    ['what the reader has measured himself', { ...decided('accept'), measuredBy: 'm' }],
    ['what a report says', marked('current', [0, 0, 20], { longAxis: { mm: 18, ends: DIAMETERS.longAxis } })],
  ])('%s is no measurement', (_name, observation) => {
    show(decided('accept'));
    show(observation);
    expect(fake.measurements.size).toBe(0);
    expect(layer.shows(uidOf('a'), CURRENT)).toBe(false);
  });

  test('come when the lesion is selected, and stay when another one is', () => {
    const observation = decided('accept');
    show(observation, uidOf('b'));
    expect(fake.measurements.size).toBe(0);
    show(observation);
    show(observation, uidOf('b'));
    expect(fake.measurements.size).toBe(1);
  });

  test('wait for the series to be loaded', () => {
    const { displaySets } = fake;
    fake.displaySets = [];
    show(decided('accept'));
    expect(fake.measurements.size).toBe(0);
    fake.displaySets = displaySets;
    show(decided('accept'));
    expect(fake.measurements.size).toBe(1);
  });

  test('follow an undone decision, and not a drag that has not ended', () => {
    const observation = decided('accept');
    show(observation);
    const dragged = only()!;
    dragged.data.handles.points[1] = [12, 0, 20];
    show(observation, uidOf('b'));
    expect(dragged.data.handles.points[1]).toEqual([12, 0, 20]);
    const longAxis = { mm: 21, ends: [DIAMETERS.longAxis[0], [12, 0, 20]] as const };
    show({ ...observation, longAxis });
    show(observation);
    expect(fake.measurements.size).toBe(1);
    expect(only()?.data.handles.points[1]).toEqual([9, 0, 20]);
    expect(only()?.invalidated).toBe(true);
  });

  test('cannot be grabbed while a click is to place a lesion', () => {
    const lesions: readonly Lesion[] = [lesionOf('a', [decided('accept')])];
    layer.sync(lesions, uidOf('a'), true);
    expect(only()?.isLocked).toBe(true);
    layer.sync(lesions, uidOf('a'), false);
    expect(only()?.isLocked).toBe(false);
  });

  test('of a host that refuses them are not shown, and nothing else fails', () => {
    fake.refusesMeasurements = true;
    show(decided('accept'));
    expect(layer.shows(uidOf('a'), CURRENT)).toBe(false);
  });
});

test('points of a place lie in its slice', () => {
  const points = hostPointsOf(new Host(fake.parameters), decided('accept'));
  expect(points.map(([, , z]) => z)).toEqual([20, 20, 20, 20]);
});
