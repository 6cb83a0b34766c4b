import type { Lesion } from './types.ts';

/** What the reports of the PACS hold, by study: what the reader removes from the list has to be withdrawn from them. */
export class HeldLesions {
  /** Tracking UIDs in the time point reports that count. */
  readonly #reported = new Map<string, ReadonlySet<string>>();
  /** Lesions of the reports of pairs, by tracking UID. */
  readonly #paired = new Map<string, ReadonlyMap<string, Lesion>>();

  /** Studies that hold something. */
  get studies(): readonly string[] {
    return [...this.#reported.keys(), ...this.#paired.keys()];
  }

  /** The time point reports of a study name these lesions. */
  setReported(studyInstanceUid: string, trackingUids: Iterable<string>): void {
    this.#reported.set(studyInstanceUid, new Set(trackingUids));
  }

  /** The reports of pairs of a study hold these lesions. */
  setPaired(studyInstanceUid: string, lesions: readonly Lesion[]): void {
    this.#paired.set(studyInstanceUid, new Map(lesions.map((lesion) => [lesion.trackingUid, lesion])));
  }

  /** True for a lesion that the reports of pairs of a study hold. */
  isPaired(studyInstanceUid: string, trackingUid: string): boolean {
    return this.#paired.get(studyInstanceUid)?.has(trackingUid) === true;
  }

  /** A report of a study was stored that names these lesions: it replaces all that was held. */
  setSaved(studyInstanceUid: string, trackingUids: readonly string[]): void {
    this.setReported(studyInstanceUid, trackingUids);
    this.#paired.delete(studyInstanceUid);
  }

  /** How many lesions the next report of a study withdraws. @param remaining tracking UIDs that it names */
  withdrawnFrom(studyInstanceUid: string, remaining: ReadonlySet<string>): number {
    const reported = [...(this.#reported.get(studyInstanceUid) ?? [])];
    const withdrawn = reported.filter((trackingUid) => !remaining.has(trackingUid));
    return withdrawn.length + this.unnamedFrom(studyInstanceUid, remaining).length;
  }

  /**
   * Those among them that no report of the study has named: only its reports of pairs hold them.
   * @param remaining tracking UIDs that the next report names
   */
  unnamedFrom(studyInstanceUid: string, remaining: ReadonlySet<string>): readonly Lesion[] {
    const reported = this.#reported.get(studyInstanceUid);
    return [...(this.#paired.get(studyInstanceUid)?.values() ?? [])].filter(
      ({ trackingUid }) => reported?.has(trackingUid) !== true && !remaining.has(trackingUid),
    );
  }
}
