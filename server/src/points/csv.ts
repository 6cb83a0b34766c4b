/**
 * Tables of points as comma-separated values (RFC 4180).
 * @module
 */
import { lpsPoint } from '../geometry/index.ts';
import { unreadable } from './unreadable.ts';
import type { NamedPoint } from './types.ts';

/** A value of a table; undefined is an empty cell. */
export type Cell = string | number | undefined;

/** What the columns are called, in lower case. */
const COLUMNS = {
  name: ['name', 'label', 'id', 'landmark'],
  x: ['x', 'l', 'x_lps'],
  y: ['y', 'p', 'y_lps'],
  z: ['z', 's', 'z_lps'],
} as const;
/** Texts that a spreadsheet would run as a formula. */
const FORMULA = /^[=+\-@\t\r]/u;

/** A table as text, with a line for the names of the columns. Texts that a spreadsheet would run as a formula get a quote before. */
export function toCsv(columns: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cellText).join(',')}\r\n`).join('');
}

function cellText(cell: Cell): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(Number(cell.toPrecision(8)));
  const safe = FORMULA.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/u.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/**
 * Points of a table with the columns name, x, y and z in any order (or without a first line, in this order); patient LPS, mm.
 * @throws SamepointError points/unreadable
 */
export function readCsv(text: string, file: string): readonly NamedPoint[] {
  const rows = rowsOf(text).filter((row) => row.some((cell) => cell.trim() !== ''));
  const [first = []] = rows;
  const named = first.map((cell) => cell.trim().toLowerCase());
  const hasHeader = !named.slice(1, 4).every((cell) => cell !== '' && Number.isFinite(Number(cell)));
  const indexOf = (column: keyof typeof COLUMNS, at: number): number =>
    hasHeader ? named.findIndex((cell) => COLUMNS[column].some((name) => name === cell)) : at;
  const places = [indexOf('x', 1), indexOf('y', 2), indexOf('z', 3)];
  if (places.includes(-1)) return unreadable(file, 'its first line names no columns x, y and z');
  const name = indexOf('name', 0);
  return rows.slice(hasHeader ? 1 : 0).map((row, index) => {
    const line = String(index + (hasHeader ? 2 : 1));
    const [x = NaN, y = NaN, z = NaN] = places.map((at) => numberIn(row[at]));
    if (![x, y, z].every(Number.isFinite))
      return unreadable(file, `line ${line} has no three numbers x, y, z`);
    return { name: row[name]?.trim() ?? line, lps: lpsPoint(x, y, z) };
  });
}

function numberIn(text = ''): number {
  return text.trim() === '' ? NaN : Number(text);
}

/** The cells of a table; a quoted cell may hold separators, quotes and line breaks. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const source = text.replace(/^\uFEFF/u, '').replaceAll('\r\n', '\n');
  const separator = separatorOf(source);
  const rows: string[][] = [[]];
  for (let at = 0; at <= source.length;) {
    const { cell, end } = cellAt(source, at, separator);
    rows.at(-1)?.push(cell);
    if (source[end] === '\n') rows.push([]);
    at = end + 1;
  }
  return rows;
}

/** A comma; where the first line has none, a semicolon or a tabulator. */
function separatorOf(source: string): string {
  const [line = ''] = source.split('\n', 1);
  return [',', ';'].find((separator) => line.includes(separator)) ?? '\t';
}

/** The cell that begins at a place, and where it ends. */
function cellAt(
  source: string,
  at: number,
  separator: string,
): { readonly cell: string; readonly end: number } {
  if (source[at] !== '"') {
    const end = endOfCell(source, at, separator);
    return { cell: source.slice(at, end), end };
  }
  let close = at + 1;
  while (close < source.length && !(source[close] === '"' && source[close + 1] !== '"'))
    close += source[close] === '"' ? 2 : 1;
  const cell = source.slice(at + 1, close).replaceAll('""', '"');
  return { cell, end: endOfCell(source, close + 1, separator) };
}

function endOfCell(source: string, from: number, separator: string): number {
  let at = from;
  while (at < source.length && source[at] !== separator && source[at] !== '\n') at++;
  return at;
}
