/**
 * pydicom, the other reader of the comparison: a process that reads one file after another.
 * @module
 */
import { spawn, spawnSync } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT, temporaryFolder } from '../support/paths.ts';
import { PYDICOM } from '../support/requirements.ts';

const PROGRAM = join(ROOT, 'test/corpus/read_with_pydicom.py');

/** Where a frame lies, LPS mm, as its attributes say; null where it says nothing. */
export interface Place {
  readonly position: readonly number[] | null;
  readonly orientation: readonly number[] | null;
  readonly spacing: readonly number[] | null;
}

/** What pydicom makes of a file. */
export interface OtherImage {
  readonly sopInstanceUid: string;
  readonly isLossy: boolean;
  /** Difference of neighbouring stored values in modality units. */
  readonly step: number;
  readonly places: readonly Place[];
  /** Modality values of each frame. */
  readonly frames: readonly Float64Array[];
}

type Answer = { readonly error: string } | (Omit<OtherImage, 'frames'> & { readonly cells: number });

/** The files that come with pydicom for its own tests. */
export function pydicomTestFiles(): string {
  const program = 'import pydicom.data; print(pydicom.data.DATA_ROOT)';
  const { stdout } = spawnSync(PYDICOM, ['-c', program], { encoding: 'utf8' });
  return join(stdout.trim(), 'test_files');
}

/** A running pydicom. */
export class Pydicom {
  readonly #folder = temporaryFolder('pydicom');
  readonly #values = join(this.#folder, 'values');
  readonly #process: ChildProcess;
  readonly #answers: AsyncIterator<string>;

  constructor() {
    this.#process = spawn(PYDICOM, [PROGRAM, this.#values], { stdio: ['pipe', 'pipe', 'inherit'] });
    if (this.#process.stdout === null) throw new Error('pydicom has no output');
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  /** @returns the image, or why pydicom cannot read it */
  async read(path: string): Promise<OtherImage | string> {
    this.#process.stdin?.write(`${path}\n`);
    const line = await this.#answers.next();
    if (line.done === true) throw new Error('pydicom ended');
    const answer = JSON.parse(line.value) as Answer;
    if ('error' in answer) return answer.error;
    const { buffer } = new Uint8Array(await readFile(this.#values));
    const { cells, ...image } = answer;
    const frames = image.places.map((_, frame) => new Float64Array(buffer, 8 * cells * frame, cells));
    return { ...image, frames };
  }

  async close(): Promise<void> {
    this.#process.stdin?.end();
    await rm(this.#folder, { recursive: true });
  }
}
