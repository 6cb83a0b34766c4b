import type { DicomwebSource } from '../../dicomweb/index.ts';
import type { Access, Logger } from '../../access/index.ts';
import type { Clock, Modules } from '../../ports/index.ts';

/** What storing reports of time points needs of the application. */
export interface TimePointParts {
  readonly access: Access;
  readonly source: DicomwebSource;
  readonly modules: Pick<Modules, 'buildTimePointReport' | 'readFindings'>;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly softwareVersion: string;
}
