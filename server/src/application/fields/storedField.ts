/**
 * The maps of a pair that the PACS holds: that of Samepoint is used instead of computing it again, one of somebody else places a pair whose
 * own matches agree on none.
 * @module
 */
import type { DicomwebSource } from '../../dicomweb/index.ts';
import { isSamepointError } from '../../errors/index.ts';
import { decodeField } from '../../fieldFormat/index.ts';
import type { Model } from '../../model/index.ts';
import { MAX_REGISTRATION_BYTES } from '../../registrationObject/index.ts';
import { requestOptions } from '../../access/index.ts';
import type { Access, Caller, Logger } from '../../access/index.ts';
import type { Modules } from '../../ports/index.ts';
import { listRegistrations } from '../registrations/list.ts';
import type { StoredRegistration } from '../registrations/types.ts';
import type { FieldRequest } from './types.ts';

/** What reading a stored field needs of the application. */
export interface StoredFieldParts {
  readonly access: Access;
  readonly source: DicomwebSource;
  readonly modules: Pick<Modules, 'readRegistration'>;
  readonly logger: Logger;
}

/** What the PACS holds of a pair. */
export interface StoredMaps {
  /**
   * The bytes of the newest field of Samepoint: of the same model in the same version, and of the same images by their UIDs. Undefined
   * where there is none, or the PACS does not give it out: then it is computed.
   */
  readonly bytes?: Uint8Array | undefined;
  /** The newest registration of somebody else. */
  readonly prior?: StoredRegistration | undefined;
}

/** @throws the signal's reason when it is aborted */
export async function storedMaps(
  request: FieldRequest,
  model: Model,
  caller: Caller,
  parts: StoredFieldParts,
  signal: AbortSignal | undefined,
): Promise<StoredMaps> {
  try {
    const { registrations } = await listRegistrations(request, caller, parts, signal);
    const own = registrations.find((one) => isUsable(one, model));
    const bytes = own && (await bytesOf(own, request, caller, parts, signal));
    return { bytes, prior: registrations.find(({ isOwn }) => !isOwn) };
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    parts.logger.warn({ code: error.code }, 'stored registrations of a pair could not be read');
    return {};
  }
}

function isUsable(
  { isOwn, kind, model: by, isOfAllImages }: StoredRegistration,
  { id, manifest }: Model,
): boolean {
  return isOwn && kind === 'field' && isOfAllImages && by === `${id} ${manifest.version}`;
}

async function bytesOf(
  { sopInstanceUid, ...series }: StoredRegistration,
  { query, target }: FieldRequest,
  caller: Caller,
  { source, modules, logger }: StoredFieldParts,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  const options = { ...requestOptions(caller, signal), maxBytes: MAX_REGISTRATION_BYTES };
  const read = await modules.readRegistration(await source.retrieveInstance(series, sopInstanceUid, options));
  const bytes = read.ok ? read.bytes : undefined;
  const field = bytes && decodeField(bytes);
  const isOfPair =
    field?.query.seriesInstanceUid === query.seriesInstanceUid &&
    field.target.seriesInstanceUid === target.seriesInstanceUid;
  if (!isOfPair)
    logger.warn({}, 'a stored field of a pair is damaged, or of another one; it is computed anew');
  return isOfPair ? bytes : undefined;
}
