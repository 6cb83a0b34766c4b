import type { TimePointReportRequest } from '../wire.ts';
import { omit } from './omit.ts';
import { newUuid } from './uuid.ts';

/** A report to be stored: its content, and the key by which a repeated request is the same report. */
export interface SaveAttempt {
  readonly key: string;
  readonly request: TimePointReportRequest;
}

function contentOf(request: TimePointReportRequest): string {
  return JSON.stringify(omit(request, 'basedOn'));
}

/**
 * The reports that were sent and not answered well. The PACS may hold them: the answer may have been lost. Each is sent again as it
 * was, with its key, so that the PACS holds it once; what the reader has changed since is another report.
 */
export class SaveAttempts {
  /** One per study at most. */
  readonly #open = new Map<string, SaveAttempt>();

  /** The report of a study whose answer is not known. */
  openOf(studyInstanceUid: string): SaveAttempt | undefined {
    return this.#open.get(studyInstanceUid);
  }

  /** True for an attempt that says what the request says. */
  isSame(attempt: SaveAttempt, request: TimePointReportRequest): boolean {
    return contentOf(attempt.request) === contentOf(request);
  }

  /** A new attempt, with a key of its own. */
  begin(request: TimePointReportRequest): SaveAttempt {
    const attempt = { key: newUuid(), request };
    this.#open.set(request.studyInstanceUid, attempt);
    return attempt;
  }

  /** Forgets a report: the PACS has it, has refused it, or its key is of no use. */
  close({ key, request }: SaveAttempt): void {
    if (this.#open.get(request.studyInstanceUid)?.key === key) this.#open.delete(request.studyInstanceUid);
  }
}
