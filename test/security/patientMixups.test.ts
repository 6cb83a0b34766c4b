/**
 * Another patient's images must not answer: not when the PACS sends them under another address, not when they have the same
 * UIDs, not when files of the cache change places, and not when a series is sent again with other pixels. A real PACS.
 */
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Volume } from '../../server/src/volume/types.ts';
import { distanceMm } from '../support/api.ts';
import type { MatchRequest, SeriesRef } from '../support/api.ts';
import { FaultProxy } from '../support/faultProxy.ts';
import { codeOf, embeddingFiles, outcomesOf } from '../support/hospital.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { temporaryFolder } from '../support/paths.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';

/** Where a point of the query was found; fails where it was not. */
function placeIn(answer: Parameters<typeof outcomesOf>[0]): readonly [number, number, number] {
  const [outcome] = outcomesOf(answer);
  if (outcome?.ok !== true) throw new Error(`not matched: ${JSON.stringify(outcome)}`);
  return outcome.match.target.lps;
}

function similarityOf(answer: Parameters<typeof outcomesOf>[0]): number {
  const [outcome] = outcomesOf(answer);
  return outcome?.ok === true ? outcome.match.similarity : NaN;
}

/** The same images, so many mm to the left and higher up. */
function moved(volume: Volume, mm: number): Volume {
  const m = volume.voxelToLps;
  return {
    ...volume,
    voxelToLps: [m[0], m[1], m[2], m[3] + mm, m[4], m[5], m[6], m[7], m[8], m[9], m[10], m[11] + mm],
  };
}

/** The lower half of the values upside down, in every slice or in one. */
function otherPixels(volume: Volume, slice?: number): Volume {
  const plane = volume.dims[0] * volume.dims[1];
  const data = volume.data.map((value, index) =>
    slice === undefined || Math.floor(index / plane) === slice ? Math.round(value / 2) + 40 : value,
  );
  return { ...volume, data };
}

