/**
 * Refusals with their exact code and status, and what a fault must not change: series that are whole in the PACS but no volume,
 * requests that the API does not know, foreign host names, a cancelled job, a damaged cache that must give the same answer again.
 */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { jobOf } from '../support/api.ts';
import type { ErrorBody, SeriesRef } from '../support/api.ts';
import { uidOf } from '../support/dicomweb.ts';
import { CUT_BYTES, errorOf, Hospital, outcomesOf, wadoOf } from '../support/hospital.ts';
import { temporaryFolder } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';

const UNKNOWN = '2.25.1';
const SOP_INSTANCE_UID = '00080018';
const INSTANCE_NUMBER = '00200013';
/** Slices in the middle of the small series: without them the gap is several slices wide. */
const DELETED = new Set([6, 7, 8, 9]);
/** FrameOfReferenceUID (0020,0052) with its VR, Explicit VR Little Endian (PS3.5 7.1.2); then two bytes of length. */
const FRAME_OF_REFERENCE_UI = '\x20\x00\x52\x00UI';

/** Deletes instances of a series through Orthanc's own REST API. */
async function deleteInstances(
  { orthanc }: Hospital,
  series: SeriesRef,
  numbers: ReadonlySet<number>,
): Promise<void> {
  const { dicomweb } = orthanc;
  const rest = dicomweb.root.replace(/\/dicom-web$/u, '');
  const { studyInstanceUid, seriesInstanceUid } = series;
  const instances = await dicomweb.search(
    `studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances`,
  );
  const doomed = instances.filter((instance) => numbers.has(Number(instance[INSTANCE_NUMBER]?.Value?.[0])));
  expect(doomed).toHaveLength(numbers.size);
  for (const instance of doomed) {
    const body = uidOf(instance, SOP_INSTANCE_UID);
    const found = (await (await fetch(`${rest}/tools/lookup`, { method: 'POST', body })).json()) as {
      ID: string;
    }[];
    const { status } = await fetch(`${rest}/instances/${found[0]?.ID ?? ''}`, { method: 'DELETE' });
    expect(status).toBe(200);
  }
}

/** Every second image in another frame of reference. */
function otherFrameOfReference(body: Buffer): Buffer {
  const changed = Buffer.from(body);
  let at = changed.indexOf(FRAME_OF_REFERENCE_UI, 0, 'latin1');
  for (let image = 0; at >= 0; image++) {
    // Behind tag, VR and length (8 bytes) and '2.25.' stands a digit; another one makes another UID of the same length.
    const digit = at + 8 + 6;
    const isChanged = image % 2 === 0;
    if (isChanged)
      changed.write(changed.toString('latin1', digit, digit + 1) === '1' ? '2' : '1', digit, 'latin1');
    at = changed.indexOf(FRAME_OF_REFERENCE_UI, digit, 'latin1');
  }
  return changed;
}

/** Status and body of a request with a Host header of choice, which fetch does not allow. */
async function withHost(url: string, host: string): Promise<{ status: number | undefined; body: unknown }> {
  return await new Promise((resolve, reject) => {
    const outgoing = request(url, { headers: { host } }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () => {
        resolve({ status: response.statusCode, body: JSON.parse(Buffer.concat(chunks).toString()) });
      });
    });
    outgoing.on('error', reject).end();
  });
}

