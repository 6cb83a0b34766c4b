/**
 * What goes wrong in a hospital, on a real server over real HTTP: each fault gives its catalogue error, the request after it is
 * served, and the cache holds nothing half-written.
 */
import type { FaultProxy } from './support/faultProxy.ts';
import {
  codeOf,
  CUT_BYTES,
  embeddingFiles,
  errorOf,
  Hospital,
  outcomesOf,
  wadoOf,
} from './support/hospital.ts';
import { describeWith } from './support/requirements.ts';

const UNKNOWN = '2.25.1';

/** Replaces bytes by others of the same length, everywhere. */
function replacing(from: string, to: string): (body: Buffer) => Buffer {
  return (body) => Buffer.from(body.toString('latin1').replaceAll(from, to), 'latin1');
}

describeWith(['orthanc'], 'faults', () => {
  let hospital: Hospital;
  beforeAll(async () => {
    hospital = await Hospital.open();
  });
  afterAll(() => hospital.close());
  afterEach(() => hospital.recovers());

  const post = (path: string, body: unknown) => hospital.server.api.request('POST', path, body);
  const storePrior: typeof hospital.patient.storePrior = (variation) =>
    hospital.patient.storePrior(variation);

  describe('what does not exist', () => {
    test('an unknown study', async () => {
      expect(await hospital.codeOfMatchTo({ ...hospital.prior, studyInstanceUid: UNKNOWN })).toMatch(
        /^dicomweb\/(study|series)-not-found$/u,
      );
    });

    test('an unknown series', async () => {
      expect(await hospital.codeOfMatchTo({ ...hospital.prior, seriesInstanceUid: UNKNOWN })).toBe(
        'dicomweb/series-not-found',
      );
    });

    test('an unknown model', async () => {
      const { status, body } = await post('/matches', { ...hospital.request, model: 'none' });
      expect([status, errorOf(body).code]).toEqual([404, 'embedding/unknown-model']);
    });

    test('an unknown job', async () => {
      const { status, body } = await hospital.server.api.request(
        'GET',
        '/jobs/7b1c2f0e-6a55-4a52-9c0a-0d7f5f3d2a11',
      );
      expect([status, errorOf(body).code]).toEqual([404, 'http/unknown-job']);
    });

    test('an unknown path', async () => {
      const { status, body } = await hospital.server.api.request('GET', '/nothing');
      expect([status, errorOf(body).code]).toEqual([404, 'http/not-found']);
    });
  });

  describe('requests that make no sense', () => {
    test('a body that is not JSON', async () => {
      const { status, body } = await post('/matches', '{"query": ');
      expect([status, errorOf(body).code]).toEqual([400, 'http/invalid-json']);
    });

    test('a body of another form names what is wrong', async () => {
      const { status, body } = await post('/matches', { ...hospital.request, points: 'here' });
      expect([status, errorOf(body).code]).toEqual([400, 'http/invalid-request']);
      expect(JSON.stringify(errorOf(body).fields)).toContain('points');
    });

    test('a UID that is none', async () => {
      const { status, body } = await post('/matches', {
        ...hospital.request,
        targets: [{ ...hospital.prior, seriesInstanceUid: '../etc' }],
      });
      expect(status).toBe(400);
      expect(errorOf(body).code).toMatch(/invalid-(request|uid)$/u);
    });

    test('a point outside the volume', async () => {
      const points = [{ id: 'far', lps: [5000, 0, 0] as const }];
      expect(codeOf(await hospital.server.api.match({ ...hospital.request, points }))).toBe(
        'matching/outside-volume',
      );
    });

    test('a point in air does not fail its neighbour', async () => {
      const points = [{ id: 'air', lps: hospital.patient.pointInAir }, ...hospital.request.points];
      const outcomes = outcomesOf(await hospital.server.api.match({ ...hospital.request, points }));
      expect(outcomes.map((outcome) => (outcome.ok ? 'matched' : outcome.error.code))).toEqual([
        'matching/outside-body',
        'matched',
      ]);
    });

    test('a series of another patient', async () => {
      expect(await hospital.codeOfMatchTo(await storePrior({ patientId: 'SOMEBODY-ELSE' }))).toBe(
        'application/different-patients',
      );
    });

    test('the query series as its own target', async () => {
      expect(await hospital.codeOfMatchTo(hospital.request.query)).toBe('application/same-series');
    });
  });

  describe('series that are no volume', () => {
    test('a series of structured reports', async () => {
      expect(await hospital.codeOfMatchTo(await storePrior({ modality: 'SR' }))).toMatch(
        /^volume\/(unsupported-modality|no-volume-images)$/u,
      );
    });

    test('a single slice', async () => {
      expect(await hospital.codeOfMatchTo(await storePrior({ slices: 1 }))).toBe('volume/single-slice');
    });

    test('colour images', async () => {
      const fresh = await storePrior();
      hospital.proxy.strike(
        { path: wadoOf(fresh) },
        { kind: 'rewrite', change: replacing('MONOCHROME2 ', 'RGB         ') },
      );
      expect(await hospital.codeOfMatchTo(fresh)).toMatch(
        /^volume\/(colour-image|unsupported-pixel-format)$/u,
      );
    });

    test('an unsupported transfer syntax', async () => {
      const fresh = await storePrior();
      // Explicit VR Little Endian becomes a UID of the same length that no standard defines.
      hospital.proxy.strike(
        { path: wadoOf(fresh) },
        { kind: 'rewrite', change: replacing('1.2.840.10008.1.2.1\0', '1.2.840.10008.1.2.7\0') },
      );
      expect(await hospital.codeOfMatchTo(fresh)).toBe('volume/unsupported-transfer-syntax');
    });

    test('instances that are not DICOM', async () => {
      const fresh = await storePrior();
      hospital.proxy.strike({ path: wadoOf(fresh) }, { kind: 'rewrite', change: replacing('DICM', 'DOCM') });
      expect(await hospital.codeOfMatchTo(fresh)).toBe('dicomweb/bad-answer');
    });
  });

  describe('a PACS that misbehaves', () => {
    /** The fault strikes while a series that has no embedding yet is fetched; afterwards the same series is served. */
    const strikes = async (fault: Parameters<FaultProxy['strike']>[1], times = Infinity): Promise<string> => {
      const fresh = await storePrior();
      hospital.proxy.strike({ path: wadoOf(fresh), times }, fault);
      const code = await hospital.codeOfMatchTo(fresh);
      hospital.proxy.heal();
      expect(await hospital.codeOfMatchTo(fresh)).toBe('matched');
      return code;
    };

    test('cuts the stream every time', async () => {
      expect(await strikes({ kind: 'cut', afterBytes: CUT_BYTES })).toBe('dicomweb/truncated');
    });

    test('cuts the stream once: the retry hides it', async () => {
      expect(await strikes({ kind: 'cut', afterBytes: CUT_BYTES }, 1)).toBe('matched');
    });

    test('answers with the HTML of a login page', async () => {
      const html = { kind: 'answer', status: 200, type: 'text/html', body: '<html>Log in</html>' } as const;
      expect(await strikes(html)).toBe('dicomweb/not-multipart');
    });

    test('answers 401', async () => {
      expect(await strikes({ kind: 'answer', status: 401, type: 'text/plain', body: '' })).toBe(
        'dicomweb/unauthorized',
      );
    });

    test('answers 403', async () => {
      expect(await strikes({ kind: 'answer', status: 403, type: 'text/plain', body: '' })).toBe(
        'dicomweb/forbidden',
      );
    });

    test('answers 500 every time', async () => {
      expect(await strikes({ kind: 'answer', status: 500, type: 'text/plain', body: '' })).toBe(
        'dicomweb/server-error',
      );
    });

    test('answers 500 once: the retry hides it', async () => {
      expect(await strikes({ kind: 'answer', status: 500, type: 'text/plain', body: '' }, 1)).toBe('matched');
    });

    test('says nothing', async () => {
      expect(await strikes({ kind: 'stall' })).toBe('dicomweb/timeout');
    });

    test('falls silent in the middle', async () => {
      expect(await strikes({ kind: 'stall-midway', afterBytes: CUT_BYTES })).toMatch(
        /^dicomweb\/(timeout|truncated)$/u,
      );
    });

    test('answers QIDO with something that is not JSON', async () => {
      const fresh = await storePrior();
      hospital.proxy.strike(
        { path: /\/(series|instances|studies)\?/u },
        { kind: 'answer', status: 200, type: 'application/dicom+json', body: '[{' },
      );
      expect(await hospital.codeOfMatchTo(fresh)).toBe('dicomweb/bad-answer');
    });

    test('revokes the right to see a series that is cached already', async () => {
      expect(await hospital.codeOfMatchTo(hospital.prior)).toBe('matched');
      hospital.proxy.strike({ path: /^/u }, { kind: 'answer', status: 403, type: 'text/plain', body: '' });
      expect(await hospital.codeOfMatchTo(hospital.prior)).toBe('dicomweb/forbidden');
    });

    test('is not there', async () => {
      await hospital.withServer(
        { dicomweb: { root: 'http://127.0.0.1:9/dicom-web', retries: 0 } },
        async ({ api }) => {
          expect(codeOf(await api.match(hospital.request))).toBe('dicomweb/unreachable');
        },
      );
    });

    test('has a series larger than the limit', async () => {
      const limited = { dicomweb: { root: hospital.proxy.root, maxSeriesBytes: CUT_BYTES } };
      await hospital.withServer(limited, async ({ api, cacheDirectory }) => {
        expect(codeOf(await api.match(hospital.request))).toBe('dicomweb/too-large');
        expect(embeddingFiles(cacheDirectory)).toEqual([]);
      });
    });
  });
});
