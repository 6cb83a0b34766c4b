/** What a viewport shows. */
import { describe, expect, test } from '@jest/globals';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeViewport } from '../testing/fakeViewport.ts';
import { Host } from './host.ts';
import { isOnShownSlice } from './visible.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');

function setUp(): { fake: FakeHost; host: Host } {
  const fake = new FakeHost({ left: CURRENT, right: PRIOR });
  return { fake, host: new Host(fake.parameters) };
}

describe('a viewport beside the grid, as that of an exported picture', () => {
  test('shows the series of its images, and its marks are on it', () => {
    const { fake, host } = setUp();
    const viewport = new FakeViewport('download');
    const shown = (imageIds: readonly string[]) =>
      host
        .displaySetsIn(Object.assign(viewport, { getImageIds: () => imageIds }))
        .map(({ SeriesInstanceUID }) => SeriesInstanceUID);
    expect(shown(['wadors:ds-prior/8'])).toEqual([PRIOR.SeriesInstanceUID]);
    const mark = { seriesInstanceUid: PRIOR.SeriesInstanceUID, lps: [0, 0, 0] } as const;
    expect(isOnShownSlice(host, viewport, mark)).toBe(true);
    expect(shown(['wadors:another/1'])).toEqual([]);
    expect(isOnShownSlice(host, viewport, mark)).toBe(false);
    expect(host.displaySetsIn(fake.viewports.get('left')!)).toEqual([CURRENT]);
  });

  test('of a kind that does not name its images shows none', () => {
    const { host } = setUp();
    expect(host.displaySetsIn(new FakeViewport('download'))).toEqual([]);
  });
});

describe('who has logged in to the host', () => {
  test('is named by issuer and subject', () => {
    const { fake, host } = setUp();
    expect(host.reader).toBeUndefined();
    fake.user = { profile: { iss: 'https://idp', sub: 'alice' } };
    expect(host.reader).toBe('["https://idp","alice"]');
    fake.user = { profile: { sub: 7 } };
    expect(host.reader).toBeUndefined();
  });
});
