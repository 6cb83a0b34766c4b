/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { DicomJson } from '../../dicom/index.ts';
import type { DicomwebSource, RequestOptions, SeriesRef } from '../../dicomweb/index.ts';
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
export declare const encoder: TextEncoder;
export declare const decoder: TextDecoder;
/** A PACS in memory that counts its requests, and refuses callers without one of the allowed headers. */
export declare class FakePacs implements DicomwebSource {
    #private;
    readonly series: FakeSeries[];
    readonly stored: {
        readonly studyInstanceUid: string;
        readonly part10: Uint8Array;
    }[];
    readonly requests: string[];
    /** Undefined: everybody is allowed. */
    allowed: readonly string[] | undefined;
    /** Callers to whom series are listed and images are not sent. */
    withoutRetrieval: readonly string[];
    /** Held at before the first instance of a series is sent. */
    gate: Gate | undefined;
    /** Instances that are not sent although they are listed. */
    withheld: number;
    /** What becomes of an image on its way. */
    swap: (instance: FakeInstance) => FakeInstance;
    /** What the PACS does to reports that it stores. */
    coerce: (part10: Uint8Array) => Uint8Array;
    constructor(series: FakeSeries[]);
    searchStudies(query: Readonly<Record<string, string | readonly string[]>>, options?: RequestOptions): Promise<readonly DicomJson[]>;
    searchSeries(studyInstanceUid: string, _query: unknown, options?: RequestOptions): Promise<readonly DicomJson[]>;
    searchInstances(series: SeriesRef, query: Readonly<Record<string, string | readonly string[]>>, options?: RequestOptions): Promise<readonly DicomJson[]>;
    retrieveSeriesMetadata(series: SeriesRef, options?: RequestOptions): Promise<readonly DicomJson[]>;
    retrieveInstanceMetadata(series: SeriesRef, sopInstanceUid: string, options?: RequestOptions): Promise<DicomJson>;
    retrieveSeries(series: SeriesRef, options?: RequestOptions): AsyncGenerator<Uint8Array>;
    retrieveInstance(series: SeriesRef, sopInstanceUid: string, options?: RequestOptions): Promise<Uint8Array>;
    probeInstance(series: SeriesRef, sopInstanceUid: string, options?: RequestOptions): Promise<void>;
    storeInstances(studyInstanceUid: string, instances: readonly Uint8Array[], options?: RequestOptions): Promise<{
        stored: [];
        failed: [];
    }>;
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
export declare function readFakeReport(part10: Uint8Array): FakeReport;
