/**
 * The watch of a PACS that several servers could watch: it does nothing while another one does, and reports to that one.
 * @module
 */
import { isSamepointError } from '../errors/index.ts';
import type { Duty, Report } from './duty.ts';
import type { Suspect } from './gone.ts';
import type { SourceWatch } from './sourceWatch.ts';
import type { WatchStatus } from './types.ts';

/** What the arrivals need of the watch of one PACS. */
export type Watch = Pick<
  SourceWatch,
  'name' | 'status' | 'report' | 'promote' | 'suspect' | 'look' | 'precomputeDue'
>;

/** Gives the reports to the watch where this server watches. True where it does. */
function receiver(watch: SourceWatch, duty: Duty): () => Promise<boolean> {
  const handle = async (report: Report): Promise<void> => {
    if (report.kind === 'suspect') watch.suspect(report);
    else if (report.kind === 'opened') watch.promote(report.study);
    else await watch.report(report.study);
  };
  let receiving: Promise<void> | undefined;
  /** Reports that cannot be received now are received the next time. */
  const receive = (): Promise<void> => {
    receiving ??= duty
      .receive(handle)
      .catch((error: unknown) => {
        if (!isSamepointError(error)) throw error;
      })
      .finally(() => {
        receiving = undefined;
      });
    return receiving;
  };
  return async () => {
    if (duty.isMine) await receive();
    return duty.isMine;
  };
}

/** A watch that this server does while it is its turn. */
export function inTurn(watch: SourceWatch, duty: Duty): Watch {
  const watches = receiver(watch, duty);
  /** A hint: without Redis it is not given. */
  const hint = (report: Report): void => {
    duty.send(report).catch(() => undefined);
  };
  return {
    name: watch.name,
    get status(): WatchStatus {
      return duty.isMine ? watch.status : { name: watch.name, pending: 0, problem: duty.problem };
    },
    report: (study) => duty.send({ kind: 'changed', study }),
    promote(study) {
      if (duty.isMine) return watch.promote(study);
      hint({ kind: 'opened', study });
      return false;
    },
    suspect(series: Suspect) {
      const { studyInstanceUid, seriesInstanceUid } = series;
      if (duty.isMine) watch.suspect(series);
      else
        hint({
          kind: 'suspect',
          studyInstanceUid,
          ...(seriesInstanceUid !== undefined && { seriesInstanceUid }),
        });
    },
    async look() {
      if (await watches()) await watch.look();
    },
    async precomputeDue() {
      if (await watches()) await watch.precomputeDue();
    },
  };
}
