/**
 * Storing what a reader has confirmed of the lesions of one study (see pacsObjects/storing.ts). The report replaces the earlier ones of its
 * study; where one of them was made by somebody else meanwhile, nothing is stored.
 * @module
 */
import { isDeepStrictEqual } from 'node:util';
import type { RequestOptions } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { inImages } from '../../findings/index.ts';
import { derivedUids } from '../../documents/index.ts';
import type { FindingsDocument } from '../../findings/index.ts';
import type { ReplacedReport } from '../../report/index.ts';
import type { BuiltReport } from '../../documents/index.ts';
import { requestOptions } from '../../access/index.ts';
import type { Caller, PatientIdentity } from '../../access/index.ts';
import { currentDocuments, timePointReports } from '../findings/current.ts';
import { readDocuments, REPORTS } from '../findings/documents.ts';
import { isStored, storeNew, Turns } from '../../pacsObjects/index.ts';
import type { ReportRef, StoreOptions, StoreParts } from '../../pacsObjects/index.ts';
import { imagesOf } from './images.ts';
import type { TimePointParts } from './parts.ts';
import type { TimePointSave } from './types.ts';

/** Reports that one report names as replaced; a study in follow-up has a few. */
const MAX_PREDECESSORS = 1_000;

/** Stores reports of time points, each once. */
export class TimePointStore {
  readonly #parts: TimePointParts;
  /** By study: what a report replaces is looked up and the report stored without another one in between. */
  readonly #turns = new Turns();

  constructor(parts: TimePointParts) {
    this.#parts = parts;
  }

  /**
   * Stores observations as one DICOM SR in their study. A report that the PACS holds from an earlier attempt is not stored again.
   * @throws SamepointError `application/report-changed`, `application/identity-mismatch`, `application/instance-not-in-series`,
   *   `application/idempotency-key-reused`, `application/report-not-verified`, and errors of `report/` and `dicomweb/`.
   */
  async store(
    save: TimePointSave,
    caller: Caller,
    { idempotencyKey: key, signal }: StoreOptions = {},
  ): Promise<ReportRef> {
    const { studyInstanceUid, timePoint, assessment } = save;
    const { patient, image, planeOf } = await imagesOf(save, caller, this.#parts, signal);
    const observations = inImages(save.observations, planeOf);
    const uids = derivedUids({ key, studyInstanceUid, content: JSON.stringify(save) });
    const ids = { studyInstanceUid, ...uids };
    const options = requestOptions(caller, signal);
    const build = (predecessors: readonly ReplacedReport[]): BuiltReport => {
      const { modules, softwareVersion, clock } = this.#parts;
      const content = { observations, timePoint, ...(assessment === undefined ? {} : { assessment }) };
      const context = { image, softwareVersion, now: new Date(clock()), predecessors, uids };
      return modules.buildTimePointReport({ ...content, ...context });
    };
    await this.#turns.inTurn(studyInstanceUid, async () => {
      // An earlier attempt is found whatever was stored since; what it replaced is not known any more, but that it says the same.
      if (await isStored(ids, () => build([ids]), this.#storing(isSameContent), options)) return;
      const predecessors = await this.#predecessors(save, patient, options);
      await storeNew(build(predecessors), this.#storing(isSameReport), options);
    });
    const { seriesInstanceUid, sopInstanceUid } = ids;
    return { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  }

  /** The reports that this one replaces. @throws SamepointError application/report-changed where the reader has not seen one */
  async #predecessors(
    { studyInstanceUid, basedOn }: TimePointSave,
    patient: PatientIdentity,
    options: RequestOptions,
  ): Promise<readonly ReplacedReport[]> {
    const { documents } = await readDocuments(studyInstanceUid, patient, this.#parts, options, REPORTS);
    const unseen = timePointReports(currentDocuments(documents))
      .map(({ identity }) => identity.sopInstanceUid)
      .find((uid) => !basedOn.includes(uid));
    if (unseen !== undefined)
      throw new SamepointError('application/report-changed', { sopInstanceUid: unseen });
    // Also those that one of them has replaced: a PACS may lose the one in between.
    return timePointReports(documents).slice(0, MAX_PREDECESSORS).map(replacedReport);
  }

  #storing(isSame: (one: FindingsDocument, other: FindingsDocument) => boolean): StoreParts {
    const { source, modules } = this.#parts;
    return {
      source,
      isSame: async (held, built) => {
        const [one, other] = await Promise.all([modules.readFindings(held), modules.readFindings(built)]);
        return one.ok && other.ok && isSame(one.document, other.document);
      },
    };
  }
}

function replacedReport({ identity, createdAt }: FindingsDocument): ReplacedReport {
  const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = identity;
  const report = { studyInstanceUid, seriesInstanceUid, sopInstanceUid };
  return createdAt === undefined ? report : { ...report, createdAt };
}

/** Whether two reports say the same of the lesions and of the time point. */
function isSameContent(one: FindingsDocument, other: FindingsDocument): boolean {
  const said = ({ findings, unread, timePoint }: FindingsDocument): unknown => [findings, unread, timePoint];
  return isDeepStrictEqual(said(one), said(other));
}

/** ... and replace the same. */
function isSameReport(one: FindingsDocument, other: FindingsDocument): boolean {
  return isSameContent(one, other) && isDeepStrictEqual(one.replaces, other.replaces);
}
