/**
 * The table of lesions in words: its cells for other programs, and its warnings.
 * @module
 */
import type { Words } from '../i18n/words.ts';
import type { Cell } from '../table/csv.ts';
import { MAX_TARGETS, MAX_TARGETS_PER_ORGAN } from '../table/recist.ts';
import type { TimePointAssessment } from '../table/recist.ts';
import type { LesionTable, TableCell, TableWarning } from '../table/table.ts';

/** What the reader has to check. */
export function warningText(warning: TableWarning, { table, dateText }: Words): string {
  switch (warning.kind) {
    case 'too-many-targets':
      return table.tooManyTargets(warning.count, MAX_TARGETS);
    case 'too-many-in-organ':
      return table.tooManyInOrgan(warning.organ, warning.count, MAX_TARGETS_PER_ORGAN);
    case 'too-small':
      return table.tooSmall(warning.lesions);
    case 'undecided':
      return table.undecidedCount(warning.count);
    case 'no-baseline':
      return table.noBaseline;
    case 'later-baseline':
      return table.laterBaseline(dateText(warning.date), warning.lesions);
    case 'new-at-baseline':
      return table.newAtBaseline(warning.lesions);
  }
}

/** The lines below the lesions. */
export function summaryRows({ table }: Words): readonly {
  readonly key: 'sum' | 'fromBaseline' | 'fromNadir';
  readonly name: string;
  readonly valueOf: (assessment: TimePointAssessment) => number | undefined;
}[] {
  return [
    { key: 'sum', name: table.sum, valueOf: ({ sumMm }) => sumMm },
    {
      key: 'fromBaseline',
      name: table.fromBaseline,
      valueOf: ({ changeFromBaselinePercent }) => changeFromBaselinePercent,
    },
    {
      key: 'fromNadir',
      name: table.fromNadir,
      valueOf: ({ changeFromNadirPercent }) => changeFromNadirPercent,
    },
  ];
}

/** The response of a time point, or that it is the baseline. */
function responseText({ isBaseline, response }: TimePointAssessment, { table }: Words): string {
  return isBaseline ? table.baseline : (response ?? '');
}

function sheetCell(cell: TableCell, { table }: Words): Cell {
  if (cell === undefined) return '';
  const value = cell.mm ?? table.statuses[cell.status];
  return cell.isDecided ? value : `${value} (${table.undecided})`;
}

/** The whole table for a spreadsheet. */
export function sheetOf(lesionTable: LesionTable, words: Words): readonly (readonly Cell[])[] {
  const { table, dateText, roles, review } = words;
  const { timePoints, rows, assessments, warnings } = lesionTable;
  const summaries = summaryRows(words).map(({ name, valueOf }) => [
    '',
    name,
    '',
    ...assessments.map(valueOf),
  ]);
  return [
    ['', table.lesion, review.role, ...timePoints.map(({ date }) => dateText(date))],
    ...rows.map(({ number, label, role, isNode, cells }) => [
      number,
      isNode ? `${label} (${table.node})` : label,
      roles[role],
      ...cells.map((cell) => sheetCell(cell, words)),
    ]),
    ...summaries,
    ['', table.response, '', ...assessments.map((assessment) => responseText(assessment, words))],
    ...warnings.map((warning) => ['', warningText(warning, words)]),
    ['', table.aid],
  ];
}
