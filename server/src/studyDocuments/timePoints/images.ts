/**
 * The images that the report of a time point refers to, and the one from which it has its patient and study.
 * @module
 */
import { stringOf, tagOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { PlaneOf } from '../../findings/index.ts';
import { assertMetadataIdentity, refOf, requestOptions } from '../../access/index.ts';
import type { Caller, GrantedSeries, PatientIdentity } from '../../access/index.ts';
import { planesOf } from '../findings/planes.ts';
import { requireInstances } from '../reports/reportStore.ts';
import type { TimePointParts } from './parts.ts';
import type { TimePointSave } from './types.ts';

/** What the PACS says of the images of a report. */
export interface ReportImages {
  readonly patient: PatientIdentity;
  /** Metadata of an image of the study. */
  readonly image: DicomJson;
  readonly planeOf: PlaneOf;
}

/** Modalities of what is no image. */
const DOCUMENTS: readonly string[] = ['SR', 'KO', 'PR', 'SEG', 'RTSTRUCT', 'RTPLAN', 'RTDOSE', 'REG', 'DOC'];

/**
 * Requests what the PACS grants of the images.
 * @throws SamepointError report/bad-observation where a place is of another study, application/instance-not-in-series,
 *   application/identity-mismatch, and errors of dicomweb/
 */
export async function imagesOf(
  save: TimePointSave,
  caller: Caller,
  parts: TimePointParts,
  signal?: AbortSignal,
): Promise<ReportImages> {
  requireOneStudy(save);
  const { studyInstanceUid, source, observations } = save;
  const options = requestOptions(caller, signal);
  const places = observations.flatMap(({ place }) => place ?? []);
  const placed = [...new Set(places.map(({ seriesInstanceUid }) => seriesInstanceUid))];
  const uids = placed.length > 0 ? placed : [await anySeries(studyInstanceUid, parts, options)];
  const granted = await Promise.all(
    uids.map((seriesInstanceUid) =>
      parts.access.grant(refOf({ studyInstanceUid, seriesInstanceUid, source }), caller, signal),
    ),
  );
  requireInstances(
    places.map((place) => ({ ...place, source })),
    granted,
  );
  const [first] = granted;
  if (first === undefined) throw noImages();
  const image = await metadataOf(first, places[0]?.pixel.sopInstanceUid, parts, options);
  const { patient } = first;
  const images = places.map((place) => ({ ...place, ...place.pixel }));
  const planeOf = await planesOf(images, { studyInstanceUid, patient }, parts, options);
  return { patient, image, planeOf };
}

function requireOneStudy({ studyInstanceUid, observations }: TimePointSave): void {
  const index = observations.findIndex(
    ({ place }) => place !== undefined && place.studyInstanceUid !== studyInstanceUid,
  );
  if (index < 0) return;
  const problem = 'lies in another study';
  throw new SamepointError('report/bad-observation', { observation: index + 1, problem });
}

function noImages(): SamepointError {
  return new SamepointError('dicomweb/series-not-found', { operation: 'QIDO-RS search' });
}

/** A series of images of the study, of a report that refers to none. */
async function anySeries(
  studyInstanceUid: string,
  { source }: TimePointParts,
  options: RequestOptions,
): Promise<string> {
  const found = await source.searchSeries(studyInstanceUid, { includefield: [tagOf('Modality')] }, options);
  const series = found.find((json) => !DOCUMENTS.includes(stringOf(json, 'Modality') ?? ''));
  const uid = series && stringOf(series, 'SeriesInstanceUID');
  if (uid === undefined) throw noImages();
  return uid;
}

/** Metadata of an image of a granted series, the first one where none is named. */
async function metadataOf(
  granted: GrantedSeries,
  sopInstanceUid: string | undefined,
  { source }: TimePointParts,
  options: RequestOptions,
): Promise<DicomJson> {
  const series: SeriesRef = granted.series;
  const uid = sopInstanceUid ?? granted.sopInstanceUids[0] ?? '';
  const metadata = await source.retrieveInstanceMetadata(series, uid, options);
  assertMetadataIdentity(metadata, granted);
  return metadata;
}
