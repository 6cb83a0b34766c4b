/**
 * The public datasets that the benchmark reads. README.md beside this file describes the folder of each.
 * @module
 */
import { InputError } from '../files.ts';
import type { Scene } from '../scenes.ts';
import { deepLesion } from './deepLesion.ts';
import type { Dataset } from './dataset.ts';
import { dirLab4dct, dirLabCopdgene } from './dirLab.ts';
import { learn2Reg } from './learn2Reg.ts';
import { panTrack } from './panTrack.ts';

/** In the order of --help. */
export const DATASETS: readonly Dataset[] = [
  dirLab4dct(),
  dirLabCopdgene(),
  learn2Reg(),
  deepLesion(),
  panTrack(),
];

/** A dataset and the caller's folder of it. */
export interface DatasetFolder {
  readonly dataset: Dataset;
  readonly folder: string;
}

/**
 * Reads NAME=DIR.
 * @throws InputError for a name that does not exist, or no folder.
 */
export function parseDataset(text: string): DatasetFolder {
  const [name = '', ...rest] = text.split('=');
  const folder = rest.join('=');
  const dataset = DATASETS.find((candidate) => candidate.name === name);
  const names = DATASETS.map((candidate) => candidate.name).join(', ');
  if (dataset === undefined)
    throw new InputError(`--dataset ${text}: expected NAME=DIR; the names are ${names}`);
  if (folder === '')
    throw new InputError(`--dataset ${text}: expected ${name}=DIR, the folder of the dataset`);
  return { dataset, folder };
}

/** What to measure. */
export interface DatasetChoice {
  readonly folders: readonly DatasetFolder[];
  /** Only these cases; undefined: all. */
  readonly cases: readonly string[] | undefined;
}

/** Cases whose rows are pooled, and the data that they are of. */
export interface PooledCases {
  readonly data: string;
  readonly cases: readonly string[];
}

/** The scenes of datasets; all annotations are read before the first scene is opened. */
export class DatasetScenes {
  readonly #choice: DatasetChoice;
  readonly #pooled = new Map<string, Set<string>>();

  constructor(choice: DatasetChoice) {
    this.#choice = choice;
  }

  /** Of the scenes so far; nothing where only some cases were chosen, so that a pool always means the whole folder. */
  get pooled(): readonly PooledCases[] {
    if (this.#choice.cases !== undefined) return [];
    return [...this.#pooled].map(([data, cases]) => ({ data, cases: [...cases] }));
  }

  /** @throws InputError for annotations or volumes that cannot be read, or cases that no dataset has. */
  async *scenes(): AsyncGenerator<Scene> {
    const read = await Promise.all(
      this.#choice.folders.map(async ({ dataset, folder }) => ({
        dataset,
        pairs: await dataset.read(folder),
      })),
    );
    this.#assertCases([...new Set(read.flatMap(({ pairs }) => pairs.map((pair) => pair.case)))]);
    for (const { dataset, pairs } of read) {
      for (const pair of pairs) {
        if (this.#choice.cases?.includes(pair.case) === false) continue;
        const scene = await pair.open();
        if (dataset.isPooled) {
          const cases = this.#pooled.get(scene.data) ?? new Set();
          this.#pooled.set(scene.data, cases.add(scene.case));
        }
        yield scene;
      }
    }
  }

  #assertCases(found: readonly string[]): void {
    const unknown = this.#choice.cases?.find((name) => !found.includes(name));
    if (unknown !== undefined) throw new InputError(`--cases ${unknown}: there are ${found.join(', ')}`);
  }
}
