/**
 * What is known of the arrivals of one PACS, in a file of its own: a restart misses no study, and does none twice but those that it
 * interrupts. The file holds UIDs of studies and no other thing about a patient.
 * @module
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { z } from 'zod';
import { problemOf, SamepointError } from '../errors/index.ts';

const pendingStudy = z.strictObject({
  study: z.string(),
  /** When it was last seen to change, ms since the epoch; 0 where it is known to be complete. */
  changedAtMs: z.number(),
  /** How often it was tried. */
  attempts: z.int().min(0),
  /** Not to be tried before, ms since the epoch. */
  notBeforeMs: z.number(),
  /** When a reader has opened it, ms since the epoch. */
  openedAtMs: z.number().exactOptional(),
});
/** A study that waits to be precomputed. */
export type PendingStudy = Readonly<z.infer<typeof pendingStudy>>;

const stateSchema = z.strictObject({
  version: z.literal(1),
  /** Day of the last whole search; absent before the first one. */
  polledOn: z.string().exactOptional(),
  /** The last change of Orthanc that was read; absent before the first one. */
  change: z.int().min(0).exactOptional(),
  /** Studies of the searches, with their StudyDate and number of images, as far as the PACS says them. */
  seen: z.record(
    z.string(),
    z.strictObject({ day: z.string().exactOptional(), images: z.number().exactOptional() }),
  ),
  pending: z.array(pendingStudy),
  /** Studies of which something was made, the oldest first: they are looked at from time to time. */
  precomputed: z.array(z.string()),
});
/** What is known of one PACS. */
export type ArrivalState = Readonly<z.infer<typeof stateSchema>>;

/** Before anything is known. */
export const NOTHING_KNOWN: ArrivalState = { version: 1, seen: {}, pending: [], precomputed: [] };

/** Where the state of one PACS lies. */
export interface StateFile {
  /** What was written; {@link NOTHING_KNOWN} where there is no file. @throws SamepointError `arrival/state-unusable` */
  read(): Promise<ArrivalState>;
  /** A reader of the file finds the old state or the new one, also after a power cut. @throws SamepointError `arrival/state-unusable` */
  write(state: ArrivalState): Promise<void>;
}

function unusable(file: string, cause: unknown): SamepointError {
  return new SamepointError('arrival/state-unusable', { file, problem: problemOf(cause) }, { cause });
}

/** A state of this version; undefined for any other value. */
export function parseState(value: unknown): ArrivalState | undefined {
  return stateSchema.safeParse(value).data;
}

function parse(text: string): ArrivalState | undefined {
  try {
    return parseState(JSON.parse(text));
  } catch {
    return undefined;
  }
}

/**
 * The state in a file that only its owner may read.
 * @param onDamaged called where the file holds no state: then all that the next search finds counts as new
 * @param today for such a file, YYYYMMDD
 */
export function stateFile(file: string, onDamaged: () => void, today: () => string): StateFile {
  return {
    async read() {
      const text = await readFile(file, 'utf8').catch((cause: unknown) => {
        if (problemOf(cause) === 'ENOENT') return undefined;
        throw unusable(file, cause);
      });
      if (text === undefined) return NOTHING_KNOWN;
      const state = parse(text);
      if (state !== undefined) return state;
      onDamaged();
      return { ...NOTHING_KNOWN, polledOn: today(), change: 0 };
    },
    async write(state) {
      const temporary = `${file}.${randomUUID()}.part`;
      try {
        await mkdir(dirname(file), { recursive: true, mode: 0o700 });
        await writeFile(temporary, JSON.stringify(state), { mode: 0o600, flush: true });
        await rename(temporary, file);
      } catch (cause) {
        await rm(temporary, { force: true }).catch(() => undefined);
        throw unusable(file, cause);
      }
    },
  };
}
