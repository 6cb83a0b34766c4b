/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { DicomJson } from '../../dicom/index.ts';
import type { RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { readFindings } from '../../findings/readFindings.ts';
import { SERIES, sliceMetadata, sliceUid, STUDY } from '../../findings/testing/documents.ts';
import { FakePacs } from './fakePacs.ts';

/** A document of the study. */
export interface FakeDocument {
  readonly sopInstanceUid: string;
  readonly part10: Uint8Array;
  readonly modality?: string;
  readonly seriesInstanceUid?: string;
}

/** The series of documents of {@link reportOf}. */
export const DOCUMENT_SERIES = '1.2.826.20.9';

/** A PACS with a study of ten slices, and documents in Part 10. */
export class FindingsPacs extends FakePacs {
  documents: readonly FakeDocument[] = [];
  /** Instances for which the PACS has an error in place of an answer. */
  readonly failures = new Map<string, SamepointError>();
  /** What becomes of the metadata of a slice on its way. */
  changeMetadata: (metadata: DicomJson) => DicomJson = (metadata) => metadata;

  constructor() {
    const sopInstanceUids = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9].map(sliceUid);
    super([{ studyInstanceUid: STUDY, seriesInstanceUid: SERIES, patientId: 'P1', sopInstanceUids }]);
  }

  override async searchSeries(
    studyInstanceUid: string,
    query: unknown,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    const images = await super.searchSeries(studyInstanceUid, query, options);
    const series = new Map(
      this.documents.map(({ seriesInstanceUid = DOCUMENT_SERIES, modality = 'SR' }) => [
        seriesInstanceUid,
        modality,
      ]),
    );
    const documents = [...series].map(([uid, modality]) => ({
      '0020000E': { vr: 'UI', Value: [uid] },
      '00080060': { vr: 'CS', Value: [modality] },
    }));
    return [...images, ...documents];
  }

  override async searchInstances(
    series: SeriesRef,
    query: Readonly<Record<string, string | readonly string[]>>,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    const documents = this.documents.filter(
      ({ seriesInstanceUid = DOCUMENT_SERIES }) => seriesInstanceUid === series.seriesInstanceUid,
    );
    const images = await super.searchInstances(series, query, options);
    return [
      ...images,
      ...documents.map(({ sopInstanceUid }) => ({ '00080018': { vr: 'UI', Value: [sopInstanceUid] } })),
    ];
  }

  override async retrieveInstance(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<Uint8Array> {
    await super.searchInstances(series, {}, options);
    const failure = this.failures.get(sopInstanceUid);
    if (failure !== undefined) throw failure;
    const found = this.documents.find((document) => document.sopInstanceUid === sopInstanceUid);
    if (found === undefined)
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'instance' });
    return found.part10;
  }

  override async storeInstances(
    studyInstanceUid: string,
    instances: readonly Uint8Array[],
    options?: RequestOptions,
  ): ReturnType<FakePacs['storeInstances']> {
    const answer = await super.storeInstances(studyInstanceUid, [], options);
    for (const sent of instances) {
      const part10 = this.coerce(sent);
      const read = readFindings(part10);
      if (!read.ok) throw new SamepointError('dicomweb/forbidden', { operation: 'store' });
      const { sopInstanceUid, seriesInstanceUid } = read.document.identity;
      this.documents = [...this.documents, { sopInstanceUid, seriesInstanceUid, part10 }];
    }
    return answer;
  }

  override async retrieveInstanceMetadata(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<DicomJson> {
    await super.searchInstances(series, {}, options);
    this.requests.push(`metadata ${sopInstanceUid}`);
    const failure = this.failures.get(sopInstanceUid);
    if (failure !== undefined) throw failure;
    if (series.seriesInstanceUid !== SERIES)
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'metadata' });
    return this.changeMetadata(sliceMetadata(Number(sopInstanceUid.split('.').pop())));
  }
}
