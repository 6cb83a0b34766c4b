/** Which diameters are drawn with the marker of a place. */
import { describe, expect, test } from '@jest/globals';
import type { Observation } from '../lesions/types.ts';
import { lesionOf, marked, proposed, uidOf } from '../testing/examples.ts';
import type { Lps } from '../wire.ts';
import { markersOf } from './marker.ts';

describe('the marker of a place', () => {
  test('diameters are drawn: those that count, or those that are proposed', () => {
    const ends = [
      [0, 0, 0],
      [9, 0, 0],
    ] as const;
    const axes = { longAxis: ends, shortAxis: ends, isFitted: true };
    const axesOf = (observation: Parameters<typeof lesionOf>[1]) =>
      markersOf([lesionOf('a', observation)], [])[0]?.axes;
    expect(axesOf([proposed({}, { axes })])).toEqual([ends, ends]);
    expect(axesOf([proposed({}, { axes: { ...axes, isFitted: false } })])).toEqual([]);
    expect(axesOf([proposed({ review: 'accepted' }, { axes })])).toEqual([]);
    expect(axesOf([marked('current', [0, 0, 0], { longAxis: { mm: 9, ends } })])).toEqual([ends]);
    expect(axesOf([proposed({ status: 'resolved' }, { axes })])).toEqual([]);
  });

  test('diameters of the prior are shown beside, where the map puts them, while the reader looks at the lesion', () => {
    const [fitted, carried] = [9, 7].map((x): readonly [Lps, Lps] => [
      [0, 0, 0],
      [x, 0, 0],
    ]);
    const axes = { longAxis: fitted!, isFitted: true, carried: { longAxis: carried! } };
    const ghostOf = (observation: Observation, highlighted?: string) =>
      markersOf([lesionOf('a', [observation])], [], { highlighted })[0]?.ghost;
    expect(ghostOf(proposed({}, { axes }))).toEqual([carried]);
    expect(ghostOf(proposed({}, { axes: { longAxis: fitted!, isFitted: false } }))).toEqual([fitted]);
    expect(ghostOf(proposed({ review: 'accepted' }, { axes }))).toEqual([]);
    expect(ghostOf(proposed({ review: 'accepted' }, { axes }), uidOf('a'))).toEqual([carried]);
    expect(ghostOf(proposed({ review: 'corrected' }, { axes }), uidOf('a'))).toEqual([]);
    expect(ghostOf(proposed({ status: 'resolved' }, { axes }))).toEqual([]);
    expect(ghostOf(proposed())).toEqual([]);
  });

  test('diameters that the host draws are not drawn a second time', () => {
    const ends: readonly [Lps, Lps] = [
      [0, 0, 0],
      [9, 0, 0],
    ];
    const lesions = [lesionOf('a', [marked('current', [0, 0, 0], { longAxis: { mm: 9, ends } })])];
    expect(markersOf(lesions, [], { isMeasured: () => true })[0]?.axes).toEqual([]);
    expect(markersOf(lesions, [], { isMeasured: () => false })[0]?.axes).toEqual([ends]);
  });
});
