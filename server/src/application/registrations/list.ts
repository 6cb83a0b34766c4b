/**
 * The registration objects of a pair that the PACS holds, read from their metadata.
 * @module
 */
import { stringOf, tagOf } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { isSamepointError } from '../../errors/index.ts';
import { describeRegistration } from '../../registrationObject/index.ts';
import { assertMetadataIdentity, requestOptions } from '../../access/index.ts';
import type { Access, Caller, Logger } from '../../access/index.ts';
import type { FieldRequest } from '../fields/types.ts';
import { sideBySide } from '../../pacsObjects/index.ts';
import { grantedPair } from './pair.ts';
import type { PairSeries } from './pair.ts';
import type { RegistrationList, StoredRegistration } from './types.ts';

/** What listing needs of the application. */
export interface RegistrationListParts {
  readonly access: Access;
  readonly source: DicomwebSource;
  readonly logger: Logger;
}

/** Series of registration objects that are looked at. */
const MAX_SERIES = 100;

/**
 * The registration objects of a pair, in the studies of both series.
 * @throws SamepointError see {@link grantedPair}
 */
export async function listRegistrations(
  request: Pick<FieldRequest, 'query' | 'target'>,
  caller: Caller,
  parts: RegistrationListParts,
  signal?: AbortSignal,
): Promise<RegistrationList> {
  const pair = await grantedPair(request, caller, parts, signal);
  const options = requestOptions(caller, signal);
  const studies = [
    ...new Set([request.query, request.target].map(({ studyInstanceUid }) => studyInstanceUid)),
  ];
  const listed = (await Promise.all(studies.map((study) => seriesIn(study, parts.source, options)))).flat();
  const registrations: StoredRegistration[] = [];
  let unread = Math.max(listed.length - MAX_SERIES, 0);
  await sideBySide(listed.slice(0, MAX_SERIES), async (series) => {
    const found = await objectsIn(series, pair, parts, options);
    if (found === undefined) unread += 1;
    else registrations.push(...found);
  });
  const newestFirst = registrations.toSorted((a, b) => b.createdAt.localeCompare(a.createdAt));
  return { registrations: newestFirst, unread };
}

async function seriesIn(
  studyInstanceUid: string,
  source: DicomwebSource,
  options: RequestOptions,
): Promise<readonly SeriesRef[]> {
  const query = { Modality: 'REG', includefield: [tagOf('Modality')] };
  const found = await source.searchSeries(studyInstanceUid, query, options);
  return found.flatMap((json) => {
    const seriesInstanceUid = stringOf(json, 'SeriesInstanceUID');
    // A PACS may pass over what it does not search by.
    if (seriesInstanceUid === undefined || stringOf(json, 'Modality') !== 'REG') return [];
    return [{ studyInstanceUid, seriesInstanceUid }];
  });
}

/** The objects of a series that register the pair; undefined where the PACS does not give them out. */
async function objectsIn(
  series: SeriesRef,
  { query, target }: { readonly query: PairSeries; readonly target: PairSeries },
  { source, logger }: RegistrationListParts,
  options: RequestOptions,
): Promise<readonly StoredRegistration[] | undefined> {
  try {
    const instances = await source.retrieveSeriesMetadata(series, options);
    return instances.flatMap((json) => {
      const description = describeRegistration(json, query, target);
      const sopInstanceUid = stringOf(json, 'SOPInstanceUID');
      if (description === undefined || sopInstanceUid === undefined) return [];
      assertMetadataIdentity(json, { ...query.granted, series });
      return [{ ...series, sopInstanceUid, ...description }];
    });
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    logger.warn({ code: error.code }, 'a series of registration objects could not be read');
    return undefined;
  }
}
