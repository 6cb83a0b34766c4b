import { SamepointError } from '../errors/index.ts';
import { CURRENT, series, setUp, study, uids } from './testing/patient.ts';
import { jsonOf } from './testing/priorsPacs.ts';
import type { FakePriorStudy } from './testing/priorsPacs.ts';

const NOTHING_OMITTED = {
  isPatientUnknown: false,
  isDateUnknown: false,
  later: 0,
  otherIssuer: 0,
  unsurePatient: 0,
  hiddenStudies: 0,
  hiddenSeries: 0,
  foreignSeries: 0,
  unansweredStudies: 0,
  unansweredSeries: 0,
  unread: 0,
  isCut: false,
};

describe('which studies are listed', () => {
  it('the earlier ones of the patient, newest first; those without a date last', async () => {
    const { list } = setUp([
      study(3),
      study(7, { date: undefined! }),
      study(11),
      study(5, { patientId: 'P2' }),
    ]);
    const found = await list();
    expect(uids(found)).toEqual(['1.2.11', '1.2.3', '1.2.7']);
    expect(found.priors.map(({ date }) => date)).toEqual(['2026-01-11', '2026-01-03', undefined]);
    expect(found.omitted).toEqual(NOTHING_OMITTED);
    expect(found.current).toMatchObject({
      studyInstanceUid: '1.2.20',
      date: '2026-01-20',
      modalities: ['CT'],
    });
  });

  it('later ones are omitted and counted; of the same day by the time', async () => {
    const { list } = setUp(
      [
        study(21),
        study(1, { date: '20260120', time: '101112.5' }),
        study(2, { date: '20260120', time: '08' }),
        study(3, { date: '20260120' }),
      ],
      { ...CURRENT, time: '0910' },
    );
    const found = await list();
    expect(uids(found)).toEqual(['1.2.2', '1.2.3']);
    expect(found.priors[0]).toMatchObject({ date: '2026-01-20', time: '08:00:00' });
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, later: 2 });
  });

  it('all, where the study that is read has no date', async () => {
    const { list } = setUp([study(3)], { ...CURRENT, date: '00000000' });
    const found = await list();
    expect(uids(found)).toEqual(['1.2.3']);
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, isDateUnknown: true });
  });

  it('none, where the study names no patient', async () => {
    const { list, pacs } = setUp([study(3, { patientId: undefined! })], {
      ...CURRENT,
      patientId: undefined!,
    });
    const found = await list();
    expect(uids(found)).toEqual([]);
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, isPatientUnknown: true });
    expect(pacs.requests.filter((one) => one === 'studies')).toHaveLength(1);
  });

  it('none of another patient, where the PACS ignores the key or reads a wildcard in it', async () => {
    const { list, pacs } = setUp([study(3, { patientId: 'P*' }), study(4)], { ...CURRENT, patientId: 'P*' });
    pacs.ignoresKeys = true;
    expect(uids(await list())).toEqual(['1.2.3']);
  });

  it('is an error of the PACS where it does not know the study', async () => {
    const { list } = setUp([]);
    await expect(list({ studyInstanceUid: '1.9' })).rejects.toMatchObject({
      code: 'dicomweb/study-not-found',
    });
    await expect(list({ seriesInstanceUid: '1.9' })).rejects.toMatchObject({
      code: 'dicomweb/series-not-found',
    });
  });

  it('follows a PACS that answers in pages; the series of the newest are read only', async () => {
    const many = Array.from({ length: 500 }, (_, n) =>
      study(n + 1000, {
        date: `2020${String(1 + (n % 12)).padStart(2, '0')}${String(1 + (n % 28)).padStart(2, '0')}`,
      }),
    );
    const { list, pacs } = setUp(many);
    pacs.pageSize = 100;
    const found = await list();
    expect(found.priors).toHaveLength(500);
    expect(found.priors.filter((one) => one.series.length > 0).map(({ date }) => date)).toEqual(
      found.priors.slice(0, 20).map(({ date }) => date),
    );
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, unread: 480 });
    expect(pacs.requests.filter((one) => one.startsWith('header')).length).toBeLessThanOrEqual(21 * 3);
    expect(pacs.mostUnderWay).toBe(4);
  });
});

