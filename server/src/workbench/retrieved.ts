/**
 * Series of the PACS for commands that work on files.
 * @module
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openSources } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import { progressLine } from './io.ts';
import type { CliIo } from './io.ts';

/** Retrieves each series once, into a folder that only the caller may read and that goes when the command ends. */
export class RetrievedSeries {
  readonly #config: Config;
  readonly #io: CliIo;
  readonly #folders = new Map<string, Promise<string>>();
  #root: Promise<string> | undefined;

  constructor(config: Config, io: CliIo) {
    this.#config = config;
    this.#io = io;
  }

  /**
   * The folder of a series.
   * @throws SamepointError `config/invalid` without a PACS; every error of `dicomweb/`
   */
  folderOf(series: SeriesRef): Promise<string> {
    const name = `${series.studyInstanceUid}/${series.seriesInstanceUid}`;
    const known = this.#folders.get(name) ?? this.#retrieve(series, this.#folders.size);
    this.#folders.set(name, known);
    return known;
  }

  async #retrieve(series: SeriesRef, number: number): Promise<string> {
    const { source } = openSources(this.#config);
    this.#root ??= mkdtemp(join(tmpdir(), 'samepoint-series-'));
    const folder = join(await this.#root, String(number));
    await mkdir(folder);
    const line = progressLine(this.#io);
    let count = 0;
    for await (const part10 of source.retrieveSeries(series, { signal: this.#io.signal })) {
      count += 1;
      line.show(0, `Retrieving: ${String(count)} files`);
      await writeFile(join(folder, `${String(count).padStart(6, '0')}.dcm`), part10);
    }
    line.clear();
    return folder;
  }

  async remove(): Promise<void> {
    if (this.#root !== undefined) await rm(await this.#root, { recursive: true, force: true });
  }
}
