import type { Assessment, ConfirmedObservation, TimePoint } from '../../report/index.ts';

/** What a reader has confirmed of the lesions of one study. */
export interface TimePointSave {
  /** The study that the observations are about, and that gets the report. */
  readonly studyInstanceUid: string;
  /** Its PACS, where there are several. */
  readonly source?: string | undefined;
  readonly timePoint: TimePoint;
  /** All that is to count from now on; none withdraws what was said before. */
  readonly observations: readonly ConfirmedObservation[];
  /** SOP Instance UIDs of the reports of the time point that the reader has seen. */
  readonly basedOn: readonly string[];
  readonly assessment?: Assessment;
}
