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
    fresh.forEach((study) => this.#requested.add(study));
    await Promise.all(fresh.map((study) => this.#load(study)));
  }

  async #load(study: string): Promise<void> {
    await guarded(this.#context, 'Earlier reports', async () => {
      try {
        this.#context.store.addStored(pairsOf(await this.#context.client.reports(study)));
      } catch (error) {
        // Requested again when the mode is entered again: the server may be back then.
        this.#requested.delete(study);
        throw error;
      }
    });
  }
}
