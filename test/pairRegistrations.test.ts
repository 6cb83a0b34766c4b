/** A pair of a PACS registered by the API: the prior on the slices of the current scan, and what is refused in words. */
import { gunzipSync } from 'node:zlib';
import { headerJson, stringOf, stringsOf } from '../server/src/dicom/index.ts';
import { invert, toLps, toVoxel, voxelIndex } from '../server/src/geometry/index.ts';
import { readNifti } from '../server/src/nifti/index.ts';
import { readVolume } from '../server/src/volumeAssembly/index.ts';
import type { Volume } from '../server/src/volume/index.ts';
import { BLANK } from '../server/src/warp/index.ts';
import type { SeriesRef } from './support/api.ts';
import { validationErrors } from './support/dicomTools.ts';
import { uidOf } from './support/dicomweb.ts';
import { startOrthanc } from './support/orthanc.ts';
import type { Orthanc } from './support/orthanc.ts';
import { describeWith } from './support/requirements.ts';
import { startSamepoint } from './support/samepointServer.ts';
import type { SamepointServer } from './support/samepointServer.ts';
import { SmallPatient } from './support/smallPatient.ts';
import type { Variation } from './support/smallPatient.ts';
import { cut } from './support/variations.ts';

/** Slices of a coarse phantom: the liver and what is around it. */
const SLICES = 30;
/** Slices of one end of the body. */
const END = 9;
/** Above this a voxel shows the body, HU. */
const BODY_HU = -300;

interface Pair {
  readonly query: SeriesRef;
  readonly target: SeriesRef;
}

/** The prior's value at the same place in LPS, without any map; undefined outside. */
function unmapped(prior: Volume, current: Volume, at: number): number | undefined {
  const [nx, ny] = current.dims;
  const lps = toLps(
    current.voxelToLps,
    voxelIndex(at % nx, Math.floor(at / nx) % ny, Math.floor(at / nx / ny)),
  );
  const [i, j, k] = toVoxel(invert(prior.voxelToLps), lps).map(Math.round) as [number, number, number];
  const isInside = [i, j, k].every((index, axis) => index >= 0 && index < prior.dims[axis]!);
  return isInside ? prior.data[i + prior.dims[0] * (j + prior.dims[1] * k)] : undefined;
}

/** Mean absolute difference from the current scan within the body, HU. */
function differenceHu(current: Volume, valueAt: (at: number) => number | undefined): number {
  let [sum, count] = [0, 0];
  current.data.forEach((value, at) => {
    const other = valueAt(at);
    if (value < BODY_HU || other === undefined || other === BLANK) return;
    sum += Math.abs(value - other);
    count += 1;
  });
  return count === 0 ? Infinity : sum / count;
}

