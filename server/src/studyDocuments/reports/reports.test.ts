import { SamepointError } from '../../errors/index.ts';
import { createSamepoint } from '../../application/samepoint.ts';
import type { Samepoint } from '../../application/types.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePair,
  fakePorts,
  NAMELESS,
  PRIOR,
  PRIOR_2,
  OTHER_PATIENT,
} from '../../ports/testing/index.ts';
import type { FakePorts } from '../../ports/testing/index.ts';

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

  it('gives the report module the metadata of each series and names the algorithm', async () => {
    const { ports, samepoint } = setUp();
    const built: Parameters<typeof ports.modules.buildReport>[0][] = [];
    const buildReport = ports.modules.buildReport.bind(ports.modules);
    Object.assign(ports.modules, {
      buildReport: (request: (typeof built)[number]) => {
        built.push(request);
        return buildReport(request);
      },
    });
    await samepoint.storeReport([fakePair()], {});
    expect(built[0]).toMatchObject({
      current: { '00080018': { Value: [CURRENT.sopInstanceUids[0]] } },
      priors: [{ '00080018': { Value: [PRIOR.sopInstanceUids[0]] } }],
      algorithm: { name: 'Samepoint', version: '1.2.3' },
      now: new Date(ports.control.now),
    });
  });

  it.each([
    ['another patient', fakePair(CURRENT, OTHER_PATIENT), 'application/different-patients'],
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
    const { reports, unreadable } = await samepoint.listReports(CURRENT.studyInstanceUid, {});
    expect(unreadable).toBe(0);
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
    const foreign = { ok: false, isDamaged: false, reason: 'it is a dose report' };
    Object.assign(ports.modules, { readReport: () => Promise.resolve(foreign) });
    expect(await samepoint.listReports(CURRENT.studyInstanceUid, {})).toEqual({ reports: [], unreadable: 0 });
  });

  it('passes over a damaged one, counts it, and gives the others', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.storeReport([fakePair()], {});
    ports.control.now += 60_000;
    const second = await samepoint.storeReport([fakePair()], {}, { idempotencyKey: 'second' });
    const readReport = ports.modules.readReport.bind(ports.modules);
    Object.assign(ports.modules, {
      readReport: async (part10: Uint8Array) =>
        part10 === ports.source.stored[0]?.part10
          ? { ok: false, isDamaged: true, reason: 'it is not a complete DICOM file' }
          : await readReport(part10),
    });
    expect(await samepoint.listReports(CURRENT.studyInstanceUid, {})).toMatchObject({
      reports: [{ sopInstanceUid: second.sopInstanceUid }],
      unreadable: 1,
    });
  });

  describe('where the PACS does not give out a report', () => {
    /** Two reports, of which the PACS answers these errors for the first ones. */
    async function list(
      errors: readonly (SamepointError | undefined)[],
    ): Promise<Awaited<ReturnType<Samepoint['listReports']>>> {
      const { ports, samepoint } = setUp();
      for (let stored = 0; stored < errors.length; stored += 1) {
        ports.control.now += 60_000;
        await samepoint.storeReport([fakePair()], {}, { idempotencyKey: `report ${String(stored)}` });
      }
      const retrieve = ports.source.retrieveInstance.bind(ports.source);
      let retrieved = 0;
      ports.source.retrieveInstance = (...request) => {
        const error = errors[retrieved];
        retrieved += 1;
        return error === undefined ? retrieve(...request) : Promise.reject(error);
      };
      return await samepoint.listReports(CURRENT.studyInstanceUid, {});
    }
    const operation = 'WADO-RS retrieve instance';
    const status = (httpStatus: number): SamepointError =>
      new SamepointError('dicomweb/server-error', { operation, httpStatus, retryAfterMs: 0 });
    const unreachable = new SamepointError('dicomweb/unreachable', { operation, reason: 'ECONNREFUSED' });

    it.each([
      ['404', new SamepointError('dicomweb/instance-not-found', { operation })],
      ['403', new SamepointError('dicomweb/forbidden', { operation })],
      ['500', status(500)],
      ['503', status(503)],
      ['a broken connection', unreachable],
      ['HTML', new SamepointError('dicomweb/not-multipart', { operation, contentType: 'text/html' })],
    ])('%s hides only that one', async (_, error) => {
      const { reports, unreadable } = await list([error, undefined]);
      expect([reports.length, unreadable]).toEqual([1, 1]);
    });

    it('a single one that it refuses is counted', async () => {
      expect(await list([status(500)])).toEqual({ reports: [], unreadable: 1 });
    });

    it('and none at all, because it is down, that is an error', async () => {
      await expect(list([unreachable, unreachable])).rejects.toBe(unreachable);
    });

    it('the queries end when it has gone', async () => {
      await expect(list([undefined, unreachable, unreachable, unreachable, undefined])).rejects.toBe(
        unreachable,
      );
    });

    it('a login is required', async () => {
      const error = new SamepointError('dicomweb/unauthorized', { operation });
      await expect(list([error, undefined])).rejects.toBe(error);
    });
  });

  it('does not retrieve what the PACS names as another class, and reads what it does not name', async () => {
    const { ports, samepoint } = setUp();
    const stored = await samepoint.storeReport([fakePair()], {});
    const search = ports.source.searchInstances.bind(ports.source);
    const classed = async (sopClassUid: string | undefined): Promise<number> => {
      ports.source.searchInstances = async (...request) =>
        (await search(...request)).map((one) => ({
          ...one,
          ...(sopClassUid === undefined ? {} : { '00080016': { vr: 'UI', Value: [sopClassUid] } }),
        }));
      ports.source.requests.length = 0;
      const { reports, unreadable } = await samepoint.listReports(stored.studyInstanceUid, {});
      expect(unreadable).toBe(0);
      expect(ports.source.requests.includes('instance')).toBe(reports.length > 0);
      return reports.length;
    };
    // Comprehensive 3D SR and the radiation dose; then the class of reports, padded as in a file, and none.
    expect(await classed('1.2.840.10008.5.1.4.1.1.88.34')).toBe(0);
    expect(await classed('1.2.840.10008.5.1.4.1.1.88.67')).toBe(0);
    expect(await classed('1.2.840.10008.5.1.4.1.1.88.22\0')).toBe(1);
    expect(await classed(undefined)).toBe(1);
  });

  it('finds none in a study without reports, and does not open its images', async () => {
    const { ports, samepoint } = setUp();
    expect(await samepoint.listReports(PRIOR.studyInstanceUid, {})).toEqual({ reports: [], unreadable: 0 });
    expect(ports.source.requests).toEqual(['series']);
  });

  it('sends the credentials of the caller', async () => {
    const { ports, samepoint } = setUp();
    ports.source.allowed = [alice.authorization];
    await expect(samepoint.listReports(CURRENT.studyInstanceUid, {})).rejects.toMatchObject({
      code: 'dicomweb/unauthorized',
    });
    await expect(samepoint.listReports(CURRENT.studyInstanceUid, alice)).resolves.toMatchObject({
      reports: [],
    });
  });
});
