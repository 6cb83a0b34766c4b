/**
 * Storing the map of a pair as a DICOM object (see pacsObjects/storing.ts).
 * @module
 */
import { createHash } from 'node:crypto';
import { stringOf } from '../../dicom/index.ts';
import type { DicomwebSource } from '../../dicomweb/index.ts';
import { decodeField } from '../../fieldFormat/index.ts';
import { derivedUids } from '../../documents/index.ts';
import type { RegisteredImages } from '../../registrationObject/index.ts';
import type { BuiltReport } from '../../documents/index.ts';
import { requestOptions } from '../../access/index.ts';
import type { Access, Caller } from '../../access/index.ts';
import type { PairField } from '../fields/types.ts';
import type { Clock, Modules } from '../../ports/index.ts';
import { isStored, storeNew, Turns } from '../../pacsObjects/index.ts';
import type { ReportRef, StoreOptions, StoreParts } from '../../pacsObjects/index.ts';
import { grantedPair } from './pair.ts';
import type { PairSeries } from './pair.ts';
import type { RegistrationSave } from './types.ts';

/** What storing needs of the application. */
export interface RegistrationParts {
  readonly access: Access;
  readonly source: DicomwebSource;
  readonly modules: Pick<Modules, 'buildRegistration' | 'readRegistration'>;
  readonly clock: Clock;
  readonly softwareVersion: string;
}

/** Stores registration objects, each once. */
export class RegistrationStore {
  readonly #parts: RegistrationParts;
  /** By series. */
  readonly #turns = new Turns();

  constructor(parts: RegistrationParts) {
    this.#parts = parts;
  }

  /**
   * Stores the map of a pair in the study of its query. An object that the PACS holds from an earlier attempt is not stored again.
   * @throws SamepointError `application/idempotency-key-reused`, `application/report-not-verified`, and errors of `report/` and
   *   `dicomweb/`
   */
  async store(
    save: RegistrationSave,
    { bytes }: PairField,
    caller: Caller,
    { idempotencyKey: key, signal }: StoreOptions = {},
  ): Promise<ReportRef> {
    const built = await this.#build(save, bytes, key, caller, signal);
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = built;
    const options = requestOptions(caller, signal);
    const storing = this.#storing();
    await this.#turns.inTurn(seriesInstanceUid, async () => {
      if (!(await isStored(built, () => built, storing, options))) await storeNew(built, storing, options);
    });
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  async #build(
    save: RegistrationSave,
    bytes: Uint8Array,
    key: string | undefined,
    caller: Caller,
    signal: AbortSignal | undefined,
  ): Promise<BuiltReport> {
    const { modules, softwareVersion, clock } = this.#parts;
    const { query, target } = await grantedPair(save, caller, this.#parts, signal);
    const field = decodeField(bytes);
    if (field === undefined) throw new RangeError('a field of ours is none');
    const { kind } = save;
    const digest = createHash('sha256').update(bytes).digest('hex');
    const content = JSON.stringify([save.query, save.target, kind, digest]);
    return modules.buildRegistration({
      kind,
      field,
      bytes,
      query: imagesOf(query),
      target: imagesOf(target),
      current: query.image,
      softwareVersion,
      now: new Date(clock()),
      uids: derivedUids({ key, studyInstanceUid: save.query.studyInstanceUid, content }),
    });
  }

  #storing(): StoreParts {
    const { source, modules } = this.#parts;
    return {
      source,
      isSame: async (held, built) => {
        const [one, other] = await Promise.all([
          modules.readRegistration(held),
          modules.readRegistration(built),
        ]);
        return one.ok && other.ok && one.digest === other.digest;
      },
    };
  }
}

function imagesOf({ image, sopInstanceUids }: PairSeries): RegisteredImages {
  return { sopClassUid: stringOf(image, 'SOPClassUID') ?? '', sopInstanceUids };
}
