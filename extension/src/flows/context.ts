import type { Client } from '../client/client.ts';
import type { LesionStore } from '../lesions/lesionStore.ts';
import type { SaveAttempts } from '../lesions/saveAttempts.ts';
import type { Settings } from '../settings.ts';
import type { ReadableModalities } from './readableModalities.ts';
import type { Reporting } from './reporting.ts';
import type { TimePoints } from './timePoints.ts';

/** What every flow works with. */
export interface Context extends Reporting {
  readonly lesions: LesionStore;
  readonly timePoints: TimePoints;
  readonly client: Client;
  readonly attempts: SaveAttempts;
  readonly settings: Settings;
  readonly readableModalities: ReadableModalities;
  /** Shows a study beside the current one; never throws. */
  readonly show: (studyInstanceUid: string) => void;
}