describeWith(['orthanc'], 'refusals', () => {
  let hospital: Hospital;
  beforeAll(async () => {
    hospital = await Hospital.open();
  });
  afterAll(() => hospital.close());
  afterEach(() => hospital.recovers());

  /** Code and status with which a match to a target is refused; the cache must hold no more files than before. */
  const refusalOf = async (target: SeriesRef): Promise<[code: string, status: number]> => {
    await hospital.server.api.match(hospital.request);
    const before = readdirSync(hospital.server.cacheDirectory).sort();
    const answer = await hospital.server.api.match({ ...hospital.request, targets: [target] });
    expect(readdirSync(hospital.server.cacheDirectory).sort()).toEqual(before);
    const { code, status } = answer as ErrorBody;
    return [code, status];
  };

  test('an unknown study', async () => {
    const target = { studyInstanceUid: UNKNOWN, seriesInstanceUid: `${UNKNOWN}.1` };
    expect(await refusalOf(target)).toEqual(['dicomweb/study-not-found', 404]);
  });

  test('a series of another patient', async () => {
    const target = await hospital.patient.storePrior({ patientId: 'SOMEBODY-ELSE' });
    expect(await refusalOf(target)).toEqual(['application/different-patients', 422]);
  });

  test('a series of a modality that holds no volume', async () => {
    const target = await hospital.patient.storePrior({ modality: 'SR' });
    expect(await refusalOf(target)).toEqual(['volume/unsupported-modality', 422]);
  });

  test('missing slices', async () => {
    const target = await hospital.patient.storePrior();
    await deleteInstances(hospital, target, DELETED);
    expect(await refusalOf(target)).toEqual(['volume/missing-slices', 422]);
  });

  test('mixed frames of reference', async () => {
    const target = await hospital.patient.storePrior();
    hospital.proxy.strike({ path: wadoOf(target) }, { kind: 'rewrite', change: otherFrameOfReference });
    expect(await refusalOf(target)).toEqual(['volume/mixed-frame-of-reference', 422]);
  });

  test('an unknown key in the body is named', async () => {
    const { status, body } = await hospital.server.api.request('POST', '/matches', {
      ...hospital.request,
      colour: 'red',
    });
    expect([status, errorOf(body).code]).toEqual([400, 'http/invalid-request']);
    expect(JSON.stringify(errorOf(body).fields)).toContain('colour');
  });

  test('a foreign host name, as DNS rebinding brings it', async () => {
    const { status, body } = await withHost(`${hospital.server.url}/samepoint/api/health`, 'evil.example');
    expect([status, errorOf(body).code]).toEqual([421, 'http/unknown-host']);
  });

  test('a cancelled job says so and keeps nothing', async () => {
    const fresh = await hospital.patient.storePrior();
    hospital.proxy.strike({ path: wadoOf(fresh) }, { kind: 'stall-midway', afterBytes: CUT_BYTES });
    const { api, cacheDirectory } = hospital.server;
    const before = readdirSync(cacheDirectory);
    const { id } = jobOf((await api.request('POST', '/series-embeddings', fresh)).body);
    expect((await api.request('DELETE', `/jobs/${id}`)).status).toBe(204);
    const { status, body } = await api.request('GET', `/jobs/${id}`);
    expect([status, jobOf(body).state]).toEqual([200, 'cancelled']);
    expect(readdirSync(cacheDirectory)).toEqual(before);
  });

  test('a damaged cache gives the same answer again, and is whole afterwards', async () => {
    const answer = outcomesOf(await hospital.server.api.match(hospital.request));
    const damaged = temporaryFolder('cache');
    // The lock belongs to the server that runs, not to what the cache holds.
    const isEmbedding = (path: string): boolean => !path.endsWith('server.lock');
    cpSync(hospital.server.cacheDirectory, damaged, { recursive: true, filter: isEmbedding });
    const whole = new Map(readdirSync(damaged).map((name) => [name, readFileSync(join(damaged, name))]));
    for (const [name, bytes] of whole) {
      const flipped = Buffer.from(bytes);
      const middle = Math.floor(bytes.length / 2);
      flipped.writeUInt8(flipped.readUInt8(middle) ^ 0xff, middle);
      writeFileSync(join(damaged, name), flipped);
    }
    await hospital.withServer({ embedding: { cacheDirectory: damaged } }, async ({ api }) => {
      expect(outcomesOf(await api.match(hospital.request))).toEqual(answer);
      const written = readdirSync(damaged).filter(isEmbedding);
      expect(written).toHaveLength(2);
      const isWhole = (name: string): boolean => readFileSync(join(damaged, name)).equals(whole.get(name)!);
      expect(written.every(isWhole)).toBe(true);
    });
    rmSync(damaged, { recursive: true });
  });
});