describeWith(['orthanc', 'dicom3tools'], 'pairs of Orthanc registered by the API', () => {
  let orthanc: Orthanc;
  let server: SamepointServer;
  let patient: SmallPatient;
  let pair: Pair;
  let current: Volume;
  let prior: Volume;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    server = await startSamepoint({ dicomweb: { root: orthanc.dicomweb.root } });
    patient = new SmallPatient(orthanc.dicomweb);
    pair = {
      query: await patient.storeCurrent({ slices: SLICES, change: (volume) => (current = volume) }),
      target: await patient.storePrior({ slices: SLICES, change: (volume) => (prior = volume) }),
    };
  });

  afterAll(async () => {
    await server.stop();
    await orthanc.stop();
  });

  /** The error of a pair's registration, or the state of its job. */
  const outcome = async (path: string, wanted: Pair): Promise<string> => {
    const ended = await server.api.follow(path, wanted);
    if ('state' in ended) return ended.error?.code ?? ended.state;
    return (ended.body as { error?: { code: string } }).error?.code ?? String(ended.status);
  };

  const fileOf = async (output: string): Promise<Buffer> => {
    const answer = await fetch(`${server.url}/samepoint/api/pair-registrations`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify({ ...pair, output }),
    });
    expect(answer.status).toBe(200);
    return Buffer.from(await answer.arrayBuffer());
  };

  /** The instances of a multipart answer (RFC 2046 5.1). */
  const instancesOf = (body: Buffer): readonly Buffer[] => {
    const text = body.toString('latin1');
    const boundary = text.slice(0, text.indexOf('\r\n'));
    return text
      .split(boundary)
      .slice(1, -1)
      .map((part) => Buffer.from(part.slice(part.indexOf('\r\n\r\n') + 4, -2), 'latin1'));
  };

  test('the report says how well the two agree', async () => {
    expect(await server.api.follow('/pair-registrations', pair)).toMatchObject({ state: 'done' });
    const report = JSON.parse((await fileOf('report')).toString()) as {
      negativeJacobianShare: number;
      inverseConsistencyMm: { median: number };
    };
    expect(report).toMatchObject({ fixed: pair.query, moving: pair.target });
    expect(report.negativeJacobianShare).toBeLessThan(0.005);
    expect(report.inverseConsistencyMm.median).toBeLessThan(0.5);
  });

  test('the warped prior lies on the current scan: the difference is that of the same anatomy', async () => {
    const warped = readNifti(await fileOf('warped'));
    expect(warped.dims).toEqual(current.dims);
    const mapped = differenceHu(current, (at) => warped.data[at]);
    const before = differenceHu(current, (at) => unmapped(prior, current, at));
    expect(mapped).toBeLessThan(before / 3);
  });

  test('as DICOM it is a derived series in the frame of the current one, which the PACS stores when it is sent there', async () => {
    const { studyInstanceUid } = pair.query;
    const parts = instancesOf(await fileOf('dicom'));
    expect(parts).toHaveLength(SLICES);
    const [first] = parts;
    expect(validationErrors(first!)).toEqual([]);
    const header = headerJson(first!);
    expect(stringsOf(header, 'ImageType')).toEqual(expect.arrayContaining(['DERIVED', 'REGISTERED']));
    expect(stringOf(header, 'FrameOfReferenceUID')).toBe(current.frameOfReferenceUid);
    // Nothing is stored by a server that was only requested to compute.
    const series = async (): Promise<readonly string[]> =>
      (await orthanc.dicomweb.search(`studies/${studyInstanceUid}/series`)).map((one) =>
        uidOf(one, '0020000E'),
      );
    expect(await series()).toEqual([pair.query.seriesInstanceUid]);
    await orthanc.dicomweb.store(parts);
    expect(await series()).toHaveLength(2);
    const read = await readVolume(
      (async function* () {
        for (const part of parts) yield await Promise.resolve(part);
      })(),
    );
    expect([...read.data]).toEqual([...readNifti(await fileOf('warped')).data]);
  });

  test('the displacement field is a compressed NIfTI file of vectors', async () => {
    // NIfTI-1: intent 1007 is a vector image.
    expect(gunzipSync(await fileOf('field')).readInt16LE(68)).toBe(1007);
  });

  const ends = (first: (slices: number) => number): Variation => ({
    slices: SLICES,
    change: (volume) => cut(volume, first(volume.dims[2]), first(volume.dims[2]) + END - 1).volume,
  });
  const mirrored = (volume: Volume): Volume => {
    const [nx] = volume.dims;
    const data = volume.data.map((_, at) => volume.data[at - (at % nx) + (nx - 1 - (at % nx))]!);
    return { ...volume, data };
  };

  test.each<[string, () => Promise<Pair>, string, string]>([
    [
      'another patient',
      async () => ({ ...pair, target: await patient.storePrior({ patientId: 'other', slices: SLICES }) }),
      'application/different-patients',
      'application/different-patients',
    ],
    [
      'another modality',
      async () => ({ ...pair, target: await patient.storePrior({ modality: 'MR', slices: SLICES }) }),
      'embedding/modality-not-supported',
      'embedding/modality-not-supported',
    ],
    [
      'a mirror image',
      async () => ({ ...pair, target: await patient.storePrior({ slices: SLICES, change: mirrored }) }),
      'matching/mirrored-pair',
      'register/mirrored',
    ],
    [
      'no region in common',
      async () => ({
        query: await patient.storeCurrent(ends(() => 0)),
        target: await patient.storePrior(ends((slices) => slices - END)),
      }),
      'matching/no-common-region',
      'register/no-overlap',
    ],
  ])('refused: %s', async (_name, make, ofField, ofRegistration) => {
    const wanted = await make();
    const found = [await outcome('/fields', wanted), await outcome('/pair-registrations', wanted)];
    expect(found).toEqual([ofField, ofRegistration]);
  });

  test('a series that was deleted meanwhile: neither the kept map nor the kept registration is given out', async () => {
    expect(await outcome('/fields', pair)).toBe('done');
    await orthanc.deleteStudy(pair.target.studyInstanceUid);
    const gone = ['dicomweb/study-not-found', 'dicomweb/study-not-found'];
    expect([await outcome('/fields', pair), await outcome('/pair-registrations', pair)]).toEqual(gone);
  });
});
