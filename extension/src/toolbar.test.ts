/** The button, the tool groups and the order of the studies. */
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { addLargest, addSideBySide, compareProtocol } from './hangingProtocol.ts';
import type { SideBySide } from './hangingProtocol.ts';
import { BUTTON_ID, TOOL_NAME } from './ids.ts';
import type { DisplaySet, StudyMetadata } from './ohif.d.ts';
import { axialSeries, FakeHost } from './testing/fakeHost.ts';
import { addButton, addToolToGroups } from './toolbar.ts';
import { Host } from './viewer/host.ts';

function servicesOf(fake: FakeHost): FakeHost['parameters']['servicesManager']['services'] {
  return fake.parameters.servicesManager.services;
}

describe('the button', () => {
  test('is added beside what the mode has, once', () => {
    const fake = new FakeHost({});
    fake.sections.set('primary', ['Zoom']);
    for (let round = 0; round < 2; round += 1) addButton(servicesOf(fake).toolbarService);
    expect(fake.sections.get('primary')).toEqual(['Zoom', BUTTON_ID]);
    expect(fake.buttons.get(BUTTON_ID)).toMatchObject({
      props: { commands: { commandName: 'setToolActiveToolbar', commandOptions: { toolName: TOOL_NAME } } },
    });
  });

  test('goes where this version of the viewer has its main buttons', () => {
    const fake = new FakeHost({});
    addButton({ ...servicesOf(fake).toolbarService, sections: { primary: 'PrimaryTools' } });
    expect(fake.sections.get('PrimaryTools')).toEqual([BUTTON_ID]);
  });

  test('is a new object each time: the viewer writes its state into it', () => {
    const fake = new FakeHost({});
    addButton(servicesOf(fake).toolbarService);
    const first = fake.buttons.get(BUTTON_ID) as { props: Record<string, unknown> };
    first.props['isActive'] = true;
    addButton(servicesOf(fake).toolbarService);
    expect(fake.buttons.get(BUTTON_ID)).not.toMatchObject({ props: { isActive: true } });
  });
});

describe('the tool', () => {
  test('joins the tool groups that are there and those that come, until it is stopped', () => {
    const fake = new FakeHost({});
    fake.createToolGroup('there');
    const stop = addToolToGroups(servicesOf(fake).toolGroupService);
    fake.createToolGroup('later');
    stop();
    fake.createToolGroup('too late');
    expect(['there', 'later', 'too late'].map((id) => fake.toolGroups.get(id)?.get(TOOL_NAME))).toEqual([
      'Passive',
      'Passive',
      undefined,
    ]);
    expect(fake.events.toolGroups.listenerCount).toBe(0);
  });

  test('keeps the state that it has in a group', () => {
    const fake = new FakeHost({});
    fake.createToolGroup('default');
    fake.toolGroups.get('default')?.set(TOOL_NAME, 'Active');
    addToolToGroups(servicesOf(fake).toolGroupService);
    expect(fake.toolGroups.get('default')?.get(TOOL_NAME)).toBe('Active');
  });

  test('does without an event that a version of the viewer lacks', () => {
    const fake = new FakeHost({});
    fake.createToolGroup('there');
    const service = {
      ...servicesOf(fake).toolGroupService,
      EVENTS: {},
      getToolGroupIds: () => ['there', 'gone'],
    };
    const getToolGroup = servicesOf(fake).toolGroupService.getToolGroup.bind(service);
    const stop = addToolToGroups({
      ...service,
      getToolGroup: (id) => (id === 'gone' ? undefined : getToolGroup(id)),
    });
    expect(stop).not.toThrow();
    expect(fake.toolGroups.get('there')?.has(TOOL_NAME)).toBe(true);
  });
});

