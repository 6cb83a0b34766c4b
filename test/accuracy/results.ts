/**
 * The results file and the printed table.
 * @module
 */
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { METRICS } from './datasets/metrics.ts';
import { publishedRows } from './datasets/published.ts';
import type { Row, RowKey } from './statistics.ts';

function keyOf({ data, case: name, model, method }: RowKey): string {
  return JSON.stringify([data, name, model, method]);
}

/** Rows of the file with those of a run in place of the old ones of the same data, case, model and method. */
export function mergeRows(old: readonly Row[], made: readonly Row[]): Row[] {
  const rows = new Map(old.map((row) => [keyOf(row), row]));
  for (const row of made) rows.set(keyOf(row), row);
  return [...rows.values()];
}

/** Rows of an earlier run; none where there is no file. */
export async function readRows(file: string): Promise<Row[]> {
  if (!existsSync(file)) return [];
  return JSON.parse(await readFile(file, 'utf8')) as Row[];
}

/** Puts the rows of a run into the file: a concurrent reader sees the old file or the new one. One line per row. */
export async function saveRows(file: string, made: readonly Row[]): Promise<void> {
  const rows = mergeRows(await readRows(file), made);
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.part`;
  await writeFile(temporary, `[\n${rows.map((row) => `  ${JSON.stringify(row)}`).join(',\n')}\n]\n`);
  await rename(temporary, file);
}

const mm = (value: number | null | undefined): string => (typeof value === 'number' ? value.toFixed(2) : '');
const percent = (value: number | null | undefined): string =>
  typeof value === 'number' ? `${(100 * value).toFixed(1)} %` : '';

/** Wall time of elastix on the same data and case, divided by that of the row; then the same of processor time. */
function ratioToElastix(row: Row, rows: readonly Row[]): string {
  const elastix = rows.find(
    (other) => other.method === 'elastix' && other.data === row.data && other.case === row.case,
  );
  const isTimed = elastix !== undefined && elastix.seconds > 0 && row.seconds > 0;
  if (!isTimed || row.method === 'elastix') return '';
  const ofWall = `${(elastix.seconds / row.seconds).toFixed(0)}x`;
  if (elastix.cpuSeconds === undefined || row.cpuSeconds === undefined) return ofWall;
  return `${ofWall} (CPU ${(elastix.cpuSeconds / row.cpuSeconds).toFixed(0)}x)`;
}

type Column = readonly [title: string, cell: (row: Row, rows: readonly Row[]) => string];

const COLUMNS: readonly Column[] = [
  ['data', (row) => row.data],
  ['case', (row) => row.case],
  ['model', (row) => row.model],
  ['method', (row) => row.method],
  ['n', (row) => String(row.n)],
  ['median', (row) => mm(row.medianMm)],
  ['mean', (row) => mm(row.meanMm)],
  ['p95 mm', (row) => mm(row.p95Mm)],
  ['<=10 mm', (row) => percent(row.within10mm)],
  ['<=5 mm', (row) => percent(row.within5mm)],
  ['failed', (row) => (row.failed ? String(row.failed) : '')],
  ['matched', (row) => percent(row.answered)],
  ['<=10 of matched', (row) => percent(row.within10mmMatched)],
  ['uncertain', (row) => percent(row.uncertain)],
  ['out of view', (row) => percent(row.outOfView)],
  ['in radius', (row) => percent(row.radiusCoverage)],
  ['radius', (row) => mm(row.medianRadiusMm)],
  ['change right', (row) => percent(row.changeRight)],
  ['change wrong', (row) => percent(row.changeWrong)],
  ['diameter', (row) => mm(row.diameterErrorMm)],
  ['s', (row) => row.seconds.toFixed(1)],
  ['CPU s', (row) => row.cpuSeconds?.toFixed(1) ?? ''],
  ['elastix is', ratioToElastix],
];
/** Columns of words; the others are numbers and are aligned on the right. */
const WORDS = 4;

function formatted(columnsOf: readonly Column[], rows: readonly Row[], all: readonly Row[]): string {
  const filled = columnsOf
    .map(([title, cell], index) => ({
      title,
      isNumber: index >= WORDS,
      cells: rows.map((row) => cell(row, all)),
    }))
    .filter(({ cells }) => cells.some((text) => text !== ''));
  const columns = filled.map(({ title, isNumber, cells }) => {
    const texts = [title, ...cells];
    const width = Math.max(...texts.map((text) => text.length));
    return texts.map((text) => (isNumber ? text.padStart(width) : text.padEnd(width)));
  });
  return [...rows.keys(), rows.length]
    .map((line) =>
      columns
        .map((texts) => texts[line])
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

/** The rows as a table of text; a column that is empty everywhere is omitted. `all`: where elastix is looked up. */
export function tableOf(rows: readonly Row[], all: readonly Row[] = rows): string {
  return formatted(COLUMNS, rows, all);
}

const METRIC_COLUMNS: readonly Column[] = [
  ...COLUMNS.slice(0, WORDS + 1),
  ...(Object.keys(METRICS) as (keyof typeof METRICS)[]).map((name): Column => [
    METRICS[name],
    ({ metrics }) => (name.endsWith('Mm') ? mm(metrics?.[name]) : percent(metrics?.[name])),
  ]),
];

/** The measures of published benchmarks, as a table of the rows that have any, and what was published; nothing where no row has. */
export function metricsTableOf(rows: readonly Row[]): string {
  const measured = rows.filter(({ metrics }) => metrics !== undefined);
  const rowsShown = [...measured, ...publishedRows(measured)];
  return measured.length === 0 ? '' : `\n${formatted(METRIC_COLUMNS, rowsShown, rowsShown)}\n`;
}
