import type { JSX, RefObject } from 'preact';
import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Words } from '../i18n/words.ts';
import { toCsv, toTsv } from '../table/csv.ts';
import { tableOf } from '../table/table.ts';
import type { LesionTable, TableCell, TableRow } from '../table/table.ts';
import type { TimePointAssessment } from '../table/recist.ts';
import { Chart } from './chart.tsx';
import { usePanel } from './context.ts';
import { ActionIcon } from './icons.tsx';
import { sheetOf, summaryRows, warningText } from './tableText.ts';
import { mmText } from './wording.ts';

/** A size; one that the reader has not decided on in brackets, because it does not count. */
function SizeTableCell({ cell }: { readonly cell: TableCell }): JSX.Element {
  const { words } = usePanel();
  const { table } = words;
  if (cell === undefined) return <td>{table.none}</td>;
  const text = cell.mm === undefined ? table.shortStatuses[cell.status] : mmText(cell.mm, words);
  const title = [table.statuses[cell.status], cell.isDecided ? '' : table.undecided];
  return (
    <td data-decided={cell.isDecided} title={title.filter((part) => part !== '').join(', ')}>
      {cell.isDecided ? text : `(${text})`}
    </td>
  );
}

function LesionTableRow({ row }: { readonly row: TableRow }): JSX.Element {
  const { state, actions, words } = usePanel();
  const { number, label, isNode, role, trackingUid, cells } = row;
  const title = [label, words.roles[role], isNode ? words.table.node : '']
    .filter((text) => text !== '')
    .join(', ');
  return (
    <tr data-selected={state.review.selected === trackingUid} data-role={role}>
      <th scope="row">
        <button
          type="button"
          data-samepoint="table-lesion"
          title={title}
          aria-label={`${number}, ${title}`}
          onClick={() => {
            actions.select(trackingUid);
          }}
        >
          <span data-samepoint="number">{number}</span> {label}
        </button>
      </th>
      {cells.map((cell, index) => (
        <SizeTableCell key={state.timePoints[index]?.studyInstanceUid} cell={cell} />
      ))}
    </tr>
  );
}

function percentText(percent: number): string {
  const rounded = Math.round(percent);
  return rounded > 0 ? `+${rounded}` : String(rounded).replace('-', '−');
}

function responseTitle({ isBaseline, response }: TimePointAssessment, { table }: Words): string | undefined {
  return isBaseline ? table.baseline : response && table.responses[response];
}

function Summary({ assessments }: { readonly assessments: readonly TimePointAssessment[] }): JSX.Element {
  const { words } = usePanel();
  const { table } = words;
  return (
    <tfoot>
      {summaryRows(words).map(({ key, name, valueOf }) => (
        <tr key={key} data-samepoint={`table-${key}`}>
          <th scope="row">{name}</th>
          {assessments.map((assessment, index) => {
            const value = valueOf(assessment);
            const text =
              value === undefined ? table.none : key === 'sum' ? mmText(value, words) : percentText(value);
            return <td key={index}>{text}</td>;
          })}
        </tr>
      ))}
      <tr data-samepoint="table-response">
        <th scope="row">{table.response}</th>
        {assessments.map((assessment, index) => (
          <td key={index} title={responseTitle(assessment, words)}>
            {assessment.isBaseline ? table.shortBaseline : (assessment.response ?? table.none)}
          </td>
        ))}
      </tr>
    </tfoot>
  );
}

function Warnings({ warnings }: Pick<LesionTable, 'warnings'>): JSX.Element | null {
  const { words } = usePanel();
  if (warnings.length === 0) return null;
  return (
    <ul data-samepoint="table-warnings" aria-label={words.table.warnings}>
      {warnings.map((warning) => (
        <li key={warningText(warning, words)}>
          <ActionIcon name="warning" />
          <span>{warningText(warning, words)}</span>
        </li>
      ))}
    </ul>
  );
}

/** Hands a text to the reader as a file. */
function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

function Export({ lesionTable }: { readonly lesionTable: LesionTable }): JSX.Element {
  const { words } = usePanel();
  const { table } = words;
  const [outcome, setOutcome] = useState('');
  const copy = async (): Promise<void> => {
    try {
      await navigator.clipboard.writeText(toTsv(sheetOf(lesionTable, words), words));
      setOutcome(table.copied);
    } catch {
      // Outside of a secure context, or refused by the reader.
      setOutcome(table.copyFailed);
    }
  };
  return (
    <div data-samepoint="table-actions">
      <span data-samepoint="copy-outcome" role="status">
        {outcome}
      </span>
      <button type="button" data-samepoint="copy" onClick={() => void copy()}>
        {table.copy}
      </button>
      <button
        type="button"
        data-samepoint="download"
        aria-label={table.downloadLong}
        onClick={() => {
          download(table.fileName, toCsv(sheetOf(lesionTable, words), words));
        }}
      >
        {table.download}
      </button>
    </div>
  );
}

/** Scrolls a box to its end, where the newest time point is. */
function useNewestInView(timePoints: number): RefObject<HTMLDivElement | null> {
  const box = useRef<HTMLDivElement>(null);
  useLayoutEffect(() => {
    if (box.current !== null) box.current.scrollLeft = box.current.scrollWidth;
  }, [timePoints]);
  return box;
}

/** Lesions by time points, what RECIST 1.1 makes of them, and their course. */
export function TableView(): JSX.Element {
  const { state, words } = usePanel();
  if (state.lesions.length === 0) return <p data-samepoint="hint">{words.table.empty}</p>;
  return <FilledTable lesionTable={tableOf(state)} />;
}

function FilledTable({ lesionTable }: { readonly lesionTable: LesionTable }): JSX.Element {
  const { words } = usePanel();
  const { table } = words;
  const { timePoints, rows, assessments, warnings } = lesionTable;
  const scroll = useNewestInView(timePoints.length);
  return (
    <div data-samepoint="table-view">
      <Warnings warnings={warnings} />
      <div ref={scroll} data-samepoint="table-scroll" role="region" aria-label={table.title} tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">{table.lesion}, mm</th>
              {timePoints.map(({ studyInstanceUid, date }) => (
                <th key={studyInstanceUid} scope="col" title={words.dateText(date)}>
                  {words.shortDate(date)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <LesionTableRow key={row.trackingUid} row={row} />
            ))}
          </tbody>
          <Summary assessments={assessments} />
        </table>
      </div>
      <p data-samepoint="aid">{table.aid}</p>
      <Export lesionTable={lesionTable} />
      <Chart lesionTable={lesionTable} />
    </div>
  );
}
