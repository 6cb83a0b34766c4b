/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import type { ConfirmedPair } from '../../report/index.ts';
import type { Gate } from './gate.ts';

/** One series of the fake PACS. */
export interface FakeSeries extends SeriesRef {
  readonly patientId?: string;
  readonly issuer?: string;
  readonly sopInstanceUids: readonly string[];
  /** What the images hold; a change is other images under the same UIDs. */
  readonly pixels?: string;
}

/** What the fake PACS sends of an instance: JSON. */
export interface FakeInstance extends SeriesRef {
  readonly uid: string;
  readonly patientId?: string;
  readonly issuer?: string;
  readonly pixels?: string;
}

function element(vr: string, value: string | undefined): DicomJson[string] {
  return value === undefined ? { vr } : { vr, Value: [value] };
}

export const encoder = new TextEncoder();
export const decoder = new TextDecoder();

/** A PACS in memory that counts its requests, and refuses callers without one of the allowed headers. */
export class FakePacs implements DicomwebSource {
  readonly series: FakeSeries[];
  readonly stored: { readonly studyInstanceUid: string; readonly part10: Uint8Array }[] = [];
  readonly requests: string[] = [];
  /** Undefined: everybody is allowed. */
  allowed: readonly string[] | undefined;
  /** Callers to whom series are listed and images are not sent. */
  withoutRetrieval: readonly string[] = [];
  /** Held at before the first instance of a series is sent. */
  gate: Gate | undefined;
  /** Instances that are not sent although they are listed. */
  withheld = 0;
  /** What becomes of an image on its way. */
  swap: (instance: FakeInstance) => FakeInstance = (instance) => instance;
  /** What the PACS does to reports that it stores. */
  coerce: (part10: Uint8Array) => Uint8Array = (part10) => part10;

  constructor(series: FakeSeries[]) {
    this.series = series;
  }

