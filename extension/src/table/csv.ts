/**
 * The table as text for other programs.
 * @module
 */

/** A cell of a table: text, or a number with one decimal at most. */
export type Cell = string | number | undefined;

/** How the reader's spreadsheet writes numbers. */
export interface SheetFormat {
  readonly decimal: '.' | ',';
}

/**
 * A spreadsheet runs a text that begins like a formula; labels come from reports that others wrote. An apostrophe keeps it a text (OWASP,
 * CSV Injection).
 */
const FORMULA = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/u;

function textOf(cell: Cell, decimal: string): string {
  if (cell === undefined) return '';
  if (typeof cell === 'number') return String(Math.round(cell * 10) / 10).replace('.', decimal);
  return FORMULA.test(cell.trimStart()) || FORMULA.test(cell) ? `'${cell}` : cell;
}

/** CSV (RFC 4180) with a byte order mark; the separator is the semicolon where the comma is the decimal mark. */
export function toCsv(rows: readonly (readonly Cell[])[], { decimal }: SheetFormat): string {
  const separator = decimal === ',' ? ';' : ',';
  const quoted = (text: string): string =>
    text.includes(separator) || /["\r\n]/u.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  const lines = rows.map((row) => row.map((cell) => quoted(textOf(cell, decimal))).join(separator));
  return `\uFEFF${lines.join('\r\n')}\r\n`;
}

/** Tab-separated text for the clipboard; a cell has one line. */
export function toTsv(rows: readonly (readonly Cell[])[], { decimal }: SheetFormat): string {
  return rows
    .map((row) => row.map((cell) => textOf(cell, decimal).replaceAll(/[\t\r\n]+/gu, ' ')).join('\t'))
    .join('\n');
}
