import { notices } from '../i18n/words.ts';
import { asFailure, isCancelled } from '../client/failure.ts';
import type { NoticeMend } from '../lesions/activity.ts';
import type { ActivityStore } from '../lesions/activityStore.ts';
import type { Host } from '../viewer/host.ts';

/** What a failure is reported with. */
export interface Reporting {
  readonly host: Host;
  readonly activity: ActivityStore;
  /** True while the reader can see the panel; otherwise a notice is shown as the host's toast as well. */
  readonly panelVisible: () => boolean;
  /** Shows the newest prior beside the current study; never throws. */
  readonly compare: () => void;
}

/** What a flow is about: the words for the reader, and how it is started again. */
export interface Subject {
  readonly subject: string;
  /** Where the same words stand for several things: which of them. */
  readonly topic?: string;
  readonly retry?: () => void;
}

let lastId = 0;

/** An id that is unique on this page. */
export function newId(kind: string): string {
  lastId += 1;
  return `${kind}-${lastId}`;
}

/** Reports a failure to the reader, except a cancel, which is the reader's own action. */
export function reportFailure(context: Reporting, about: Subject, error: unknown): void {
  if (isCancelled(error)) return;
  const failure = asFailure(error);
  const { subject, topic = subject } = about;
  const { code, message, remedy, detail } = failure;
  const mend = mendOf(context, about, failure);
  context.activity.addNotice({ id: newId('notice'), subject, topic, code, message, remedy, mend, detail });
  if (context.panelVisible()) return;
  context.host.toast({
    title: `Samepoint: ${subject}`,
    message: `${message} ${remedy}`,
    type: 'error',
  });
}

function mendOf(
  { compare }: Reporting,
  { retry }: Subject,
  { mend }: ReturnType<typeof asFailure>,
): NoticeMend | undefined {
  if (mend === 'compare') return { label: notices().buttons.compare, run: compare };
  return mend === 'retry' && retry !== undefined ? { label: notices().buttons.retry, run: retry } : undefined;
}

/**
 * Runs a flow to its end; every error is reported to the reader, none becomes an unhandled rejection. Success removes what was reported
 * about the same thing before.
 */
export async function guarded(
  context: Reporting,
  about: Subject,
  flow: () => Promise<void> | void,
): Promise<void> {
  const earlier = context.activity.notices;
  try {
    await flow();
    // What was reported since the start is another thing.
    context.activity.mended(about.topic ?? about.subject, earlier);
  } catch (error) {
    reportFailure(context, about, error);
  }
}
