import { stringOf } from '../dicom/index.ts';
import type { DicomwebClientOptions } from './options.ts';
import { SamepointError } from '../errors/index.ts';
import { resolveOptions } from './options.ts';
import { probe } from './probe.ts';
import { fetchInstance } from './retrieve.ts';
import { retrieveWholeSeries } from './retrieveSeries.ts';
import { withRetries } from './retry.ts';
import { createPackageClient, getDicomJson, queryParams } from './search.ts';
import { storePart10 } from './store.ts';
import type { DicomwebSource } from './types.ts';
import { requireSeriesRef, requireUid } from './uid.ts';

/**
 * A PACS over DICOMweb. Searches, metadata and storing go through dicomweb-client; Part 10 files are read as a stream.
 * Requests are retried where that may help; errors are those of the `dicomweb/` catalogue, and when a signal aborts, its
 * reason.
 * @example
 * const pacs = createDicomwebClient({ root: 'http://localhost:8042/dicom-web' });
 * for await (const part10 of pacs.retrieveSeries(series, { signal })) slices.push(part10);
 */
export function createDicomwebClient(options: DicomwebClientOptions): DicomwebSource {
  const transport = resolveOptions(options);
  const client = createPackageClient(transport.root);
  const search = createSearch(transport, client);
  return {
    ...search,
    ...createMetadata(transport, client),

    retrieveSeries(series, request = {}) {
      return retrieveWholeSeries(transport, search, requireSeriesRef(series), request);
    },

    async retrieveInstance(series, sopInstanceUid, request = {}) {
      requireSeriesRef(series);
      requireUid('sopInstanceUid', sopInstanceUid);
      return await withRetries(transport, request.signal, () =>
        fetchInstance(transport, series, sopInstanceUid, request),
      );
    },

    async probeInstance(series, sopInstanceUid, request = {}) {
      requireSeriesRef(series);
      requireUid('sopInstanceUid', sopInstanceUid);
      await withRetries(transport, request.signal, () => probe(transport, series, sopInstanceUid, request));
    },

    async storeInstances(studyInstanceUid, instances, request = {}) {
      requireUid('studyInstanceUid', studyInstanceUid);
      return await storePart10(transport, client, studyInstanceUid, instances, request);
    },
  };
}

type SearchMethods = Pick<DicomwebSource, 'searchStudies' | 'searchSeries' | 'searchInstances'>;
type MetadataMethods = Pick<DicomwebSource, 'retrieveSeriesMetadata' | 'retrieveInstanceMetadata'>;

function createSearch(
  transport: ReturnType<typeof resolveOptions>,
  client: ReturnType<typeof createPackageClient>,
): SearchMethods {
  const study = 'dicomweb/study-not-found';
  const series = 'dicomweb/series-not-found';
  return {
    async searchStudies(query, options = {}) {
      return await getDicomJson(transport, 'QIDO-RS search studies', study, options, (request) =>
        client.searchForStudies({ queryParams: queryParams(query), request }),
      );
    },
    async searchSeries(studyInstanceUid, query, options = {}) {
      const studyInstanceUID = requireUid('studyInstanceUid', studyInstanceUid);
      return await getDicomJson(transport, 'QIDO-RS search series', study, options, (request) =>
        client.searchForSeries({ studyInstanceUID, queryParams: queryParams(query), request }),
      );
    },
    async searchInstances(ref, query, options = {}) {
      const { studyInstanceUid, seriesInstanceUid } = requireSeriesRef(ref);
      return await getDicomJson(transport, 'QIDO-RS search instances', series, options, (request) =>
        client.searchForInstances({
          studyInstanceUID: studyInstanceUid,
          seriesInstanceUID: seriesInstanceUid,
          queryParams: queryParams(query),
          request,
        }),
      );
    },
  };
}

function createMetadata(
  transport: ReturnType<typeof resolveOptions>,
  client: ReturnType<typeof createPackageClient>,
): MetadataMethods {
  const series = 'dicomweb/series-not-found';
  return {
    async retrieveSeriesMetadata(ref, options = {}) {
      const { studyInstanceUid, seriesInstanceUid } = requireSeriesRef(ref);
      return await getDicomJson(transport, 'WADO-RS series metadata', series, options, (request) =>
        client.retrieveSeriesMetadata({
          studyInstanceUID: studyInstanceUid,
          seriesInstanceUID: seriesInstanceUid,
          request,
        }),
      );
    },
    async retrieveInstanceMetadata(ref, sopInstanceUid, options = {}) {
      const { studyInstanceUid, seriesInstanceUid } = requireSeriesRef(ref);
      const sopInstanceUID = requireUid('sopInstanceUid', sopInstanceUid);
      const operation = 'WADO-RS instance metadata';
      const instance = 'dicomweb/instance-not-found';
      const found = await getDicomJson(transport, operation, instance, options, (request) =>
        client.retrieveInstanceMetadata({
          studyInstanceUID: studyInstanceUid,
          seriesInstanceUID: seriesInstanceUid,
          sopInstanceUID,
          request,
        }),
      );
      const metadata = found.find((one) => stringOf(one, 'SOPInstanceUID') === sopInstanceUid);
      if (metadata === undefined) throw new SamepointError(instance, { operation });
      return metadata;
    },
  };
}
