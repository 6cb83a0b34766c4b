import type { DicomwebSource } from '../dicomweb/index.ts';
import type { AlgorithmIdentification } from '../report/index.ts';
import type { Access } from '../access/index.ts';
import type { Clock, Modules } from './ports.ts';

/** What reports need of the application. */
export interface ReportParts {
  readonly access: Access;
  /** What the report names as the origin of the pairs (TID 4019). */
  readonly algorithm: AlgorithmIdentification;
  readonly source: DicomwebSource;
  /** The PACS of a name where there are several. */
  readonly clientOf?: (source: string | undefined) => DicomwebSource;
  readonly modules: Modules;
  readonly clock: Clock;
}
