/** What happens when a study is to be shown that may not be loaded. */
import { beforeEach, describe, expect, test } from '@jest/globals';
import type { SideBySide } from '../hangingProtocol.ts';
import { COMPARE_PROTOCOL_ID } from '../ids.ts';
import { contextOf } from '../testing/context.ts';
import { axialSeries, FakeHost } from '../testing/fakeHost.ts';
import { FakeServer } from '../testing/fakeServer.ts';
import type { Context } from './context.ts';
import { showStudy } from './show.ts';

const CURRENT = axialSeries('current', '20240301');
const PRIOR = axialSeries('prior', '20230211');

let fake: FakeHost;
let context: Context;
let sideBySide: SideBySide;
let requested: string[];

beforeEach(() => {
  fake = new FakeHost({ left: CURRENT });
  fake.studies = [{ StudyInstanceUID: '1.2.current' }];
  requested = [];
  fake.dataSource = {
    ...fake.dataSource,
    retrieve: {
      series: {
        metadata: ({ StudyInstanceUID }) => {
          requested.push(StudyInstanceUID);
          // The viewer lists the series of a study some time after the request to load it.
          setTimeout(() => {
            fake.load(axialSeries('scout', '20200101'));
            fake.load(PRIOR);
          }, 0);
          return Promise.resolve(undefined);
        },
      },
    },
  };
  context = contextOf(fake, new FakeServer());
  sideBySide = {};
});

describe('showing a study', () => {
  test('loads it, and hangs it beside the current one', async () => {
    await showStudy(context, sideBySide, '1.2.prior');
    expect(requested).toEqual(['1.2.prior']);
    expect(fake.commands).toMatchObject([
      {
        name: 'hangingProtocolService.run',
        options: {
          protocolId: COMPARE_PROTOCOL_ID,
          activeStudy: { StudyInstanceUID: '1.2.current' },
          displaySets: [CURRENT, expect.anything(), PRIOR],
        },
      },
    ]);
    expect(sideBySide).toMatchObject({ current: '1.2.current', other: '1.2.prior' });
    expect(sideBySide.series?.has('1.2.prior.9')).toBe(true);
    expect(context.activity.notices).toEqual([]);
    expect(fake.events.displaySets.listenerCount).toBe(0);
  });

  test('one that is loaded is hung at once, also where the host knows it', async () => {
    fake.displaySets = [CURRENT, PRIOR];
    fake.studies = undefined;
    context = contextOf(fake, new FakeServer());
    await showStudy(context, sideBySide, '1.2.prior');
    expect(requested).toEqual([]);
    expect(fake.commands.map(({ name }) => name)).toEqual(['hangingProtocolService.run']);
  });

  test.each([
    ['does not come', { retrieve: { series: { metadata: () => Promise.resolve(undefined) } } }],
    ['cannot be requested', {}],
  ])('a study that %s is a message with a button that tries again', async (_name, dataSource) => {
    fake.dataSource = dataSource;
    await showStudy(context, sideBySide, '1.2.prior', 5);
    expect(context.activity.notices).toMatchObject([
      { code: 'viewer/not-loaded', mend: { label: 'Try again' } },
    ]);
    expect(fake.commands).toEqual([]);
    expect(fake.events.displaySets.listenerCount).toBe(0);
  });
});
