import { recordedCertainty } from '../pairs/certainty.ts';
import type { Pair } from '../pairs/types.ts';
import { loadedStudies } from '../viewer/series.ts';
import type { ConfirmedPair, ListedReport } from '../wire.ts';
import type { Context } from './context.ts';
import { guarded, newId } from './context.ts';

function storedPair({ provenance, ...confirmed }: ConfirmedPair): Pair {
  return {
    ...confirmed,
    id: newId('pair'),
    found: 'prior',
    saved: true,
    ...(provenance === undefined ? {} : { certainty: recordedCertainty(provenance) }),
  };
}

/** Pairs of all reports, those of the newest report first. */
function pairsOf(reports: readonly ListedReport[]): readonly Pair[] {
  return [...reports]
    .sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    .flatMap((report) => report.pairs.map(storedPair));
}

/** Lists the pairs that earlier reports hold for the studies in the viewer; each study is requested once. */
export class StoredReports {
  readonly #context: Context;
  readonly #requested = new Set<string>();

  constructor(context: Context) {
    this.#context = context;
  }

  /** Requests the reports of the studies that came in since the last call; never throws. */
  async loadNew(): Promise<void> {
    const fresh = [...loadedStudies(this.#context.host)].filter((study) => !this.#requested.has(study));
    if (fresh.length === 0) return;
    fresh.forEach((study) => this.#requested.add(study));
    const about = { subject: 'Earlier reports', retry: () => void this.loadNew() };
    await guarded(this.#context, about, async () => {
      const results = await Promise.allSettled(fresh.map((study) => this.#load(study)));
      const failed = results.find((result) => result.status === 'rejected');
      if (failed !== undefined) throw failed.reason;
    });
  }

  async #load(study: string): Promise<void> {
    try {
      this.#context.store.addStored(pairsOf(await this.#context.client.reports(study)));
    } catch (error) {
      // Requested again with the next studies, by the reader, or when the server is back.
      this.#requested.delete(study);
      throw error;
    }
  }
}