  #check(operation: string, { authorization, signal }: RequestOptions = {}): void {
    signal?.throwIfAborted();
    this.requests.push(operation);
    if (this.allowed !== undefined && !this.allowed.includes(authorization ?? '')) {
      throw new SamepointError('dicomweb/unauthorized', { operation });
    }
  }

  #checkRetrieval(operation: string, options: RequestOptions = {}): void {
    this.#check(operation, options);
    if (this.withoutRetrieval.includes(options.authorization ?? '')) {
      throw new SamepointError('dicomweb/forbidden', { operation });
    }
  }

  #find({ studyInstanceUid, seriesInstanceUid }: SeriesRef): FakeSeries | undefined {
    return this.series.find(
      (series) =>
        series.studyInstanceUid === studyInstanceUid && series.seriesInstanceUid === seriesInstanceUid,
    );
  }

  async searchStudies(
    query: Readonly<Record<string, string | readonly string[]>>,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    await Promise.resolve();
    this.#check('studies', options);
    return this.series
      .filter(({ studyInstanceUid }) => studyInstanceUid === query['StudyInstanceUID'])
      .slice(0, 1)
      .map(({ studyInstanceUid, patientId, issuer }) => ({
        '0020000D': element('UI', studyInstanceUid),
        '00100020': element('LO', patientId),
        '00100021': element('LO', issuer),
      }));
  }

  async searchSeries(
    studyInstanceUid: string,
    _query: unknown,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    await Promise.resolve();
    this.#check('series', options);
    const images = this.series
      .filter((series) => series.studyInstanceUid === studyInstanceUid)
      .map(({ seriesInstanceUid, sopInstanceUids }) => ({
        uid: seriesInstanceUid,
        modality: 'CT',
        instances: sopInstanceUids.length,
      }));
    const reports = this.stored
      .filter((stored) => stored.studyInstanceUid === studyInstanceUid)
      .map(({ part10 }) => ({ uid: readFakeReport(part10).seriesInstanceUid, modality: 'SR', instances: 1 }));
    return [...images, ...reports].map(({ uid, modality, instances }) => ({
      '0020000E': element('UI', uid),
      '00080060': element('CS', modality),
      '00201209': element('IS', `${instances}`),
    }));
  }

  async searchInstances(
    series: SeriesRef,
    query: Readonly<Record<string, string | readonly string[]>>,
    options?: RequestOptions,
  ): Promise<readonly DicomJson[]> {
    await Promise.resolve();
    this.#check('instances', options);
    const reports = this.stored
      .map(({ part10 }) => readFakeReport(part10))
      .filter(({ seriesInstanceUid }) => seriesInstanceUid === series.seriesInstanceUid)
      .map(({ sopInstanceUid }) => sopInstanceUid);
    const uids = this.#find(series)?.sopInstanceUids ?? reports;
    const first = Number(query['offset'] ?? 0);
    return uids
      .slice(first, first + Number(query['limit'] ?? uids.length))
      .map((uid) => ({ '00080018': element('UI', uid) }));
  }

  async retrieveSeriesMetadata(series: SeriesRef, options?: RequestOptions): Promise<readonly DicomJson[]> {
    await Promise.resolve();
    this.#check('metadata', options);
    const found = this.#find(series);
    return (found?.sopInstanceUids ?? []).map((uid) => {
      const { patientId, issuer } = this.swap({ ...series, ...found, uid });
      return {
        '00080018': element('UI', uid),
        '0020000D': element('UI', series.studyInstanceUid),
        '0020000E': element('UI', series.seriesInstanceUid),
        '00100020': element('LO', patientId),
        '00100021': element('LO', issuer),
      };
    });
  }

  async retrieveInstanceMetadata(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<DicomJson> {
    const all = await this.retrieveSeriesMetadata(series, options);
    const found = all.find((one) => one['00080018']?.Value?.[0] === sopInstanceUid);
    if (found === undefined)
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'metadata' });
    return found;
  }

  async *retrieveSeries(series: SeriesRef, options?: RequestOptions): AsyncGenerator<Uint8Array> {
    this.#checkRetrieval('retrieve', options);
    await this.gate?.pass(options?.signal);
    const found = this.#find(series);
    const uids = found?.sopInstanceUids ?? [];
    for (const uid of uids.slice(0, uids.length - this.withheld)) yield this.#image(series, found, uid);
  }

  #image(
    { studyInstanceUid, seriesInstanceUid }: SeriesRef,
    found: FakeSeries | undefined,
    uid: string,
  ): Uint8Array {
    const { patientId, issuer, pixels } = found ?? {};
    const instance = { studyInstanceUid, seriesInstanceUid, uid, patientId, issuer, pixels };
    return encoder.encode(JSON.stringify(this.swap(instance as FakeInstance)));
  }

  async retrieveInstance(
    series: SeriesRef,
    sopInstanceUid: string,
    options?: RequestOptions,
  ): Promise<Uint8Array> {
    await Promise.resolve();
    this.#checkRetrieval('instance', options);
    const images = this.#find(series);
    if (images?.sopInstanceUids.includes(sopInstanceUid) === true)
      return this.#image(series, images, sopInstanceUid);
    const found = this.stored.find(({ part10 }) => readFakeReport(part10).sopInstanceUid === sopInstanceUid);
    if (found === undefined)
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'instance' });
    return this.coerce(found.part10);
  }

  async probeInstance(series: SeriesRef, sopInstanceUid: string, options?: RequestOptions): Promise<void> {
    await Promise.resolve();
    this.#checkRetrieval('probe', options);
    if (this.#find(series)?.sopInstanceUids.includes(sopInstanceUid) !== true) {
      throw new SamepointError('dicomweb/instance-not-found', { operation: 'probe' });
    }
  }

  async storeInstances(
    studyInstanceUid: string,
    instances: readonly Uint8Array[],
    options?: RequestOptions,
  ): Promise<{ stored: []; failed: [] }> {
    await Promise.resolve();
    this.#check('store', options);
    this.stored.push(...instances.map((part10) => ({ studyInstanceUid, part10 })));
    return { stored: [], failed: [] };
  }
}

/** The fake form of a report: JSON. */
export interface FakeReport {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly createdAt: string;
  readonly pairs: readonly ConfirmedPair[];
}

/** Reads the fake form. */
export function readFakeReport(part10: Uint8Array): FakeReport {
  return JSON.parse(decoder.decode(part10)) as FakeReport;
}
