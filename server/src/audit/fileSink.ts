import { mkdir, open, stat } from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { AuditMessage } from './message.ts';
import type { AuditSink } from './sink.ts';

/** Only the account of the server: the trail names patients and users. */
const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/**
 * A file, one message a line, only ever appended to. Retention is the administrator's: whoever renames the file (logrotate, without
 * copytruncate) finds the next entry in a new one; no signal is needed.
 */
export class FileSink implements AuditSink {
  readonly name = 'file';
  readonly #path: string;
  #file: FileHandle | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  async write(messages: readonly AuditMessage[]): Promise<void> {
    const file = await this.#current();
    await file.appendFile(messages.map(({ xml }) => `${xml}\n`).join(''));
    // What was recorded survives a loss of power.
    await file.datasync();
  }

  async close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }

  /** The open file, if it is still the one at the path. */
  async #current(): Promise<FileHandle> {
    if (this.#file !== undefined) {
      const [opened, there] = await Promise.all([this.#file.stat(), stat(this.#path).catch(() => undefined)]);
      if (opened.ino === there?.ino && opened.dev === there.dev) return this.#file;
      await this.close();
    }
    await mkdir(dirname(this.#path), { recursive: true, mode: FOLDER_MODE });
    this.#file = await open(this.#path, 'a', FILE_MODE);
    return this.#file;
  }
}
