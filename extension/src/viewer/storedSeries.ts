import type { DataSource } from '../ohif.d.ts';
import type { SeriesRef } from '../wire.ts';
import type { Host } from './host.ts';

/** OHIF up to 3.13 keys its metadata cache by data source name and study; the plain study UID is a no-op there. */
function forgetStudy(dataSource: DataSource, studyInstanceUid: string): void {
  const name = dataSource.getConfig?.()?.name;
  dataSource.deleteStudyMetadataPromise?.(studyInstanceUid);
  if (name !== undefined) dataSource.deleteStudyMetadataPromise?.(`${name}:${studyInstanceUid}`);
}

/** Makes the viewer read a series that was just stored, so that it appears without a reload. */
export async function showStoredSeries(
  host: Host,
  { studyInstanceUid, seriesInstanceUid }: SeriesRef,
): Promise<void> {
  const { dataSource } = host;
  const retrieve = dataSource?.retrieve?.series;
  if (dataSource === undefined || typeof retrieve?.metadata !== 'function') return;
  forgetStudy(dataSource, studyInstanceUid);
  const requests = await retrieve.metadata({
    StudyInstanceUID: studyInstanceUid,
    filters: { seriesInstanceUID: [seriesInstanceUid] },
    returnPromises: true,
  });
  await Promise.all((requests ?? []).map((request) => request.start()));
}