describe('the rank of a study', () => {
  /** Ranks as the protocol requests them. */
  function ranksOf(
    displaySets: readonly DisplaySet[],
    studies: readonly StudyMetadata[],
    sideBySide: SideBySide = {},
  ): unknown[] {
    const fake = new FakeHost({});
    fake.displaySets = [...displaySets];
    addSideBySide(servicesOf(fake), sideBySide);
    const [rank] = [...fake.attributes.values()];
    return studies.map((study) => rank?.(study, { studies }));
  }

  test('is its place by date, the latest first, whatever the order of the URL', () => {
    const years = fc.uniqueArray(fc.integer({ min: 1990, max: 2026 }), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(years, (list) => {
        const sets = list.map((year) => axialSeries(String(year), `${year}0301`));
        const studies = sets.map(({ StudyInstanceUID }) => ({ StudyInstanceUID }));
        const latestFirst = [...list].sort((a, b) => b - a);
        expect(ranksOf(sets, studies)).toEqual(list.map((year) => latestFirst.indexOf(year)));
      }),
    );
  });

  test('puts studies that are not loaded last, in the order of the URL', () => {
    const loaded = axialSeries('b', '20200101');
    const studies = ['1.2.a', '1.2.b', '1.2.c'].map((StudyInstanceUID) => ({ StudyInstanceUID }));
    expect(ranksOf([loaded], studies)).toEqual([1, 0, 2]);
  });

  test('is that of the two studies that are to be shown, whatever their dates', () => {
    const sets = ['2020', '2021', '2022'].map((year) => axialSeries(year, `${year}0101`));
    const studies = sets.map(({ StudyInstanceUID }) => ({ StudyInstanceUID }));
    expect(ranksOf(sets, studies, { current: '1.2.2021', other: '1.2.2020' })).toEqual([1, 0, 2]);
  });

  test('beside it, the series that are compared are preferred', () => {
    const fake = new FakeHost({});
    const sideBySide: SideBySide = {};
    addSideBySide(servicesOf(fake), sideBySide);
    const isCompared = (SeriesInstanceUID: string): unknown =>
      fake.attributes.get('samepointIsCompared')?.({ StudyInstanceUID: '1', SeriesInstanceUID });
    expect(isCompared('1.9')).toBe(false);
    sideBySide.series = new Set(['1.9']);
    expect([isCompared('1.9'), isCompared('1.8')]).toEqual([true, false]);
    const { seriesMatchingRules } = compareProtocol.displaySetSelectors.samepointPrior as {
      readonly seriesMatchingRules: readonly { readonly attribute: string; readonly weight?: number }[];
    };
    const weights = seriesMatchingRules.map(({ attribute, weight = 0 }) => [attribute, weight] as const);
    expect(weights.toSorted((a, b) => b[1] - a[1])[0]?.[0]).toBe('samepointIsCompared');
  });

  test('until it is known which series is compared, the largest of a study is preferred', () => {
    const whole = axialSeries('prior', '20230211');
    const slab = {
      ...whole,
      displaySetInstanceUID: 'ds-slab',
      SeriesInstanceUID: '1.2.prior.8',
      instances: whole.instances!.slice(0, 12),
    };
    const report = {
      ...whole,
      displaySetInstanceUID: 'ds-sr',
      SeriesInstanceUID: '1.2.prior.7',
      Modality: 'SR',
    };
    const fake = new FakeHost({ left: slab, right: whole, report });
    addLargest(new Host(fake.parameters), { known: ['CT'], load: () => Promise.resolve(['CT']) });
    const isLargest = (series: DisplaySet): unknown => fake.attributes.get('samepointIsLargest')?.(series);
    expect([slab, whole, report].map(isLargest)).toEqual([false, true, false]);
    const rules = JSON.stringify(compareProtocol.displaySetSelectors.samepointPrior);
    expect(rules).toContain('samepointIsLargest');
  });

  test('is what the two panes of the protocol request', () => {
    const { samepointCurrent, samepointPrior } = compareProtocol.displaySetSelectors;
    const wanted = [samepointCurrent, samepointPrior].map((selector) => JSON.stringify(selector));
    expect(wanted.map((text) => /"equals":\{"value":(\d)\}/.exec(text)?.[1])).toEqual(['0', '1']);
    const [stage] = compareProtocol.stages;
    expect(stage?.viewports).toMatchObject([
      { displaySets: [{ id: 'samepointCurrent' }] },
      { displaySets: [{ id: 'samepointPrior' }] },
    ]);
  });
});
