import { SamepointError } from '../errors/index.ts';
import { precomputeStudy } from './precompute.ts';
import type { Precomputed } from './precompute.ts';
import type { ArrivalRule } from './rules.ts';
import { choiceIn } from './rules.ts';
import { FakeHospital, seriesOf } from './testing/hospital.ts';

const RULE: ArrivalRule = {
  modalities: [],
  bodyParts: [],
  minimumSlices: 20,
  series: 1,
  priors: 2,
  findings: true,
};

let hospital: FakeHospital;
beforeEach(() => {
  hospital = new FakeHospital();
});

async function precompute(changes: Partial<ArrivalRule> = {}): Promise<Precomputed> {
  const logger = { info: () => undefined, warn: () => undefined, error: () => undefined };
  const client = {
    searchSeries: (study: string) =>
      Promise.resolve([
        {
          '0020000E': { vr: 'UI', Value: [`${study}.1`] },
          '00180015': { vr: 'CS', Value: [hospital.studies.get(study)?.bodyPart ?? ''] },
        },
      ]),
  };
  const work = { caller: {}, signal: new AbortController().signal };
  const parts = { samepoint: hospital.samepoint, rules: [{ ...RULE, ...changes }], logger };
  return await precomputeStudy({ study: '1.5', sourceName: 'main', client }, parts, work);
}

describe('precomputing a study', () => {
  test('embeds its series, then those of the newest earlier studies, then looks for their findings in it', async () => {
    hospital.send('1.2', { hasReports: true });
    hospital.send('1.3');
    hospital.send('1.4', { hasReports: true });
    hospital.send('1.5', { priors: ['1.4', '1.3', '1.2'] });
    expect(await precompute()).toEqual({ isChosen: true, studies: ['1.5', '1.4', '1.3'], refused: 0 });
    expect(hospital.done).toEqual([
      ...['embed 1.5.1', 'embed 1.4.1', 'embed 1.3.1', 'findings 1.4'],
      'match 1.4.1 1.5.1 1 2 3 kept',
    ]);
  });

  test('looks for no findings where the rule says so, and at no earlier study where it names none', async () => {
    hospital.send('1.4', { hasReports: true });
    hospital.send('1.5', { priors: ['1.4'] });
    await precompute({ findings: false });
    expect(hospital.done).toEqual(['embed 1.5.1', 'embed 1.4.1']);
    await precompute({ priors: 0 });
    expect(hospital.done).toEqual(['embed 1.5.1', 'embed 1.4.1', 'embed 1.5.1']);
  });

  test('passes over earlier studies without a series to compare', async () => {
    hospital.send('1.3');
    hospital.send('1.4', { series: [{ isComparable: false }] });
    hospital.send('1.5', { priors: ['1.4', '1.3'] });
    expect((await precompute({ priors: 1 })).studies).toEqual(['1.5', '1.3']);
  });

  test('goes on where one series cannot be embedded, and says so', async () => {
    hospital.send('1.4', { hasReports: true });
    hospital.send('1.5', { priors: ['1.4'] });
    hospital.onEmbed = (series) => {
      const fields = { model: 'm', modality: 'CT', supported: ['MR'] };
      if (series === '1.5.1') throw new SamepointError('embedding/modality-not-supported', fields);
    };
    expect(await precompute()).toEqual({ isChosen: true, studies: ['1.4'], refused: 1 });
    expect(hospital.done).toEqual(['embed 1.4.1']);
  });

  test('ends with the error where the PACS does not answer: it is tried again as a whole', async () => {
    hospital.send('1.5');
    hospital.onEmbed = () => {
      throw new SamepointError('dicomweb/timeout', { operation: 'a series', timeoutMs: 1 });
    };
    await expect(precompute()).rejects.toMatchObject({ code: 'dicomweb/timeout' });
  });

  test('looks at the body part where a rule names some', async () => {
    hospital.send('1.5', { bodyPart: 'CHEST' });
    expect(await precompute({ bodyParts: ['Abdomen'] })).toMatchObject({ isChosen: false });
    expect(await precompute({ bodyParts: ['Chest'] })).toMatchObject({ isChosen: true });
  });
});

describe('rules', () => {
  const chosen = (
    series: Parameters<typeof seriesOf>[1][],
    rules: readonly Partial<ArrivalRule>[],
  ): readonly string[] => {
    const listed = series.map((one, index) => seriesOf('1', one, index + 1));
    const whole = rules.map((rule) => ({ ...RULE, ...rule }));
    return (choiceIn({ series: listed }, whole, new Map())?.series ?? []).map((one) => one.seriesInstanceUid);
  };

  test('choose by modality and number of slices, in the order of suitability', () => {
    expect(chosen([{ images: 19 }, { modality: 'MR' }, {}, {}], [{ modalities: ['CT'] }])).toEqual(['1.3']);
    expect(chosen([{ images: 19 }, { modality: 'MR' }, {}, {}], [{ modalities: ['CT'], series: 2 }])).toEqual(
      ['1.3', '1.4'],
    );
    expect(chosen([{ isComparable: false }], [{}])).toEqual([]);
  });

  test('count in their order: the first that fits a series', () => {
    const rules = [{ modalities: ['MR'], series: 2 }, { minimumSlices: 50 }];
    expect(chosen([{ modality: 'MR' }, {}, { modality: 'MR', images: 30 }, {}], rules)).toEqual([
      '1.1',
      '1.2',
      '1.3',
    ]);
  });

  test('of the first series says how many earlier studies come with it', () => {
    const rules = [
      { ...RULE, modalities: ['MR'], priors: 7 },
      { ...RULE, priors: 1, findings: false },
    ];
    const series = [seriesOf('1', { modality: 'MR' }), seriesOf('1', {}, 2)];
    expect(choiceIn({ series }, rules, new Map())).toMatchObject({ priors: 7, findings: true });
    expect(choiceIn({ series: series.slice(1) }, rules, new Map())).toMatchObject({
      priors: 1,
      findings: false,
    });
  });

  test('that name a body part fit no series without one', () => {
    expect(
      choiceIn({ series: [seriesOf('1')] }, [{ ...RULE, bodyParts: ['CHEST'] }], new Map()),
    ).toBeUndefined();
  });
});
