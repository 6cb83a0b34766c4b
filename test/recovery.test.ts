/**
 * What must not be lost and what must not stay: reports that the PACS refuses, jobs that are cancelled, a damaged cache, a full disk,
 * a damaged model. A real server, a real PACS.
 */
import { cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { jobOf } from './support/api.ts';
import type { Job } from './support/api.ts';
import { codeOf, CUT_BYTES, errorOf, Hospital, outcomesOf, wadoOf } from './support/hospital.ts';
import { ROOT, temporaryFolder } from './support/paths.ts';
import { describeWith } from './support/requirements.ts';
import type { SamepointServer } from './support/samepointServer.ts';

/** Damages a file in different ways: bits flipped in the middle, cut short, emptied. */
function damageFile(path: string, way: number): void {
  const bytes = readFileSync(path);
  if (way % 3 === 0) {
    const middle = Math.floor(bytes.length / 2);
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    writeFileSync(path, bytes);
  } else truncateSync(path, way % 3 === 1 ? Math.floor(bytes.length / 3) : 0);
}

describeWith(['orthanc'], 'recovery', () => {
  let hospital: Hospital;
  beforeAll(async () => {
    hospital = await Hospital.open();
    await hospital.recovers();
  });
  afterAll(() => hospital.close());
  afterEach(() => hospital.recovers());

  const post = (path: string, body: unknown) => hospital.server.api.request('POST', path, body);

  describe('reports', () => {
    const reportOf = async (): Promise<unknown> => {
      const [outcome] = outcomesOf(await hospital.server.api.match(hospital.request));
      if (!outcome?.ok) throw new Error('no match to report');
      const { query, target, similarity, cycleErrorMm } = outcome.match;
      const pair = {
        label: 'Lesion',
        lesionUid: '2.25.329800735698586629295641978511506172918',
        state: 'accepted',
        current: query,
        prior: target,
        similarity,
        cycleErrorMm,
      };
      return { pairs: [pair] };
    };
    const reportsInPacs = async (): Promise<number> =>
      (await hospital.orthanc.dicomweb.instancesOf(hospital.request.query.studyInstanceUid, 'SR')).length;

    test('a PACS that refuses to store holds none of them, and the next save works', async () => {
      const body = await reportOf();
      const before = await reportsInPacs();
      hospital.proxy.strike(
        { method: 'POST', path: /studies/u },
        {
          kind: 'answer',
          status: 409,
          type: 'application/dicom+json',
          body: '{"00081198":{"vr":"SQ","Value":[{"00081155":{"vr":"UI","Value":["1.2"]},"00081197":{"vr":"US","Value":[272]}}]}}',
        },
      );
      const refused = await post('/reports', body);
      expect(errorOf(refused.body).code).toBe('dicomweb/store-refused');
      expect(await reportsInPacs()).toBe(before);
      hospital.proxy.heal();
      expect((await post('/reports', body)).status).toBe(201);
      expect(await reportsInPacs()).toBe(before + 1);
    });

    test('a report without pairs', async () => {
      const { status, body } = await post('/reports', { pairs: [] });
      expect(status).toBeGreaterThanOrEqual(400);
      expect(errorOf(body).code).toMatch(/^(report\/no-pairs|http\/invalid-request)$/u);
    });
  });

  describe('the machine', () => {
    test('a job is cancelled in the middle: nothing is kept, and the series can be requested again', async () => {
      const fresh = await hospital.patient.storePrior();
      hospital.proxy.strike({ path: wadoOf(fresh) }, { kind: 'stall-midway', afterBytes: CUT_BYTES });
      const before = readdirSync(hospital.server.cacheDirectory).length;
      const { status, body } = await post('/series-embeddings', fresh);
      expect(status).toBe(202);
      const { id } = jobOf(body);
      expect((await hospital.server.api.request('DELETE', `/jobs/${id}`)).status).toBe(204);
      const job = await hospital.server.api.request('GET', `/jobs/${id}`);
      expect((job.body as Partial<Job>).state ?? 'cancelled').toBe('cancelled');
      hospital.proxy.heal();
      expect(readdirSync(hospital.server.cacheDirectory)).toHaveLength(before);
      expect(await hospital.codeOfMatchTo(fresh)).toBe('matched');
    });

    test('corrupt cache files are dropped and computed again', async () => {
      const kept = temporaryFolder('cache');
      cpSync(hospital.server.cacheDirectory, kept, { recursive: true });
      const files = readdirSync(kept).filter((name) => name.endsWith('.embedding'));
      expect(files.length).toBeGreaterThanOrEqual(2);
      for (const [index, name] of files.entries()) damageFile(join(kept, name), index);
      await hospital.withServer({ embedding: { cacheDirectory: kept } }, async ({ api }) => {
        expect(codeOf(await api.match(hospital.request))).toBe('matched');
      });
      rmSync(kept, { recursive: true });
    });

    test('a disk that is full: the answer is given all the same, nothing half-written stays', async () => {
      const full = async ({ api, cacheDirectory }: SamepointServer): Promise<void> => {
        expect(codeOf(await api.match(hospital.request))).toBe('matched');
        expect(readdirSync(cacheDirectory)).toEqual(['server.lock']);
      };
      await hospital.withServer({}, full, { largestFileKb: 64 });
    });

    test('a damaged model is excluded and named', async () => {
      const models = temporaryFolder('models');
      cpSync(join(ROOT, 'models/mind-ssc'), join(models, 'mind-ssc'), { recursive: true });
      truncateSync(join(models, 'mind-ssc/mind-ssc-fine.onnx'), 1000);
      await hospital.withServer({ models: { directory: models } }, async ({ api, background }) => {
        expect(codeOf(await api.match(hospital.request))).toBe('embedding/unknown-model');
        expect(background.output()).toContain('embedding/model-corrupt');
      });
      rmSync(models, { recursive: true });
    });
  });
});
