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

/** A table as text, with a line for the names of the columns. Texts that a spreadsheet would take for a formula get a quote before. */
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

/** The cells of a table; a quoted cell may hold commas, quotes and line breaks. Semicolons separate where the first line has no comma. */
function rowsOf(text: string): readonly (readonly string[])[] {
  const [firstLine = ''] = text.split(/\r?\n/u, 1);
  const separator = firstLine.includes(',') ? ',' : firstLine.includes(';') ? ';' : '\t';
  const rows: string[][] = [[]];
  let [cell, isQuoted] = ['', false];
  const source = text.replace(/^\uFEFF/u, '');
  const endCell = (): void => {
    rows.at(-1)?.push(cell);
    cell = '';
  };
  for (let at = 0; at < source.length; at++) {
    const character = source[at] ?? '';
    if (isQuoted && character === '"' && source[at + 1] === '"') cell += source[++at] ?? '';
    else if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === separator) endCell();
    else if (!isQuoted && character === '\n') {
      endCell();
      rows.push([]);
    } else if (isQuoted || character !== '\r') cell += character;
  }
  endCell();
  return rows;
}
