import type { DicomJson } from '../dicom/index.ts';
import type { NotFoundCode } from './http.ts';
import { createMetadata } from './metadata.ts';
import { resolveOptions } from './options.ts';
import type { DicomwebClientOptions, Transport } from './options.ts';
import { probe } from './probe.ts';
import { fetchInstance } from './retrieve.ts';
import { retrieveWholeSeries } from './retrieveSeries.ts';
import { withRetries } from './retry.ts';
import { createPackageClient, getDicomJson, optionsOf, queryForms } from './search.ts';
import type { PackageRequest, QueryForm } from './search.ts';
import { storePart10 } from './store.ts';
import type { DicomwebSource, QidoQuery, RequestOptions } from './types.ts';
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
  const search = createSearch(transport);
  const retrieveInstance: DicomwebSource['retrieveInstance'] = async (
    series,
    sopInstanceUid,
    request = {},
  ) => {
    requireSeriesRef(series);
    requireUid('sopInstanceUid', sopInstanceUid);
    return await withRetries(transport, request.signal, (retriesDone) =>
      fetchInstance(transport, series, sopInstanceUid, { ...request, retriesDone }),
    );
  };
  return {
    ...search,
    ...createMetadata(transport, retrieveInstance),
    retrieveInstance,

    retrieveSeries(series, request = {}) {
      return retrieveWholeSeries(transport, search, requireSeriesRef(series), request);
    },

    async probeInstance(series, sopInstanceUid, request = {}) {
      requireSeriesRef(series);
      requireUid('sopInstanceUid', sopInstanceUid);
      await withRetries(transport, request.signal, (retriesDone) =>
        probe(transport, series, sopInstanceUid, { ...request, retriesDone }),
      );
    },

    async storeInstances(studyInstanceUid, instances, request = {}) {
      requireUid('studyInstanceUid', studyInstanceUid);
      const client = createPackageClient(transport.roots.stow);
      return await storePart10(transport, client, studyInstanceUid, instances, request);
    },
  };
}

type SearchMethods = Pick<DicomwebSource, 'searchStudies' | 'searchSeries' | 'searchInstances'>;

function createSearch(transport: Transport): SearchMethods {
  const client = createPackageClient(transport.roots.qido);
  const study = 'dicomweb/study-not-found';
  const series = 'dicomweb/series-not-found';
  const search = async (
    name: string,
    notFound: NotFoundCode,
    { query, options }: { readonly query: QidoQuery; readonly options: RequestOptions },
    call: (queryParams: QueryForm, request: PackageRequest) => Promise<unknown>,
  ): Promise<readonly DicomJson[]> => {
    const forms = queryForms(query);
    // Queries with the same parameters may have another number of forms: one attribute is no list.
    const kind = { topic: `${name} ${optionsOf(query)} ${forms.length}`, forms };
    return await transport.negotiation.choose<QueryForm, readonly DicomJson[]>(kind, (queryParams) =>
      getDicomJson(transport, name, notFound, options, (request) => call(queryParams, request)),
    );
  };
  return {
    async searchStudies(query, options = {}) {
      return await search('QIDO-RS search studies', study, { query, options }, (queryParams, request) =>
        client.searchForStudies({ queryParams, request }),
      );
    },
    async searchSeries(studyInstanceUid, query, options = {}) {
      const studyInstanceUID = requireUid('studyInstanceUid', studyInstanceUid);
      return await search('QIDO-RS search series', study, { query, options }, (queryParams, request) =>
        client.searchForSeries({ studyInstanceUID, queryParams, request }),
      );
    },
    async searchInstances(ref, query, options = {}) {
      const { studyInstanceUid: studyInstanceUID, seriesInstanceUid: seriesInstanceUID } =
        requireSeriesRef(ref);
      return await search('QIDO-RS search instances', series, { query, options }, (queryParams, request) =>
        client.searchForInstances({ studyInstanceUID, seriesInstanceUID, queryParams, request }),
      );
    },
  };
}
