import { ViewerFailure } from '../client/failure.ts';
import type { SaveAttempt } from '../pairs/saveAttempts.ts';
import { isConfirmed } from '../pairs/types.ts';
import type { Pair } from '../pairs/types.ts';
import { showStoredSeries } from '../viewer/storedSeries.ts';
import type { ReportAnswer } from '../wire.ts';
import type { Context, Subject } from './context.ts';
import { guarded } from './context.ts';

/** The PACS holds another report under the key: the next attempt needs a new one. */
const KEY_REUSED = 'application/idempotency-key-reused';

async function send({ client, attempts }: Context, attempt: SaveAttempt): Promise<ReportAnswer> {
  try {
    const stored = await client.saveReport(attempt.pairs, attempt.key);
    attempts.close(attempt);
    return stored;
  } catch (error) {
    if (error instanceof ViewerFailure && error.code === KEY_REUSED) attempts.close(attempt);
    throw error;
  }
}

/** What is said of an attempt: one message per current study, which a later attempt at the study removes. */
function saving(context: Context, { pairIds, pairs: [first] }: SaveAttempt): Subject {
  const { store } = context;
  return {
    subject: 'Saving to the PACS',
    topic: `Saving to the PACS ${first?.current.studyInstanceUid ?? ''}`,
    retry: () => {
      const pairs = store.pairs.filter(({ id }) => pairIds.includes(id));
      void savePairs(context, pairs);
    },
  };
}

/**
 * Saves confirmed pairs to the PACS, one report per current study, and shows the new reports in the viewer without a
 * reload. Pairs stay in the list whatever happens; only those that the PACS has confirmed are marked as saved. A report whose
 * answer was lost is sent again with the same key, and is still one report.
 */
export async function savePairs(context: Context, pairs: readonly Pair[]): Promise<void> {
  const { host, store, attempts } = context;
  const toSave = pairs.filter((pair) => isConfirmed(pair) && !store.isLocked(pair));
  if (toSave.length === 0 || store.saving) return;
  store.setSaving(toSave.map((pair) => pair.id));
  for (const attempt of attempts.plan(toSave)) {
    await guarded(context, saving(context, attempt), async () => {
      const stored = await send(context, attempt);
      store.markSaved(attempt.pairIds);
      await guarded(context, { subject: 'Showing the saved report' }, () => showStoredSeries(host, stored));
    });
  }
  store.setSaving([]);
}
