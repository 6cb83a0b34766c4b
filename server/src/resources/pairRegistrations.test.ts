import { setImmediate as nextTurn } from 'node:timers/promises';
import { gunzipSync } from 'node:zlib';
import request from 'supertest';
import type { Test } from 'supertest';
import { MemoryBudget } from '../admission/index.ts';
import { CURRENT, Gate, NAMELESS, OTHER_PATIENT, PRIOR, refOf } from '../ports/testing/index.ts';
import type { FakeSeries } from '../ports/testing/index.ts';
import { headerJson, stringsOf } from '../dicom/index.ts';
import { SamepointError } from '../errors/index.ts';
import { readNifti } from '../nifti/index.ts';
import * as schemas from '../apiSchemas/schemas.ts';
import { testApp } from '../http/testing/testServer.ts';
import type { TestApp } from '../http/testing/testServer.ts';

const API = '/samepoint/api';

interface Wanted {
  readonly target?: FakeSeries;
  readonly output?: string;
  readonly stage?: string;
  readonly authorization?: string;
}

function post({ app }: TestApp, { target = PRIOR, authorization = '', ...rest }: Wanted = {}): Test {
  return request(app)
    .post(`${API}/pair-registrations`)
    .set('Authorization', authorization)
    .send({ query: refOf(CURRENT), target: refOf(target), ...rest });
}

/** The job of a request, when it has ended. */
async function ended({ app }: TestApp, body: unknown): Promise<ReturnType<typeof schemas.job.parse>> {
  const { id } = schemas.job.parse(body);
  for (;;) {
    const job = schemas.job.parse((await request(app).get(`${API}/jobs/${id}`)).body);
    if (job.state !== 'queued' && job.state !== 'running') return job;
    await nextTurn();
  }
}

/** Has a pair registered. */
async function registered(test: TestApp, wanted: Wanted = {}): Promise<ReturnType<typeof schemas.job.parse>> {
  return await ended(test, (await post(test, wanted).expect(202)).body);
}

/** The bytes of one file of a registered pair. */
async function fileOf(test: TestApp, output: string): Promise<Buffer> {
  return (await post(test, { output }).responseType('blob').expect(200)).body as Buffer;
}

/** Puts a module in the place of a fake. */
function replace(test: TestApp, modules: Partial<TestApp['ports']['modules']>): void {
  Object.assign(test.ports.modules, modules);
}

