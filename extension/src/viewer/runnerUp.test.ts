/** The second candidate of a proposal, on the images. */
import { describe, expect, test } from '@jest/globals';
import type { Observation } from '../lesions/types.ts';
import { lesionOf, proposed, uidOf } from '../testing/examples.ts';
import type { Lps, Match } from '../wire.ts';
import { markersOf } from './marker.ts';
import type { Marker } from './marker.ts';

const OTHER: Lps = [40, -10, 35];

function markers(
  changes: Partial<Observation>,
  lps: Lps | undefined,
  highlighted = uidOf('a'),
): readonly Marker[] {
  const runnerUp: Match['runnerUp'] = {
    distanceMm: 44,
    similarity: 0.8,
    ...(lps === undefined ? {} : { lps: [...lps] }),
  };
  return markersOf([lesionOf('a', [proposed(changes, { runnerUp })])], [], { highlighted });
}

describe('the second candidate', () => {
  test('of the selected lesion is a hollow marker in the same series', () => {
    const [found, second] = markers({}, OTHER);
    expect(found?.isRunnerUp).toBeUndefined();
    expect(second).toMatchObject({
      lps: OTHER,
      isRunnerUp: true,
      lines: ['second candidate'],
      seriesInstanceUid: found?.seriesInstanceUid,
    });
    expect(second?.radiusMm).toBeUndefined();
    expect(second?.id).not.toBe(found?.id);
  });

  test.each<[string, Partial<Observation>, Lps | undefined, string]>([
    ['of a lesion that is not selected', {}, OTHER, uidOf('b')],
    ['of a place that was accepted', { review: 'accepted' }, OTHER, uidOf('a')],
    ['of a server that names no place', {}, undefined, uidOf('a')],
  ])('%s is not drawn', (_, changes, lps, highlighted) => {
    expect(markers(changes, lps, highlighted).some(({ isRunnerUp }) => isRunnerUp === true)).toBe(false);
  });
});