describe('two patients with one Patient ID', () => {
  const issuedBy = (n: number, issuer?: string): FakePriorStudy =>
    study(n, issuer === undefined ? {} : { issuer });

  it.each([
    ['the same issuer', ['A', 'A', 'A'], ['1.2.3', '1.2.2'], {}],
    ['another issuer', ['A', 'B', 'A'], ['1.2.3'], { otherIssuer: 1 }],
    ['no issuer, nothing contradicts', ['A', undefined, 'A'], ['1.2.3', '1.2.2'], {}],
    [
      'no issuer of the study that is read, nothing contradicts',
      [undefined, 'A', 'A'],
      ['1.2.3', '1.2.2'],
      {},
    ],
    ['no issuer beside two', ['A', undefined, 'B'], [], { otherIssuer: 1, unsurePatient: 1 }],
    ['two issuers, none of the study that is read', [undefined, 'A', 'B'], [], { unsurePatient: 2 }],
    ['no issuer anywhere', [undefined, undefined, undefined], ['1.2.3', '1.2.2'], {}],
  ])('%s', async (_, [own, first, second], expected, omitted) => {
    for (const ignoresIncludefield of [false, true]) {
      const { list, pacs } = setUp([issuedBy(2, first), issuedBy(3, second)], {
        ...CURRENT,
        ...(own === undefined ? {} : { issuer: own }),
      });
      // Then the headers of images say it.
      pacs.ignoresIncludefield = ignoresIncludefield;
      const found = await list();
      expect(uids(found)).toEqual(expected);
      expect(found.omitted).toMatchObject({ ...NOTHING_OMITTED, ...omitted });
    }
  });

  it('series whose images name another patient are omitted, and their study where it has no other', async () => {
    const foreign = series('1.2.3.2', { change: () => jsonOf({ PatientID: 'P2' }) });
    const { list } = setUp([
      study(3, { series: [series('1.2.3.1'), foreign] }),
      study(4, { series: [{ ...foreign, uid: '1.2.4.1' }] }),
    ]);
    const found = await list();
    expect(uids(found)).toEqual(['1.2.3']);
    expect(found.priors[0]?.series.map(({ seriesInstanceUid }) => seriesInstanceUid)).toEqual(['1.2.3.1']);
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, foreignSeries: 2 });
  });
});

describe('what the PACS withholds', () => {
  const operation = 'QIDO-RS search';
  const unauthorized = new SamepointError('dicomweb/unauthorized', { operation });
  const forbidden = new SamepointError('dicomweb/forbidden', { operation });
  const notFound = new SamepointError('dicomweb/series-not-found', { operation });

  it.each([unauthorized, forbidden, notFound])('is not listed: %s', async (error) => {
    const { list, pacs } = setUp([
      study(3),
      study(4),
      study(5, { series: [series('1.2.5.1'), series('1.2.5.2')] }),
    ]);
    pacs.failures.set('1.2.3', error).set('1.2.4.1', error).set('1.2.5.2', error);
    const found = await list();
    expect(uids(found)).toEqual(['1.2.5']);
    expect(found.priors[0]?.series).toHaveLength(1);
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, hiddenStudies: 2, hiddenSeries: 1 });
  });

  it('of the study that is read is an error', async () => {
    const { list, pacs } = setUp([study(3)]);
    pacs.failures.set('1.2.20.1', forbidden);
    await expect(list()).rejects.toMatchObject({ code: 'dicomweb/forbidden' });
    pacs.allowed = ['Bearer bob'];
    await expect(list()).rejects.toMatchObject({ code: 'dicomweb/unauthorized' });
  });

  it('a study that it does not send in time is listed without series, and delays no other', async () => {
    const { list, pacs, logged } = setUp([study(3), study(4), study(5)]);
    pacs.silent.add('1.2.4');
    pacs.failures.set('1.2.5', new SamepointError('dicomweb/unreachable', { operation, reason: 'closed' }));
    const found = await list();
    expect(found.priors.map(({ series: all }) => all.length)).toEqual([0, 0, 1]);
    expect(found.omitted).toEqual({ ...NOTHING_OMITTED, unansweredStudies: 2 });
    expect(logged).toHaveLength(2);
    expect(JSON.stringify(logged)).not.toMatch(/P1|1\.2\.4|alice/u);
  });

  it('the study that is read must come in time', async () => {
    const { list, pacs } = setUp([]);
    pacs.silent.add('1.2.20');
    await expect(list()).rejects.toMatchObject({ code: 'dicomweb/timeout' });
  });
});