describe('registrations of pairs', () => {
  it('answers a job first; when it is done, the same request gives the report', async () => {
    const test = await testApp();
    expect(await registered(test, { stage: 'same' })).toMatchObject({
      kind: 'registration',
      state: 'done',
      result: { state: 'ready', query: refOf(CURRENT), target: refOf(PRIOR), model: 'm1' },
    });
    const answer = await post(test, { stage: 'same' }).expect(200);
    expect(answer.headers).toMatchObject({ 'cache-control': 'no-store' });
    expect(answer.body).toMatchObject({
      stage: 'same',
      pointsKept: 7,
      pointsTried: 9,
      negativeJacobianShare: 0.25,
      inverseConsistencyMm: { median: 0.5, p95: 1 },
      model: { id: 'm1', version: '1.0.0' },
      fixed: { seriesInstanceUid: CURRENT.seriesInstanceUid },
      moving: { seriesInstanceUid: PRIOR.seriesInstanceUid },
    });
  });

  it('gives the matrix in JSON, and as a transform of ITK', async () => {
    const test = await testApp();
    await registered(test);
    const matrix = [
      [1, 0, 0, 0],
      [0, 1, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
    ];
    expect((await post(test, { output: 'matrix' }).expect(200)).body).toMatchObject({ matrix });
    const transform = await post(test, { output: 'transform' }).expect(200);
    expect(transform.text).toContain('#Insight Transform File');
    expect(transform.headers['content-disposition']).toBe('attachment; filename="affine.tfm"');
  });

  it.each(['field', 'inverse'])('gives the displacement field as NIfTI: %s', async (output) => {
    const test = await testApp();
    await registered(test);
    const nifti = gunzipSync(await fileOf(test, output));
    // Five dimensions, three components, vectors (intent 1007).
    expect([nifti.readInt16LE(40), nifti.readInt16LE(50), nifti.readInt16LE(68)]).toEqual([5, 3, 1007]);
    expect(nifti.length).toBe(352 + 8 * 3 * 4);
  });

  it('gives the warped series on the slices of the fixed one, as NIfTI and as DICOM', async () => {
    const test = await testApp();
    await registered(test);
    const warped = readNifti(await fileOf(test, 'warped'));
    expect([...warped.data]).toEqual([...warped.data.keys()]);
    const answer = await post(test, { output: 'dicom' }).responseType('blob').expect(200);
    expect(answer.headers['content-type']).toMatch(
      /^multipart\/related; type="application\/dicom"; boundary=/,
    );
    const [, ...instances] = (answer.body as Buffer)
      .toString('latin1')
      .split('Content-Type: application/dicom');
    expect(instances).toHaveLength(warped.data.length);
    const first = Buffer.from(instances[0] ?? '', 'latin1').subarray(4);
    expect(stringsOf(headerJson(first), 'ImageType')).toContain('REGISTERED');
  });

  it('registers a pair once for two callers', async () => {
    const test = await testApp();
    const gate = new Gate();
    test.ports.control.gate = gate;
    let calls = 0;
    const { modules } = test.ports;
    const registerPair = modules.registerPair.bind(modules);
    replace(test, {
      registerPair: async (pair) => {
        calls += 1;
        await nextTurn();
        return await registerPair(pair);
      },
    });
    const jobs = [await post(test), await post(test)];
    gate.open();
    for (const { body } of jobs) expect(await ended(test, body)).toMatchObject({ state: 'done' });
    expect(calls).toBe(1);
  });

  it('registers anew by another stage, and when the images have changed under the same UIDs', async () => {
    const test = await testApp();
    await registered(test);
    await post(test, { stage: 'affine' }).expect(202);
    test.ports.source.series[1] = { ...PRIOR, pixels: 'others' };
    await post(test).expect(202);
  });

  it('registers anew when other images of the same UIDs have been embedded meanwhile', async () => {
    const test = await testApp();
    await registered(test);
    const changed = { ...PRIOR, pixels: 'others' };
    test.ports.source.series[1] = changed;
    const embed = (): Test => request(test.app).post(`${API}/series-embeddings`).send(refOf(changed));
    await ended(test, (await embed().expect(202)).body);
    await embed().expect(200);
    await post(test).expect(202);
  });

  it.each([
    ['another patient', { target: OTHER_PATIENT }, 'application/different-patients'],
    ['a patient that is not named', { target: NAMELESS }, 'application/patient-unknown'],
    ['the series itself', { target: CURRENT }, 'application/same-series'],
    [
      'a series that is not there',
      { target: { ...PRIOR, seriesInstanceUid: '9.9' } },
      'dicomweb/series-not-found',
    ],
    ['a stage that is none', { stage: 'best' }, 'http/invalid-request'],
    ['a file that is none', { output: 'picture' }, 'http/invalid-request'],
  ])('refuses %s', async (_name, wanted, code) => {
    const answer = await post(await testApp(), wanted);
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code });
  });

  it.each(['report', 'field', 'warped', 'dicom'])(
    'gives no %s to a caller to whom the PACS does not send the images',
    async (output) => {
      const test = await testApp();
      await registered(test);
      test.ports.source.withoutRetrieval = ['Bearer of-bob'];
      const answer = await post(test, { output, authorization: 'Bearer of-bob' }).expect(403);
      expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({ code: 'dicomweb/forbidden' });
    },
  );

  it('fails a job with the reason why the pair has no map', async () => {
    const test = await testApp();
    replace(test, {
      registerPair: () => Promise.reject(new SamepointError('register/no-overlap', { kept: 2 })),
    });
    expect(await registered(test)).toMatchObject({ state: 'failed', error: { code: 'register/no-overlap' } });
  });

  it('says before it sends anything that the voxels of a long series do not fit in memory', async () => {
    const memory = new MemoryBudget(700 * 2 ** 20);
    const test = await testApp({}, {}, () => ({ memory }));
    await registered(test);
    const { modules } = test.ports;
    const readVolume = modules.readVolume.bind(modules);
    replace(test, {
      readVolume: async (instances, options) => {
        // 1,500 slices of 512 x 512, 16 bits.
        options.onSize?.(1_500 * 512 * 512 * 2);
        return await readVolume(instances, options);
      },
    });
    const answer = await post(test, { output: 'warped' });
    expect(schemas.errorAnswer.parse(answer.body).error).toMatchObject({
      code: 'application/series-needs-memory',
    });
  });

  it('stops the registration of a cancelled job', async () => {
    const test = await testApp();
    const begun = Promise.withResolvers<AbortSignal | undefined>();
    replace(test, {
      registerPair: async ({ signal }) => {
        begun.resolve(signal);
        return await new Gate().pass(signal).then(() => Promise.reject(new Error('not reached')));
      },
    });
    const { id } = schemas.job.parse((await post(test).expect(202)).body);
    const signal = await begun.promise;
    await request(test.app).delete(`${API}/jobs/${id}`).expect(204);
    expect(signal?.aborted).toBe(true);
    expect((await request(test.app).get(`${API}/jobs/${id}`)).body).toMatchObject({ state: 'cancelled' });
  });

  it('records who had which pair registered, and to whom its images were sent', async () => {
    const test = await testApp();
    await registered(test);
    await fileOf(test, 'warped');
    const studies = [
      { studyInstanceUid: CURRENT.studyInstanceUid },
      { studyInstanceUid: PRIOR.studyInstanceUid },
    ];
    for (const purpose of ['field', 'result'])
      expect(test.ports.audited.find((event) => event.purpose === purpose)?.studies).toMatchObject(studies);
  });
});
