import type { InstanceEntry } from './types.ts';

/** Instances of one series, by SOP Instance UID, in the order in which they came. */
export type SeriesEntries = ReadonlyMap<string, InstanceEntry>;
/** Series of one study, by Series Instance UID. */
export type StudyEntries = ReadonlyMap<string, SeriesEntries>;

/** The index in memory: study, series, instance. */
export class Registry {
  readonly #studies = new Map<string, Map<string, Map<string, InstanceEntry>>>();
  readonly #bySop = new Map<string, InstanceEntry>();

  get studies(): ReadonlyMap<string, StudyEntries> {
    return this.#studies;
  }

  /** SOP Instance UIDs are unique in the world, hence also here. */
  bySop(sopInstanceUid: string): InstanceEntry | undefined {
    return this.#bySop.get(sopInstanceUid);
  }

  add(entry: InstanceEntry): void {
    const series = getOrMake(
      this.#studies,
      entry.studyInstanceUid,
      () => new Map<string, Map<string, InstanceEntry>>(),
    );
    const instances = getOrMake(series, entry.seriesInstanceUid, () => new Map<string, InstanceEntry>());
    instances.set(entry.sopInstanceUid, entry);
    this.#bySop.set(entry.sopInstanceUid, entry);
  }

  /** Instances below a path of UIDs; empty where there is none. */
  instances(study: string, series?: string, instance?: string): readonly InstanceEntry[] {
    return [...(this.#studies.get(study) ?? [])]
      .filter(([uid]) => series === undefined || uid === series)
      .flatMap(([, instances]) => [...instances.values()])
      .filter(({ sopInstanceUid }) => instance === undefined || sopInstanceUid === instance);
  }

  counts(): { studies: number; series: number; instances: number } {
    let series = 0;
    for (const study of this.#studies.values()) series += study.size;
    return { studies: this.#studies.size, series, instances: this.#bySop.size };
  }
}

function getOrMake<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const present = map.get(key);
  if (present !== undefined) return present;
  const made = make();
  map.set(key, made);
  return made;
}
