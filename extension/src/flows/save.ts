import { isConfirmed } from '../pairs/types.ts';
import type { Pair } from '../pairs/types.ts';
import { showStoredSeries } from '../viewer/storedSeries.ts';
import type { ConfirmedPair } from '../wire.ts';
import type { Context } from './context.ts';
import { guarded } from './context.ts';

function toConfirmed({
  label,
  lesionUid,
  state,
  current,
  prior,
  similarity,
  cycleErrorMm,
}: Pair): ConfirmedPair {
  const kept = state === 'moved' ? 'moved' : 'accepted';
  return { label, lesionUid, state: kept, current, prior, similarity, cycleErrorMm };
}

/** Pairs by current study: a report belongs to one study. */
function byCurrentStudy(pairs: readonly Pair[]): readonly (readonly Pair[])[] {
  const groups = new Map<string, Pair[]>();
  for (const pair of pairs) {
    const study = pair.current.studyInstanceUid;
    groups.set(study, [...(groups.get(study) ?? []), pair]);
  }
  return [...groups.values()];
}

/**
 * Saves confirmed pairs to the PACS, one report per current study, and shows the new reports in the viewer without a
 * reload. Pairs stay in the list whatever happens; only those that the PACS has confirmed are marked as saved.
 */
export async function savePairs(context: Context, pairs: readonly Pair[]): Promise<void> {
  const { client, host, store } = context;
  const toSave = pairs.filter((pair) => isConfirmed(pair) && !store.isLocked(pair));
  if (toSave.length === 0 || store.saving) return;
  store.setSaving(toSave.map((pair) => pair.id));
  for (const group of byCurrentStudy(toSave)) {
    await guarded(context, 'Saving to the PACS', async () => {
      const stored = await client.saveReport(group.map(toConfirmed));
      store.markSaved(group.map((pair) => pair.id));
      await guarded(context, 'Showing the saved report', () => showStoredSeries(host, stored));
    });
  }
  store.setSaving([]);
}
