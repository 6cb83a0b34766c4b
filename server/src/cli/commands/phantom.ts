import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createPhantom, writeSeries } from '../../phantom/index.ts';
import type { ContrastPhase } from '../../phantom/index.ts';
import type { LpsPoint } from '../../geometry/index.ts';
import { toCsv } from '../../points/index.ts';
import { printJson } from '../../workbench/index.ts';
import type { CliIo } from '../../workbench/index.ts';

/** Options of `samepoint phantom`. */
export interface PhantomCommand {
  readonly seed: number;
  readonly coarseness: number;
  readonly phase?: ContrastPhase;
  /** Folder of the files. */
  readonly out: string;
}

const KEYS = { current: 'currentLps', prior: 'priorLps', baseline: 'baselineLps' } as const;

/**
 * Writes the three scans of a generated patient as DICOM files, a folder each, with the true places of landmarks and lesions beside
 * them as `<scan>-landmarks.csv` and `<scan>-lesions.csv`.
 */
export async function writePhantom({ out, ...options }: PhantomCommand, io: CliIo): Promise<void> {
  const { patientId, patientName, timePoints, landmarks, lesions } = createPhantom(options);
  const table = (rows: readonly (readonly [string, LpsPoint])[]): string =>
    toCsv(
      ['name', 'x', 'y', 'z'],
      rows.map(([name, lps]) => [name, ...lps]),
    );
  for (const { volume, ...tags } of timePoints) {
    const key = KEYS[tags.name];
    const folder = join(out, tags.name);
    await mkdir(folder, { recursive: true });
    for (const [index, part10] of [...writeSeries(volume, { patientId, patientName, ...tags })].entries()) {
      io.signal.throwIfAborted();
      await writeFile(join(folder, `${String(index + 1).padStart(4, '0')}.dcm`), part10);
    }
    const seen = lesions.filter(({ presentIn }) => presentIn.includes(tags.name));
    await writeFile(`${folder}-landmarks.csv`, table(landmarks.map((one) => [one.name, one[key]])));
    await writeFile(`${folder}-lesions.csv`, table(seen.map((one) => [one.label, one[key]])));
  }
  printJson(io, { patientId, folders: timePoints.map(({ name }) => join(out, name)) });
}
