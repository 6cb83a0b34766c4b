import { SamepointError } from '../errors/index.ts';
import { createSamepoint } from './samepoint.ts';
import type { Samepoint } from './samepoint.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePair,
  fakePorts,
  NAMELESS,
  PRIOR,
  PRIOR_2,
  STRANGER,
} from './testing/index.ts';
import type { FakePorts } from './testing/index.ts';

function setUp(): { ports: FakePorts; samepoint: Samepoint } {
  const ports = fakePorts([...ALL_SERIES]);
  return { ports, samepoint: createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 }) };
}

const alice = { authorization: 'Bearer alice' };

describe('storeReport', () => {
  it('stores one instance in the current study, with the credentials of the caller, and reads it back', async () => {
    const { ports, samepoint } = setUp();
    ports.source.allowed = [alice.authorization];
    const stored = await samepoint.storeReport([fakePair(), fakePair(CURRENT, PRIOR_2)], alice);
    expect(stored).toMatchObject({ studyInstanceUid: CURRENT.studyInstanceUid });
    expect(ports.source.stored).toHaveLength(1);
    expect(ports.source.requests.slice(-2)).toEqual(['store', 'instance']);
  });

  it('does not copy the patient from metadata of somebody else', async () => {
    const { ports, samepoint } = setUp();
    ports.source.swap = (one) => ({ ...one, patientId: 'P2' });
    await expect(samepoint.storeReport([fakePair()], {})).rejects.toMatchObject({
      code: 'application/identity-mismatch',
      fields: { attribute: 'PatientID' },
    });
    expect(ports.source.stored).toHaveLength(0);
  });

  it('gives the room the metadata of each series and names the algorithm', async () => {
    const { ports, samepoint } = setUp();
    const asked: Parameters<typeof ports.rooms.buildReport>[0][] = [];
    const buildReport = ports.rooms.buildReport.bind(ports.rooms);
    Object.assign(ports.rooms, {
      buildReport: (request: (typeof asked)[number]) => {
        asked.push(request);
        return buildReport(request);
      },
    });
    await samepoint.storeReport([fakePair()], {});
    expect(asked[0]).toMatchObject({
      current: { '00080018': { Value: [CURRENT.sopInstanceUids[0]] } },
      priors: [{ '00080018': { Value: [PRIOR.sopInstanceUids[0]] } }],
      algorithm: { name: 'Samepoint', version: '1.2.3' },
      now: new Date(ports.control.now),
    });
  });

  it.each([
    ['another patient', fakePair(CURRENT, STRANGER), 'application/different-patients'],
    ['a patient without id', fakePair(CURRENT, NAMELESS), 'application/patient-unknown'],
    [
      'an unknown series',
      fakePair(CURRENT, { ...PRIOR, seriesInstanceUid: '9.9' }),
      'dicomweb/series-not-found',
    ],
    [
      'an image of another series',
      fakePair(CURRENT, { ...PRIOR, sopInstanceUids: PRIOR_2.sopInstanceUids }),
      'application/instance-not-in-series',
    ],
  ])('refuses %s and stores nothing', async (_name, pair, code) => {
    const { ports, samepoint } = setUp();
    await expect(samepoint.storeReport([pair], {})).rejects.toMatchObject({ code });
    expect(ports.source.stored).toHaveLength(0);
  });

  it('refuses an empty report', async () => {
    const { samepoint } = setUp();
    await expect(samepoint.storeReport([], {})).rejects.toMatchObject({ code: 'report/no-pairs' });
  });

  it('does not call a report stored that the PACS gives back changed', async () => {
    const { ports, samepoint } = setUp();
    ports.source.coerce = (part10) =>
      new TextEncoder().encode(new TextDecoder().decode(part10).replace('Nodule 1', 'Nodule 2'));
    await expect(samepoint.storeReport([fakePair()], {})).rejects.toMatchObject({
      code: 'application/report-not-verified',
    });
  });

  it('does not call a report stored that the PACS does not give back', async () => {
    const { ports, samepoint } = setUp();
    ports.source.retrieveInstance = () =>
      Promise.reject(new SamepointError('dicomweb/instance-not-found', { operation: 'x' }));
    await expect(samepoint.storeReport([fakePair()], {})).rejects.toMatchObject({
      code: 'application/report-not-verified',
      fields: { reason: 'dicomweb/instance-not-found' },
    });
  });

  it('passes on that the PACS refused it', async () => {
    const { ports, samepoint } = setUp();
    ports.source.storeInstances = () =>
      Promise.reject(new SamepointError('dicomweb/forbidden', { operation: 'STOW-RS' }));
    await expect(samepoint.storeReport([fakePair()], {})).rejects.toMatchObject({
      code: 'dicomweb/forbidden',
    });
  });
});

describe('listReports', () => {
  it('gives the reports of the study, newest first', async () => {
    const { ports, samepoint } = setUp();
    const first = await samepoint.storeReport([fakePair()], {});
    ports.control.now += 60_000;
    const second = await samepoint.storeReport([fakePair(CURRENT, PRIOR_2)], {});
    const reports = await samepoint.listReports(CURRENT.studyInstanceUid, {});
    expect(new Set(reports.map(({ sopInstanceUid }) => sopInstanceUid))).toEqual(
      new Set([first.sopInstanceUid, second.sopInstanceUid]),
    );
    expect(reports[0]).toMatchObject({
      sopInstanceUid: second.sopInstanceUid,
      pairs: [{ label: 'Nodule 1' }],
    });
  });

  it('passes over structured reports of others', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.storeReport([fakePair()], {});
    Object.assign(ports.rooms, { readReport: () => ({ ok: false, reason: 'it is a dose report' }) });
    expect(await samepoint.listReports(CURRENT.studyInstanceUid, {})).toEqual([]);
  });

  it('finds none in a study without reports, and does not open its images', async () => {
    const { ports, samepoint } = setUp();
    expect(await samepoint.listReports(PRIOR.studyInstanceUid, {})).toEqual([]);
    expect(ports.source.requests).toEqual(['series']);
  });

  it('asks with the credentials of the caller', async () => {
    const { ports, samepoint } = setUp();
    ports.source.allowed = [alice.authorization];
    await expect(samepoint.listReports(CURRENT.studyInstanceUid, {})).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    await expect(samepoint.listReports(CURRENT.studyInstanceUid, alice)).resolves.toEqual([]);
  });
});
