import type { Client } from '../client/client.ts';
import { asFailure, isCancelled } from '../client/failure.ts';
import type { SaveAttempts } from '../pairs/saveAttempts.ts';
import type { PairStore } from '../pairs/store.ts';
import { noticeOf } from '../pairs/types.ts';
import type { Settings } from '../settings.ts';
import type { Host } from '../viewer/host.ts';
import type { ReadableModalities } from './readableModalities.ts';

/** What every flow works with. */
export interface Context {
  readonly host: Host;
  readonly store: PairStore;
  readonly client: Client;
  readonly attempts: SaveAttempts;
  readonly settings: Settings;
  readonly readableModalities: ReadableModalities;
  /** True while the reader can see the panel; otherwise a notice is shown as the host's toast as well. */
  readonly panelVisible: () => boolean;
}

let lastId = 0;

/** An id that is unique on this page. */
export function newId(kind: string): string {
  lastId += 1;
  return `${kind}-${lastId}`;
}

/** How long a toast stays, ms: time to read two sentences. */
const TOAST_MS = 10_000;

/** Reports a failure to the reader, except a cancel, which is the reader's own action. */
export function reportFailure(context: Context, subject: string, error: unknown): void {
  if (isCancelled(error)) return;
  const failure = asFailure(error);
  context.store.addNotice(noticeOf(newId('notice'), subject, failure));
  if (context.panelVisible()) return;
  context.host.services.uiNotificationService?.show({
    title: `Samepoint: ${subject}`,
    message: `${failure.message} ${failure.remedy}`,
    type: 'error',
    duration: TOAST_MS,
  });
}

/** Runs a flow to its end; every error is reported to the reader, none becomes an unhandled rejection. */
export async function guarded(
  context: Context,
  subject: string,
  flow: () => Promise<void> | void,
): Promise<void> {
  try {
    await flow();
  } catch (error) {
    reportFailure(context, subject, error);
  }
}
