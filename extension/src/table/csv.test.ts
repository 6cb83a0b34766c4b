/** The table for spreadsheets: nothing that a report says can run in them. */
import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { toCsv, toTsv } from './csv.ts';

const POINT = { decimal: '.' } as const;
const COMMA = { decimal: ',' } as const;

/** Reads RFC 4180. */
function parse(csv: string, separator: string): readonly string[] {
  const cells = [''];
  let isQuoted = false;
  for (const mark of csv) {
    if (mark === '"') isQuoted = !isQuoted;
    if (mark === separator && !isQuoted) cells.push('');
    else cells.push(`${cells.pop() ?? ''}${mark}`);
  }
  return cells.map((cell) => (cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell));
}

describe('CSV', () => {
  test('has a byte order mark, one line per row, and quotes where they are needed', () => {
    expect(
      toCsv(
        [
          ['Lesion', 'a "b", c'],
          ['x', 12.34],
        ],
        POINT,
      ),
    ).toBe('\uFEFFLesion,"a ""b"", c"\r\nx,12.3\r\n');
  });

  test('has the marks of the language', () => {
    expect(toCsv([['a;b', 12.34, undefined, -30]], COMMA)).toBe('\uFEFF"a;b";12,3;;-30\r\n');
  });

  test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '\r=1', ' =1+1', '＝1+1'])(
    'the text %j is no formula',
    (text) => {
      expect(parse(toCsv([[text]], POINT).slice(1, -2), ',')).toEqual([`'${text}`]);
      expect(toTsv([[text]], POINT).startsWith("'")).toBe(true);
    },
  );

  test('a negative number stays a number', () => {
    expect(toTsv([[-30.26, 0]], POINT)).toBe('-30.3\t0');
  });

  test('what was written is read again', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { minLength: 1 }), (texts) => {
        const safe = texts.filter((text) => !/^[\s=+\-@＋－＝＠]/u.test(text));
        expect(parse(toCsv([['x', ...safe]], COMMA).slice(1, -2), ';')).toEqual(['x', ...safe]);
      }),
    );
  });
});

test('a cell of the clipboard has one line', () => {
  expect(toTsv([['a\tb\r\nc', 1.5], ['d']], COMMA)).toBe('a b c\t1,5\nd');
});