describeWith(['orthanc'], 'patients are not mixed up', () => {
  let orthanc: Orthanc;
  let proxy: FaultProxy;
  let patient: SmallPatient;
  let query: SeriesRef;
  let cache: string;
  let server: SamepointServer;

  const start = async (memoMs: number): Promise<SamepointServer> =>
    await startSamepoint({
      dicomweb: { root: proxy.root, retries: 1 },
      access: { memoMs },
      embedding: { cacheDirectory: cache },
    });
  const restart = async (memoMs = 0): Promise<void> => {
    await server.stop();
    server = await start(memoMs);
  };
  const requestTo = ({ studyInstanceUid, seriesInstanceUid }: SeriesRef): MatchRequest => ({
    query: { studyInstanceUid: query.studyInstanceUid, seriesInstanceUid: query.seriesInstanceUid },
    targets: [{ studyInstanceUid, seriesInstanceUid }],
    points: [{ id: 'a', lps: patient.point }],
  });
  const matchTo = (target: SeriesRef): ReturnType<SamepointServer['api']['match']> =>
    server.api.match(requestTo(target));
  /** What a server that has never seen anything answers. */
  const answerOfAFreshServer = async (target: SeriesRef): ReturnType<SamepointServer['api']['match']> => {
    const fresh = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
    try {
      return await fresh.api.match(requestTo(target));
    } finally {
      await fresh.stop();
    }
  };

  beforeAll(async () => {
    orthanc = await startOrthanc();
    proxy = await FaultProxy.start(orthanc.dicomweb.root);
    patient = new SmallPatient(orthanc.dicomweb);
    query = await patient.storeCurrent();
    cache = temporaryFolder('cache');
    server = await start(0);
  });
  afterEach(() => {
    proxy.heal();
  });
  afterAll(async () => {
    await server.stop();
    await proxy.stop();
    await orthanc.stop();
    await rm(cache, { recursive: true, force: true });
  });

  /** Retrieval of a series as a whole; single instances stay unchanged. */
  const wholeOf = ({ seriesInstanceUid }: SeriesRef): RegExp =>
    new RegExp(`/series/${seriesInstanceUid.replaceAll('.', '\\.')}($|\\?)`, 'u');

  /** The PACS sends another series than the requested one. */
  const deliver = (wrong: SeriesRef, insteadOf: SeriesRef, times = Infinity): void => {
    const path = (original: string): string =>
      original
        .replace(insteadOf.studyInstanceUid, wrong.studyInstanceUid)
        .replace(insteadOf.seriesInstanceUid, wrong.seriesInstanceUid);
    proxy.strike({ path: wholeOf(insteadOf), times }, { kind: 'redirect', path });
  };

  test('a series of another patient under the address of the requested one is neither answered nor kept', async () => {
    const requested = await patient.storePrior();
    const otherPatient = await patient.storePrior({ patientId: 'SOMEBODY-ELSE' });
    deliver(otherPatient, requested);
    expect(codeOf(await matchTo(requested))).toBe('application/identity-mismatch');
    // At most that of the query.
    expect(embeddingFiles(cache).length).toBeLessThanOrEqual(1);
    const output = server.background.output();
    expect(output).toContain('of another study, series or patient');
    expect(output).not.toContain('SOMEBODY-ELSE');
    expect(output).not.toContain(otherPatient.studyInstanceUid);
    proxy.heal();
    await restart();
    const answer = await matchTo(requested);
    expect(codeOf(answer)).toBe('matched');
    expect(placeIn(answer)).toEqual(placeIn(await answerOfAFreshServer(requested)));
  });

  test('nor is one with the UIDs of the requested one, and only another patient in it', async () => {
    const requested = await patient.storePrior();
    await orthanc.deleteStudy(requested.studyInstanceUid);
    const other = await startOrthanc();
    try {
      await new SmallPatient(other.dicomweb).storePrior({
        patientId: 'SOMEBODY-ELSE',
        uids: patient.uidsOf(requested),
      });
      const files = await other.dicomweb.instancesOf(requested.studyInstanceUid, 'CT');
      await patient.storePrior({ uids: patient.uidsOf(requested) });
      const boundary = 'between';
      const parts = files.flatMap((file) => [
        Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
        file,
        Buffer.from('\r\n'),
      ]);
      const body = Buffer.concat([...parts, Buffer.from(`--${boundary}--`)]);
      proxy.strike(
        { path: wholeOf(requested) },
        {
          kind: 'answer',
          status: 200,
          type: `multipart/related; type="application/dicom"; boundary=${boundary}`,
          body,
        },
      );
      expect(codeOf(await matchTo(requested))).toBe('application/identity-mismatch');
    } finally {
      await other.stop();
    }
    proxy.heal();
    await restart();
    expect(codeOf(await matchTo(requested))).toBe('matched');
  });

  test('the same UIDs under another study of another patient poison nothing and open nothing', async () => {
    const mine = await patient.storePrior();
    const twin = await patient.storePrior({
      patientId: 'SOMEBODY-ELSE',
      // Orthanc finds the series of neither study where both have the same Series Instance UID, too.
      uids: {
        ...patient.uidsOf(mine),
        studyInstanceUid: `${mine.studyInstanceUid.slice(0, 40)}1`,
        seriesInstanceUid: `${mine.seriesInstanceUid.slice(0, 40)}1`,
      },
      change: (volume) => moved(volume, 7),
    });
    const instances = patient.uidsOf(mine).sopInstanceUids;
    expect(patient.uidsOf(twin).sopInstanceUids).toEqual(instances);
    expect(await orthanc.dicomweb.countInstances(mine.studyInstanceUid)).toBe(instances.length);
    expect(await orthanc.dicomweb.countInstances(twin.studyInstanceUid)).toBe(instances.length);
    const { studyInstanceUid, seriesInstanceUid } = twin;
    // The other one first: what is cached of it must not answer for mine.
    const embedded = await server.api.follow('/series-embeddings', { studyInstanceUid, seriesInstanceUid });
    expect(embedded).toMatchObject({ state: 'done' });
    const answer = await matchTo(mine);
    expect(placeIn(answer)).toEqual(placeIn(await answerOfAFreshServer(mine)));
    expect(outcomesOf(answer)[0]).toMatchObject({
      ok: true,
      match: { target: { studyInstanceUid: mine.studyInstanceUid } },
    });
    expect(codeOf(await matchTo(twin))).toBe('application/different-patients');
    // And the other way round: the twin's own embedding is its own computation, not a copy of mine.
    expect(placeIn(await matchTo(mine))).toEqual(placeIn(answer));
    const again = await server.api.request('POST', '/series-embeddings', {
      studyInstanceUid,
      seriesInstanceUid,
    });
    expect(again.status).toBe(200);
  });

  test('two files of the cache that change places are refused, logged and made anew', async () => {
    const one = await patient.storePrior();
    const answer = await matchTo(one);
    expect(codeOf(answer)).toBe('matched');
    await server.stop();
    const all = embeddingFiles(cache).map((name) => join(cache, name));
    for (const [index, path] of all.entries()) renameSync(path, `${path}.${index}`);
    for (const index of all.keys()) renameSync(`${all[index]!}.${index}`, all[(index + 1) % all.length]!);
    const before = all.map((path) => readFileSync(path).subarray(0, 2000).toString('latin1'));
    server = await start(0);
    const again = await matchTo(one);
    expect(placeIn(again)).toEqual(placeIn(answer));
    expect(server.background.output()).toContain('a damaged file of the embedding cache was removed');
    expect(before).toHaveLength(all.length);
  });

  describe.each([
    ['other positions', (volume: Volume) => moved(volume, 20)],
    ['other pixels', (volume: Volume) => otherPixels(volume)],
    ['positions that are a tenth of a millimetre off', (volume: Volume) => moved(volume, 0.1)],
  ])('the same UIDs with %s', (_, change) => {
    test.each([0, 5000])('are noticed at the next match, with access.memoMs %d', async (memoMs) => {
      await restart(memoMs);
      const target = await patient.storePrior();
      const before = await matchTo(target);
      expect(codeOf(before)).toBe('matched');
      // In use: the next answer comes from memory.
      expect(codeOf(await matchTo(target))).toBe('matched');
      await orthanc.deleteStudy(target.studyInstanceUid);
      await patient.storePrior({ uids: patient.uidsOf(target), change });
      await new Promise((resolve) => setTimeout(resolve, memoMs === 0 ? 0 : 1_100));
      const after = await matchTo(target);
      const fresh = await answerOfAFreshServer(target);
      expect(placeIn(after)).toEqual(placeIn(fresh));
      expect(similarityOf(after)).toBe(similarityOf(fresh));
      expect(server.background.output()).toContain('other images under the same UIDs');
    });
  });

  test('other pixels in one slice under the same UIDs are noticed once every slice is checked', async () => {
    await restart(0);
    const target = await patient.storePrior();
    expect(codeOf(await matchTo(target))).toBe('matched');
    await orthanc.deleteStudy(target.studyInstanceUid);
    await patient.storePrior({
      uids: patient.uidsOf(target),
      change: (volume) => otherPixels(volume, 5),
    });
    let after = await matchTo(target);
    // Each answer checks one slice at least.
    const slices = patient.uidsOf(target).sopInstanceUids.length;
    for (let n = 0; n < slices; n += 1) after = await matchTo(target);
    const fresh = await answerOfAFreshServer(target);
    expect(placeIn(after)).toEqual(placeIn(fresh));
    expect(similarityOf(after)).toBe(similarityOf(fresh));
    expect(server.background.output()).toContain('other images under the same UIDs');
  });

  test('are noticed after a restart, too', async () => {
    const target = await patient.storePrior();
    const before = await matchTo(target);
    await server.stop();
    await orthanc.deleteStudy(target.studyInstanceUid);
    await patient.storePrior({ uids: patient.uidsOf(target), change: (volume) => moved(volume, 20) });
    server = await start(0);
    const after = await matchTo(target);
    expect(distanceMm(placeIn(after), placeIn(before))).toBeGreaterThan(20);
    expect(placeIn(after)).toEqual(placeIn(await answerOfAFreshServer(target)));
  });

  test('a second server on the same cache folder does not start, and says why', async () => {
    const second = startSamepoint({ dicomweb: { root: proxy.root }, embedding: { cacheDirectory: cache } });
    await expect(second).rejects.toThrow(/in use by another server/u);
    expect(readdirSync(cache)).toContain('server.lock');
    expect(codeOf(await matchTo(await patient.storePrior()))).toBe('matched');
  });
});
