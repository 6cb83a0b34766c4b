/**
 * A program: reads every series below a folder with Samepoint and with pydicom, and prints what became of each. Ends with status 1
 * where a voxel or a place differs. Prints no names, UIDs or patient data but the paths of the files.
 *
 *   node corpus.ts FOLDER
 * @module
 */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { PYDICOM } from '../support/requirements.ts';
import { examine } from './examine.ts';
import type { Examined } from './examine.ts';
import { Pydicom } from './pydicom.ts';

/** Wrong frames of a series that are shown. */
const MOST_SHOWN = 3;

function say(text: string): void {
  process.stdout.write(`${text}\n`);
}

function rowOf({ file, files, dims, outcome, warnings, exact, close, unread, wrong }: Examined): string {
  const size = dims === undefined ? '' : ` ${dims.join(' x ')}`;
  const counts = [
    [exact, 'exact'],
    [close, 'lossy'],
    [unread, 'not read by pydicom'],
  ] as const;
  const compared = counts.flatMap(([count, name]) => (count > 0 ? [`${count} ${name}`] : []));
  const shown = wrong.slice(0, MOST_SHOWN).map((reason) => `WRONG ${reason}`);
  const rest = wrong.length > MOST_SHOWN ? [`and ${wrong.length - MOST_SHOWN} more`] : [];
  const remarks = [...compared, ...warnings, ...shown, ...rest];
  return `${file} (${files}): ${outcome}${size}${remarks.length > 0 ? `; ${remarks.join(', ')}` : ''}`;
}

/** How many series came to each outcome. */
function summary(rows: readonly Examined[]): string {
  const outcomes = new Map<string, number>();
  for (const { outcome } of rows) outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
  const counts = [...outcomes].map(([outcome, count]) => `${count} ${outcome}`).sort();
  const wrong = rows.filter((row) => row.wrong.length > 0).length;
  return `${rows.length} series: ${counts.join(', ')}; ${wrong} wrong`;
}

async function main(): Promise<void> {
  const [folder] = process.argv.slice(2);
  if (folder === undefined || !existsSync(folder)) throw new Error('usage: npm run bench:corpus -- FOLDER');
  if (!existsSync(PYDICOM)) throw new Error('pydicom is not installed: the set-up could not reach PyPI');
  const pydicom = new Pydicom();
  const rows: Examined[] = [];
  try {
    for await (const row of examine(resolve(folder), pydicom)) {
      rows.push(row);
      say(rowOf(row));
    }
  } finally {
    await pydicom.close();
  }
  say(summary(rows));
  process.exitCode = rows.some(({ wrong }) => wrong.length > 0) ? 1 : 0;
}

await main();
