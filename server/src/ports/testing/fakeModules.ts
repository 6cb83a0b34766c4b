/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { SeriesRef } from '../../dicomweb/index.ts';
import type { Embedding, PreviewImage } from '../../embedding/index.ts';
import type { EmbeddingKey } from '../../embeddingCache/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { affineFromColumns, lpsPoint } from '../../geometry/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { encodeField } from '../../fieldFormat/index.ts';
import { encodeSimilarity } from '../../similarityFormat/index.ts';
import type {
  DeformationRequest,
  Match,
  MatchRequest as EngineMatchRequest,
  PointOutcome,
  PreviewRequest,
  QueryPoint,
  SeriesPoint,
  SimilarityRequest,
} from '../../matching/index.ts';
import type { PointSimilarity } from '../../similarityFormat/index.ts';
import type { DeformationField } from '../../deformation/index.ts';
import { buildTimePointReport } from '../../report/timePoint/buildTimePointReport.ts';
import { readFindings } from '../../findings/readFindings.ts';
import type { ReportRequest } from '../../report/index.ts';
import type { BuiltReport } from '../../documents/index.ts';
import type { InstanceContent, InstanceIdentity, Volume } from '../../volume/index.ts';
import { fakeRegistration, fakeWarp } from './fakeRegistration.ts';
import type { Modules } from '../ports.ts';
import { decoder, encoder, readFakeReport } from './fakePacs.ts';
import type { FakeInstance } from './fakePacs.ts';

/** A volume that knows where it came from; its voxels do not matter. */
function fakeVolume(series: SeriesRef, sopInstanceUids: readonly string[]): Volume {
  return {
    dims: [1, 1, sopInstanceUids.length],
    data: new Int16Array(sopInstanceUids.length),
    voxelToLps: affineFromColumns([1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 0, 0]),
    slices: sopInstanceUids.map((sopInstanceUid) => ({
      sopClassUid: '1.2.840.10008.5.1.4.1.1.2',
      sopInstanceUid,
    })),
    ...series,
    frameOfReferenceUid: `${series.seriesInstanceUid}.9`,
    modality: 'CT',
    warnings: [],
  };
}

/** An instance of the fake PACS. */
function parse(bytes: Uint8Array): FakeInstance {
  return JSON.parse(decoder.decode(bytes)) as FakeInstance;
}

function identityOf({
  studyInstanceUid,
  seriesInstanceUid,
  uid,
  patientId,
  issuer,
}: FakeInstance): InstanceIdentity {
  return {
    studyInstanceUid,
    seriesInstanceUid,
    sopInstanceUid: uid,
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
  };
}

function contentOf(bytes: Uint8Array): InstanceContent {
  const { uid, pixels = '' } = parse(bytes);
  return { sopInstanceUid: uid, digest: `digest of ${pixels}`, encoded: pixels, bytes: bytes.byteLength };
}

async function readVolume(
  instances: AsyncIterable<Uint8Array>,
  { onInstance, onComplete }: Parameters<Modules['readVolume']>[1] = {},
): Promise<Volume> {
  const sent: FakeInstance[] = [];
  const contents: InstanceContent[] = [];
  for await (const bytes of instances) {
    sent.push(parse(bytes));
    onInstance?.(identityOf(parse(bytes)));
    contents.push(contentOf(bytes));
  }
  onComplete?.();
  const [first] = sent;
  if (first === undefined) throw new SamepointError('volume/empty-series', {});
  const { studyInstanceUid, seriesInstanceUid } = first;
  const uids = sent.map(({ uid }) => uid);
  return { ...fakeVolume({ studyInstanceUid, seriesInstanceUid }, uids), instances: contents };
}

function pointIn({ volume }: Pick<Embedding, 'volume'>, lps: LpsPoint): SeriesPoint {
  const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, slices } = volume;
  const slice = slices[0] ?? { sopClassUid: '1.2', sopInstanceUid: '1.2' };
  const pixel = { ...slice, column: 0, row: 0, offPlaneMm: 0 };
  return { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid, lps, pixel };
}

/** The point itself, 10 mm higher; points beyond x = 1000 are outside. */
function matchPoint(
  { query, target, model, method = 'refined' }: EngineMatchRequest,
  { id, lps, axes }: QueryPoint,
): PointOutcome {
  if (lps[0] > 1000) {
    const error = new SamepointError('matching/outside-volume', { point: lps, outsideMm: 1 });
    return { pointId: id, ok: false, error };
  }
  const found = lpsPoint(lps[0], lps[1], lps[2] + 10);
  const match: Match = {
    method,
    step: 'nearest',
    model: { id: model.id, version: model.version },
    verdict: 'matched',
    query: pointIn(query, lps),
    target: pointIn(target, found),
    similarity: 0.9,
    cycleErrorMm: 1,
    errorRadiusMm: 4,
    change: { kind: 'larger', queryDiameterMm: 6, targetDiameterMm: 12 },
    ...(axes === undefined ? {} : { axes: { ...axes, isFitted: false } }),
  };
  return { pointId: id, ok: true, match };
}

