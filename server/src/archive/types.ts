import type { DicomJson } from '../dicom/index.ts';
import type { Router } from 'express';

/** How to open an archive. */
export interface ArchiveOptions {
  /** Folder of the archive; made when missing. Any Part 10 file below it is served, wherever it lies. */
  readonly directory: string;
  /** Largest body of one store request, in bytes. */
  readonly maxStoreBytes?: number;
  /** Called for files of the folder that are omitted. */
  readonly onWarning?: (warning: ArchiveWarning) => void;
}

/** A file that is not served. `file` is relative to the folder and may hold UIDs: not for a log outside the hospital. */
export interface ArchiveWarning {
  readonly file: string;
  readonly reason: string;
}

/** The four UIDs by which an instance is found, and how its pixels are stored. */
export interface InstanceIdentity {
  readonly studyInstanceUid: string;
  readonly seriesInstanceUid: string;
  readonly sopInstanceUid: string;
  readonly sopClassUid: string;
  readonly transferSyntaxUid: string;
}

/** What the index knows of one instance. The file itself is read on request. */
export interface InstanceEntry extends InstanceIdentity {
  /** Absolute path. */
  readonly file: string;
  /** Data set without bulk data; a `BulkDataURI` in it is relative to the instance's own URL. */
  readonly metadata: DicomJson;
}

/** What became of an instance: `created` is false when exactly these bytes were there already. */
export interface StoredInstance extends InstanceIdentity {
  readonly created: boolean;
}

/** A small DICOMweb archive over a folder, for the demo and for tests; one process per folder. */
export interface Archive {
  /** QIDO-RS, WADO-RS and STOW-RS; mount it at the DICOMweb root. */
  readonly router: Router;
  /**
   * Stores one Part 10 file. Storing the same bytes again changes nothing.
   * @throws SamepointError `archive/not-dicom`, `archive/duplicate-instance`, `archive/write-failed`
   */
  store(part10: Uint8Array): Promise<StoredInstance>;
  /** What the archive holds. */
  counts(): { readonly studies: number; readonly series: number; readonly instances: number };
}

/**
 * Stores one Part 10 file, as {@link Archive.store}.
 * @param study refuse an instance of another study: `archive/wrong-study`
 */
export type StoreInto = (part10: Uint8Array, study?: string) => Promise<StoredInstance>;
