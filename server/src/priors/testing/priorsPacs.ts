/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { DicomJson, Keyword } from '../../dicom/index.ts';
import { ATTRIBUTES } from '../../dicom/index.ts';
import type { RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { FakePacs } from '../../ports/testing/fakePacs.ts';

/** A series of parallel slices. */
export interface FakePriorSeries {
  readonly uid: string;
  readonly modality?: string;
  readonly description?: string;
  readonly images?: number;
  readonly spacingMm?: number;
  /** Place of the first slice along its normal. */
  readonly startMm?: number;
  readonly plane?: 'axial' | 'coronal';
  readonly frame?: string;
  readonly kernel?: string;
  readonly agent?: string;
  readonly imageType?: readonly string[];
  /** What becomes of the header of an image, by its index. */
  readonly change?: (index: number) => DicomJson;
}

/** A study. */
export interface FakePriorStudy {
  readonly uid: string;
  readonly date?: string;
  readonly time?: string;
  readonly patientId?: string;
  readonly issuer?: string;
  readonly series: readonly FakePriorSeries[];
}

/** DICOM JSON of values by keyword; undefined ones are omitted. */
export function jsonOf(values: Partial<Record<Keyword, unknown>>): DicomJson {
  const known = Object.entries(values).filter(([, value]) => value !== undefined);
  return Object.fromEntries(
    known.map(([keyword, value]) => {
      const [tag, vr] = ATTRIBUTES[keyword as Keyword];
      const all: readonly unknown[] = Array.isArray(value) ? value : [value];
      return [tag, { vr, Value: all }];
    }),
  );
}

/** The header of an image of a series. */
export function headerOf(study: FakePriorStudy, series: FakePriorSeries, index: number): DicomJson {
  const { startMm = 0, spacingMm = 2, plane = 'axial' } = series;
  const along = startMm + index * spacingMm;
  return {
    ...jsonOf({
      StudyInstanceUID: study.uid,
      SeriesInstanceUID: series.uid,
      SOPInstanceUID: `${series.uid}.${index}`,
      PatientID: study.patientId,
      IssuerOfPatientID: study.issuer,
      StudyDate: study.date,
      StudyTime: study.time,
      Modality: series.modality ?? 'CT',
      SeriesDescription: series.description,
      ImageType: series.imageType ?? ['ORIGINAL', 'PRIMARY', 'AXIAL'],
      FrameOfReferenceUID: series.frame ?? `${series.uid}.9`,
      ImagePositionPatient: plane === 'axial' ? [-200, -200, along] : [-200, along, 200],
      ImageOrientationPatient: plane === 'axial' ? [1, 0, 0, 0, 1, 0] : [1, 0, 0, 0, 0, -1],
      PixelSpacing: [0.8, 0.8],
      Rows: 512,
      Columns: 512,
      SliceThickness: spacingMm,
      ConvolutionKernel: series.kernel,
      ContrastBolusAgent: series.agent,
    }),
    ...series.change?.(index),
  };
}

/** A PACS with studies of patients. */
export class PriorsPacs extends FakePacs {
  readonly studies: FakePriorStudy[];
  /** Errors in place of an answer, by the UID of a study or series. */
  readonly failures = new Map<string, SamepointError>();
  /** Studies whose series never come. */
  readonly silent = new Set<string>();
  /** A PACS that answers required attributes of a search only (PS3.18 10.6.3.3). */
  ignoresIncludefield = false;
  /** A PACS that ignores keys of a search. */
  ignoresKeys = false;
  pageSize = Infinity;
  /** Series requests under way, and the most at a time. */
  underWay = 0;
  mostUnderWay = 0;

  constructor(studies: FakePriorStudy[]) {
    super([]);
    this.studies = studies;
  }

  override async searchStudies(
    query: Readonly<Record<string, string | readonly string[]>>,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    await super.searchStudies({}, options);
    const { StudyInstanceUID, PatientID, offset = 0 } = query;
    const found = this.studies.filter(
      ({ uid, patientId }) =>
        this.ignoresKeys ||
        (StudyInstanceUID === undefined ? patientId === PatientID : uid === StudyInstanceUID),
    );
    const page = found.slice(Number(offset)).slice(0, this.pageSize);
    return page.map(({ uid, date, time, patientId, issuer, series }) =>
      jsonOf({
        StudyInstanceUID: uid,
        StudyDate: date,
        StudyTime: time,
        PatientID: patientId,
        ...(this.ignoresIncludefield
          ? {}
          : {
              IssuerOfPatientID: issuer,
              ModalitiesInStudy: series.map(({ modality = 'CT' }) => modality),
            }),
      }),
    );
  }

  override async searchSeries(
    studyInstanceUid: string,
    query: unknown,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    this.underWay += 1;
    this.mostUnderWay = Math.max(this.underWay, this.mostUnderWay);
    await super.searchSeries(studyInstanceUid, query, options);
    await new Promise(setImmediate);
    this.underWay -= 1;
    this.requests.push(`series of ${studyInstanceUid}`);
    this.#fail(studyInstanceUid);
    if (this.silent.has(studyInstanceUid)) await never(options?.signal);
    const study = this.studies.find(({ uid }) => uid === studyInstanceUid);
    return (study?.series ?? []).map(({ uid, modality = 'CT', description, images = 100 }) =>
      jsonOf({
        SeriesInstanceUID: uid,
        ...(this.ignoresIncludefield
          ? {}
          : {
              Modality: modality,
              SeriesDescription: description,
              NumberOfSeriesRelatedInstances: String(images),
            }),
      }),
    );
  }

  override async searchInstances(
    series: SeriesRef,
    query: Readonly<Record<string, string | readonly string[]>>,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    await super.searchInstances(series, query, options);
    this.#fail(series.seriesInstanceUid);
    const images = this.#seriesOf(series)?.[1].images ?? 100;
    // Not in the order of their numbers: a PACS answers in any.
    const all = Array.from({ length: images }, (_, index) => (index * 7) % images);
    const isMixed = new Set(all).size === images;
    const page = (isMixed ? all : [...all.keys()])
      .slice(Number(query['offset'] ?? 0))
      .slice(0, this.pageSize);
    return page.map((index) =>
      jsonOf({ SOPInstanceUID: `${series.seriesInstanceUid}.${index}`, InstanceNumber: index + 1 }),
    );
  }

  override async retrieveInstanceMetadata(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<DicomJson> {
    await super.searchInstances(series, {}, options);
    this.requests.push(`header ${sopInstanceUid}`);
    this.#fail(series.seriesInstanceUid);
    const [study, found] = this.#seriesOf(series) ?? [];
    if (study === undefined || found === undefined)
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'metadata' });
    return headerOf(study, found, Number(sopInstanceUid.split('.').pop()));
  }

  #fail(uid: string): void {
    const failure = this.failures.get(uid);
    if (failure !== undefined) throw failure;
  }

  #seriesOf({
    studyInstanceUid,
    seriesInstanceUid,
  }: SeriesRef): readonly [FakePriorStudy, FakePriorSeries] | undefined {
    const study = this.studies.find(({ uid }) => uid === studyInstanceUid);
    const series = study?.series.find(({ uid }) => uid === seriesInstanceUid);
    return study === undefined || series === undefined ? undefined : [study, series];
  }
}

/** Rejects with the reason of the signal when it aborts. */
async function never(signal: AbortSignal | undefined): Promise<never> {
  return await new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => {
      reject(signal.reason as Error);
    });
  });
}