function previewImageOf(volume: PreviewImage['volume']): PreviewImage {
  const { dims, voxelToLps } = volume;
  const image = { grid: { dims, voxelToLps }, values: new Int16Array(0), scale: 1 };
  return { volume, image, bodyMask: new Uint8Array(0) };
}

/** The point itself. */
function previewPoint({ query, target }: PreviewRequest, { id, lps }: QueryPoint): PointOutcome {
  const match: Match = {
    method: 'preview',
    step: 'affine',
    verdict: 'uncertain',
    query: pointIn(query, lps),
    target: pointIn(target, lps),
    similarity: 0.9,
    cycleErrorMm: 0,
    errorRadiusMm: 12,
  };
  return { pointId: id, ok: true, match };
}

function buildReport({ pairs, now, uids }: ReportRequest): BuiltReport {
  const ids = {
    studyInstanceUid: pairs[0]?.current.studyInstanceUid ?? '',
    seriesInstanceUid: uids?.seriesInstanceUid ?? `2.25.7${now.getTime()}`,
    sopInstanceUid: uids?.sopInstanceUid ?? `2.25.${now.getTime()}`,
  };
  const report = { ...ids, createdAt: now.toISOString(), pairs };
  return { ...ids, part10: encoder.encode(JSON.stringify(report)) };
}

function seriesOf({ volume }: Pick<Embedding, 'volume'>): DeformationField['query'] {
  const { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid } = volume;
  return { studyInstanceUid, seriesInstanceUid, frameOfReferenceUid };
}

/** A map that moves nothing. */
function fakeField({ query, target, model: { id, version } }: DeformationRequest): DeformationField {
  const lattice = {
    ...{ dims: [2, 2, 2] as const, origin: [0, 0, 0] as const, spacing: [50, 50, 50] as const },
    displacements: new Float32Array(24),
    determinants: new Float32Array(8).fill(1),
    errorRadii: new Float32Array(8).fill(2),
  };
  const quality = { foldingShare: 0, inverseConsistencyMm: { median: 0, p95: 0 }, coveredShare: 1 };
  return {
    ...{ query: seriesOf(query), target: seriesOf(target), model: { id, version }, verdict: 'usable' },
    ...{ affine: [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0], forward: lattice, inverse: lattice, quality },
  };
}

/** One place that is as similar as can be; points beyond x = 1000 are outside. */
function fakeSimilarity({ query, target, point: lps, model }: SimilarityRequest): Promise<Uint8Array> {
  if (lps[0] > 1000)
    return Promise.reject(new SamepointError('matching/outside-volume', { point: lps, outsideMm: 1 }));
  const similarity: PointSimilarity = {
    query: { ...seriesOf(query), lps },
    target: seriesOf(target),
    model: { id: model.id, version: model.version },
    ...{ dims: [1, 1, 1], voxelToLps: [4, 0, 0, 0, 0, 4, 0, 0, 0, 0, 4, 0] },
    similarities: Float32Array.of(1),
  };
  return Promise.resolve(encodeSimilarity(similarity));
}

/** Modules that answer at once. */
export function fakeModules(): Modules {
  return {
    readVolume,
    readInstance: (bytes) =>
      Promise.resolve({ identity: identityOf(parse(bytes)), content: contentOf(bytes) }),
    embeddingKey: ({ studyInstanceUid, seriesInstanceUid, source, patient, sopInstanceUids }, model) =>
      [
        model.id,
        source,
        studyInstanceUid,
        seriesInstanceUid,
        patient,
        ...sopInstanceUids,
      ].join() as EmbeddingKey,
    turnedEmbeddingKey: ({ volume }, turn, model) =>
      [model.id, volume.seriesInstanceUid, 'turned', ...turn].join() as EmbeddingKey,
    previewImageOf: (volume) => Promise.resolve(previewImageOf(volume)),
    previewImageOfEmbedding: ({ volume }) => previewImageOf(volume),
    previewPoints: (request) => Promise.resolve(request.points.map((point) => previewPoint(request, point))),
    findPose: () => Promise.resolve({ warnings: [] }),
    matchPoints: (request) => Promise.resolve(request.points.map((point) => matchPoint(request, point))),
    computeField: (request) => Promise.resolve(encodeField(fakeField(request))),
    registerPair: (request) => Promise.resolve(fakeRegistration(request)),
    warpSeries: fakeWarp,
    computeSimilarity: fakeSimilarity,
    buildReport,
    buildRegistration: ({ kind, field, uids, now }) => {
      const { studyInstanceUid } = field.query;
      const { seriesInstanceUid, sopInstanceUid } = uids;
      const ids = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
      const object = { ...ids, createdAt: now.toISOString(), pairs: [], kind };
      return { ...ids, part10: encoder.encode(JSON.stringify(object)) };
    },
    readRegistration: (part10) => {
      const { sopInstanceUid } = readFakeReport(part10);
      return Promise.resolve({ ok: true, digest: sopInstanceUid });
    },
    buildTimePointReport,
    readReport(part10) {
      const { createdAt, pairs } = readFakeReport(part10);
      return Promise.resolve({ ok: true, createdAt, pairs, problems: [] });
    },
    readFindings: (part10) => Promise.resolve(readFindings(part10)),
  };
}
