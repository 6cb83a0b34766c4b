import type { Scene } from '../scenes.ts';

/** A pair of volumes of a dataset: its annotations are read and checked, its volumes are not yet. */
export interface DatasetPair {
  /** Names the row of the table; pairs of one case are pooled. */
  readonly case: string;
  /** @throws InputError where a volume cannot be read or does not hold its points. */
  readonly open: () => Promise<Scene>;
}

/** A public dataset of corresponding points. */
export interface Dataset {
  /** As --dataset names it. */
  readonly name: string;
  /** For --help. */
  readonly summary: string;
  /** True: the cases are parts of one result, which gets the row "all". */
  readonly isPooled: boolean;
  /**
   * Reads the annotations below a folder.
   * @throws InputError for a file that is missing or malformed; the message names the file and what to do.
   */
  readonly read: (folder: string) => Promise<readonly DatasetPair[]>;
}
