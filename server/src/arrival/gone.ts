/**
 * Whether the PACS still holds a study or series, seen with the credentials of this server.
 * @module
 */
import { stringOf } from '../dicom/index.ts';
import type { DicomwebSource, RequestOptions } from '../dicomweb/index.ts';

/** A study, or one of its series. */
export interface Suspect {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid?: string | undefined;
}

type Client = Pick<DicomwebSource, 'searchStudies' | 'searchSeries'>;

/** True where the PACS lists a study. @throws SamepointError every error of `dicomweb/` */
async function holdsStudy(client: Client, study: string, options: RequestOptions): Promise<boolean> {
  const found = await client.searchStudies({ StudyInstanceUID: study }, options);
  // A PACS that ignores a key it does not know answers with everything.
  return found.some((json) => stringOf(json, 'StudyInstanceUID') === study);
}

/**
 * What of a suspect the PACS holds no more: the study, the series, or nothing.
 * @throws SamepointError every error of `dicomweb/`: then nothing is known
 */
export async function goneOf(
  client: Client,
  { studyInstanceUid, seriesInstanceUid }: Suspect,
  options: RequestOptions,
): Promise<Suspect | undefined> {
  if (!(await holdsStudy(client, studyInstanceUid, options))) return { studyInstanceUid };
  if (seriesInstanceUid === undefined) return undefined;
  const query = { SeriesInstanceUID: seriesInstanceUid };
  const found = await client.searchSeries(studyInstanceUid, query, options);
  const isThere = found.some((json) => stringOf(json, 'SeriesInstanceUID') === seriesInstanceUid);
  return isThere ? undefined : { studyInstanceUid, seriesInstanceUid };
}
