/** The map of a pair, from a PACS to its client and back into the PACS as registration objects. */
import { existsSync, readdirSync } from 'node:fs';
import { distanceMm, lpsPoint } from '../server/src/geometry/index.ts';
import { errorRadiusAt, mappedBy } from '../server/src/deformation/index.ts';
import { decodeField } from '../server/src/fieldFormat/index.ts';
import type { DeformationField } from '../server/src/deformation/index.ts';
import type { SeriesRef } from './support/api.ts';
import { validationErrors } from './support/dicomTools.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { describeWith } from './support/requirements.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';

/** Slices of a coarse phantom: the liver and what is around it. */
const SLICES = 30;

describeWith(['orthanc', 'dicom3tools'], 'the map of a pair in Orthanc', () => {
  let orthanc: Orthanc;
  let server: SamepointServer;
  let pair: { readonly query: SeriesRef; readonly target: SeriesRef };
  let patient: SmallPatient;
  let bytes: Buffer;
  let field: DeformationField;

  async function fetched(): Promise<Buffer> {
    const answer = await fetch(`${server.url}/samepoint/api/fields`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(pair),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('application/vnd.samepoint.field');
    return Buffer.from(await answer.arrayBuffer());
  }

  beforeAll(async () => {
    orthanc = await startOrthanc();
    server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
    patient = new SmallPatient(orthanc.dicomweb);
    const [query, target] = [
      await patient.storeCurrent({ slices: SLICES }),
      await patient.storePrior({ slices: SLICES }),
    ];
    pair = { query, target };
    const job = await server.api.follow('/fields', pair);
    expect(job).toMatchObject({ kind: 'field', state: 'done', result: { state: 'ready', ...pair } });
    bytes = await fetched();
    field = decodeField(bytes)!;
  });

  afterAll(async () => {
    await server.stop();
    await orthanc.stop();
  });

  it('is less than a megabyte, regular, and about these series', () => {
    expect(bytes.length).toBeLessThan(1e6);
    expect(field.query).toMatchObject(pair.query);
    expect(field.target).toMatchObject(pair.target);
    expect(field.quality.foldingShare).toBeLessThan(0.005);
    expect(field.quality.inverseConsistencyMm.median).toBeLessThan(0.5);
    expect(field.quality.coveredShare).toBeGreaterThan(0.3);
  });

  it('says of points what the method field answers', async () => {
    const [x, y, z] = patient.point;
    const points = [0, 1, 2, 3, 4, 5].map((n) => ({
      id: String(n),
      lps: [x + 12 * Math.cos(n), y + 12 * Math.sin(n), z + 3 * n - 8] as const,
    }));
    const outcomes = await server.api.match({
      query: pair.query,
      targets: [pair.target],
      points,
      method: 'field',
    });
    if (!Array.isArray(outcomes)) throw new Error(outcomes.message);
    for (const outcome of outcomes) {
      if (!outcome.ok) throw new Error(outcome.error.message);
      const from = lpsPoint(...points[Number(outcome.pointId)]!.lps);
      expect(errorRadiusAt(field.forward, from)).toBeGreaterThan(0);
      const to = mappedBy(field.forward, from);
      expect(distanceMm(to, lpsPoint(...outcome.match.target.lps))).toBeLessThan(0.3);
      expect(distanceMm(mappedBy(field.inverse, to), from)).toBeLessThan(1);
    }
  });

  it('is kept beside the embeddings', async () => {
    expect(existsSync(server.cacheDirectory)).toBe(true);
    expect(readdirSync(server.cacheDirectory).filter((name) => name.endsWith('.field'))).toHaveLength(1);
    expect((await fetched()).equals(bytes)).toBe(true);
  });

  it('becomes registration objects that the PACS holds, once each, and that are listed', async () => {
    const [query, target] = [pair.query, pair.target];
    const parameters = new URLSearchParams({
      queryStudyInstanceUid: query.studyInstanceUid,
      querySeriesInstanceUid: query.seriesInstanceUid,
      targetStudyInstanceUid: target.studyInstanceUid,
      targetSeriesInstanceUid: target.seriesInstanceUid,
    });
    for (const kind of ['affine', 'field', 'field'])
      expect(await server.api.request('POST', '/registrations', { ...pair, kind })).toMatchObject({
        status: 201,
        body: { studyInstanceUid: query.studyInstanceUid },
      });
    const objects = await orthanc.dicomweb.instancesOf(query.studyInstanceUid, 'REG');
    expect(objects).toHaveLength(2);
    for (const object of objects) expect(validationErrors(object)).toEqual([]);
    const { body } = await server.api.request('GET', `/registrations?${parameters}`);
    const { registrations } = body as { registrations: { kind: string; affine: number[] }[] };
    expect(registrations.map(({ kind }) => kind).sort()).toEqual(['affine', 'field']);
    for (const registration of registrations) {
      expect(registration).toMatchObject({ isOwn: true, isOfAllImages: true, manufacturer: 'Samepoint' });
      for (const [n, value] of registration.affine.entries()) expect(value).toBeCloseTo(field.affine[n]!, 4);
    }
  });

  it('is read from the PACS by a server that has not computed it', async () => {
    await server.stop();
    server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
    expect(await server.api.follow('/fields', pair)).toMatchObject({ state: 'done' });
    expect((await fetched()).equals(bytes)).toBe(true);
  });
});
