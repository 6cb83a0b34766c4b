/** WADO-RS metadata, and the header of the instance itself where the PACS has none. */
import { headerJson, stringOf, UnreadableDicom } from '../dicom/index.ts';
import type { DicomJson } from '../dicom/index.ts';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { refusalOf } from './negotiation.ts';
import type { Refusal } from './negotiation.ts';
import type { Transport } from './options.ts';
import { createPackageClient, getDicomJson } from './search.ts';
import type { PackageClient } from './search.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from './types.ts';
import { requireSeriesRef, requireUid } from './uid.ts';

type MetadataMethods = Pick<DicomwebSource, 'retrieveSeriesMetadata' | 'retrieveInstanceMetadata'>;

const OPERATION = 'WADO-RS instance metadata';
/** Largest instance that is retrieved for its header: an Enhanced instance of 250 slices. A few are in memory at a time. */
const MAX_HEADER_SOURCE_BYTES = 128 * 1024 ** 2;

/** Where the metadata of an instance come from, the best first. */
const SOURCES = ['metadata', 'instance'] as const;

/** One instance. */
interface Wanted {
  readonly series: SeriesRef;
  readonly sopInstanceUid: string;
}

/** The metadata methods of a client. */
export function createMetadata(
  transport: Transport,
  retrieveInstance: DicomwebSource['retrieveInstance'],
): MetadataMethods {
  const client = createPackageClient(transport.roots.wado);
  return {
    async retrieveSeriesMetadata(ref, options = {}) {
      const { studyInstanceUid: studyInstanceUID, seriesInstanceUid: seriesInstanceUID } =
        requireSeriesRef(ref);
      const notFound = 'dicomweb/series-not-found';
      return await getDicomJson(transport, 'WADO-RS series metadata', notFound, options, (request) =>
        client.retrieveSeriesMetadata({ studyInstanceUID, seriesInstanceUID, request }),
      );
    },

    async retrieveInstanceMetadata(ref, sopInstanceUid, options = {}) {
      const wanted = {
        series: requireSeriesRef(ref),
        sopInstanceUid: requireUid('sopInstanceUid', sopInstanceUid),
      };
      const kind = { topic: OPERATION, forms: SOURCES, refusalOf: metadataRefusalOf };
      return await transport.negotiation.choose<(typeof SOURCES)[number], DicomJson>(kind, (source) =>
        source === 'metadata'
          ? ownMetadata(transport, client, wanted, options)
          : headerOf(wanted, options, retrieveInstance),
      );
    },
  };
}

/** As the PACS gives them (PS3.18 10.4.1.1.2). */
async function ownMetadata(
  transport: Transport,
  client: PackageClient,
  { series, sopInstanceUid }: Wanted,
  options: RequestOptions,
): Promise<DicomJson> {
  const { studyInstanceUid, seriesInstanceUid } = series;
  const notFound = 'dicomweb/instance-not-found';
  const found = await getDicomJson(transport, OPERATION, notFound, options, (request) =>
    client.retrieveInstanceMetadata({
      studyInstanceUID: studyInstanceUid,
      seriesInstanceUID: seriesInstanceUid,
      sopInstanceUID: sopInstanceUid,
      request,
    }),
  );
  const metadata = found.find((one) => stringOf(one, 'SOPInstanceUID') === sopInstanceUid);
  if (metadata === undefined) throw new SamepointError(notFound, { operation: OPERATION });
  return metadata;
}

/** As the instance itself has them. */
async function headerOf(
  { series, sopInstanceUid }: Wanted,
  options: RequestOptions,
  retrieveInstance: DicomwebSource['retrieveInstance'],
): Promise<DicomJson> {
  const part10 = await retrieveInstance(series, sopInstanceUid, {
    ...options,
    maxBytes: MAX_HEADER_SOURCE_BYTES,
  });
  try {
    return headerJson(part10);
  } catch (error) {
    if (!(error instanceof UnreadableDicom)) throw error;
    throw new SamepointError('dicomweb/bad-answer', { operation: OPERATION, reason: error.message });
  }
}

/** Whether the other source may have what this one has not: XML where JSON is read, no such resource, a failure. */
function metadataRefusalOf(error: unknown): Refusal {
  const isNoMetadata =
    isSamepointError(error, 'dicomweb/instance-not-found') ||
    isSamepointError(error, 'dicomweb/bad-answer') ||
    isSamepointError(error, 'dicomweb/nearline') ||
    isSamepointError(error, 'dicomweb/rejected');
  return isNoMetadata ? 'clear' : refusalOf(error);
}
