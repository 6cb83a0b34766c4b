/**
 * Retrieves the documents of a study that may hold findings.
 * @module
 */
import { stringOf, tagOf } from '../../dicom/index.ts';
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { isSamepointError } from '../../errors/index.ts';
import { FINDING_SOURCES, MAX_DOCUMENT_BYTES } from '../../findings/index.ts';
import type { FindingsDocument } from '../../findings/index.ts';
import type { Logger, PatientIdentity } from '../../access/index.ts';
import { assertIdentity } from '../../access/index.ts';
import type { Modules } from '../../ports/index.ts';
import { sideBySide, TolerantRequests } from '../../pacsObjects/index.ts';
import type { DocumentCounts } from './types.ts';

/** What reading documents needs of the application. */
export interface DocumentParts {
  readonly source: DicomwebSource;
  readonly modules: Pick<Modules, 'readFindings'>;
  readonly logger: Logger;
}

/** Key Object Selections may withdraw documents. */
const ALL: readonly string[] = [...FINDING_SOURCES, 'KO'];
/** Modalities of reports and of what withdraws them. */
export const REPORTS: readonly string[] = ['SR', 'KO'];
/** Documents of one study that are read; a study in follow-up has a few. */
const MAX_DOCUMENTS = 200;
/** Documents of modality SR that hold no findings, e.g. the radiation dose of every CT (PS3.4 B.5): not retrieved where the PACS names their class. */
const WITHOUT_FINDINGS: ReadonlySet<string> = new Set(
  ['40', '67', '68', '70', '73', '74', '75', '76'].map((last) => `1.2.840.10008.5.1.4.1.1.88.${last}`),
);
/** Findings of one study that are held in memory at once. */
const MAX_FINDINGS = 50_000;

/** The documents that could be read, and what became of the others. */
export interface Documents {
  readonly documents: readonly FindingsDocument[];
  readonly counts: Pick<DocumentCounts, 'unreadable' | 'foreign' | 'leftOut'>;
}

/** Reads the documents of one study for one caller. */
class Reading {
  readonly #parts: DocumentParts;
  readonly #patient: PatientIdentity;
  readonly #options: RequestOptions;
  readonly #requests: TolerantRequests;
  readonly #documents: FindingsDocument[] = [];
  #findings = 0;
  #retrieved = 0;
  #unreadable = 0;
  #foreign = 0;
  #leftOut = 0;

  /** @param isThere a request that a PACS which runs answers. */
  constructor(
    parts: DocumentParts,
    patient: PatientIdentity,
    options: RequestOptions,
    isThere: () => Promise<unknown>,
  ) {
    this.#parts = parts;
    this.#patient = patient;
    this.#options = options;
    this.#requests = new TolerantRequests(parts.logger, isThere);
  }

  async readSeries(series: SeriesRef): Promise<void> {
    const { source } = this.#parts;
    const listed = await this.#requests.search(() => source.searchInstances(series, {}, this.#options));
    await sideBySide((listed ?? []).filter(mayBeRead), async (instance) => {
      const sopInstanceUid = stringOf(instance, 'SOPInstanceUID');
      if (sopInstanceUid === undefined) return;
      if (this.#retrieved >= MAX_DOCUMENTS || this.#findings >= MAX_FINDINGS) {
        this.#leftOut += 1;
        return;
      }
      this.#retrieved += 1;
      const options = { ...this.#options, maxBytes: MAX_DOCUMENT_BYTES };
      const part10 = await this.#requests.retrieve(() =>
        source.retrieveInstance(series, sopInstanceUid, options),
      );
      if (part10 !== undefined) await this.#read(series, part10);
    });
  }

  /** @throws SamepointError where the PACS did not answer for any of them */
  async result(): Promise<Documents> {
    await this.#requests.requireAnswers();
    const unreadable = this.#unreadable + this.#requests.refused;
    const counts = { unreadable, foreign: this.#foreign, leftOut: this.#leftOut };
    return { documents: this.#documents, counts };
  }

  async #read(series: SeriesRef, part10: Uint8Array): Promise<void> {
    const { modules, logger } = this.#parts;
    const read = await modules.readFindings(part10);
    if (!read.ok) {
      if (!read.isDamaged) return;
      this.#unreadable += 1;
      logger.warn({ reason: read.reason }, 'a document of the study cannot be read');
      return;
    }
    const { document } = read;
    try {
      assertIdentity(document.identity, { series, sopInstanceUids: [], patient: this.#patient });
    } catch (error) {
      if (!isSamepointError(error, 'application/identity-mismatch')) throw error;
      this.#foreign += 1;
      logger.warn({ attribute: error.fields.attribute }, 'a document of the study is of something else');
      return;
    }
    this.#findings += document.findings.length;
    this.#documents.push(document);
  }
}

/** Reads every document of a study that may hold findings, or those of some modalities; those that cannot be read are counted. */
export async function readDocuments(
  studyInstanceUid: string,
  patient: PatientIdentity,
  parts: DocumentParts,
  options: RequestOptions,
  modalities: readonly string[] = ALL,
): Promise<Documents> {
  const query = { includefield: [tagOf('Modality')] };
  const search = (): Promise<readonly DicomJson[]> =>
    parts.source.searchSeries(studyInstanceUid, query, options);
  const found = await search();
  const reading = new Reading(parts, patient, options, search);
  for (const json of found) {
    const seriesInstanceUid = stringOf(json, 'SeriesInstanceUID');
    if (seriesInstanceUid === undefined || !isOneOf(modalities, json)) continue;
    await reading.readSeries({ studyInstanceUid, seriesInstanceUid });
  }
  return await reading.result();
}

function mayBeRead(instance: DicomJson): boolean {
  return !WITHOUT_FINDINGS.has(stringOf(instance, 'SOPClassUID') ?? '');
}

function isOneOf(modalities: readonly string[], series: DicomJson): boolean {
  return modalities.includes(stringOf(series, 'Modality') ?? '');
}
