/**
 * The map of a pair that Samepoint has stored in the PACS before: used instead of computing it again.
 * @module
 */
import type { DicomwebSource } from '../../dicomweb/index.ts';
import { isSamepointError } from '../../errors/index.ts';
import { decodeField } from '../../matching/index.ts';
import type { Model } from '../../model/index.ts';
import { MAX_REGISTRATION_BYTES } from '../../report/index.ts';
import { requestOptions } from '../access.ts';
import type { Access } from '../access.ts';
import type { Logger, Modules } from '../ports.ts';
import { listRegistrations } from '../registrations/list.ts';
import type { StoredRegistration } from '../registrations/types.ts';
import type { Caller } from '../types.ts';
import type { FieldRequest } from './types.ts';

/** What reading a stored field needs of the application. */
export interface StoredFieldParts {
  readonly access: Access;
  readonly source: DicomwebSource;
  readonly modules: Pick<Modules, 'readRegistration'>;
  readonly logger: Logger;
}

/**
 * The bytes of the newest field of Samepoint for the pair: of the same model in the same version, and of the same images by their UIDs.
 * Undefined where there is none, or the PACS does not give it out: then it is computed.
 * @throws the signal's reason when it is aborted
 */
export async function storedField(
  request: FieldRequest,
  model: Model,
  caller: Caller,
  parts: StoredFieldParts,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  try {
    const { registrations } = await listRegistrations(request, caller, parts, signal);
    const own = registrations.find((one) => isUsable(one, model));
    return own && (await bytesOf(own, request, caller, parts, signal));
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    parts.logger.warn({ code: error.code }, 'stored registrations of a pair could not be read');
    return undefined;
  }
}

function isUsable({ isOwn, kind, model: by, isOfAllImages }: StoredRegistration, { id, manifest }: Model): boolean {
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
  if (!isOfPair) logger.warn({}, 'a stored field of a pair is damaged, or of another one; it is computed anew');
  return isOfPair ? bytes : undefined;
}
