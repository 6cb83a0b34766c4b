import type { JSX } from 'preact';
import type { LesionTable } from '../table/table.ts';
import { usePanel } from './context.ts';
import { LINE_COLOURS } from './palette.ts';
import { mmText } from './wording.ts';

/** The drawing, in its own units, and the margins for the numbers. */
const WIDTH = 260;
const HEIGHT = 130;
const LEFT = 26;
const RIGHT = 20;
const TOP = 8;
const BOTTOM = 18;
/** Least distance of two numbers at the end of their lines. */
const LABEL_GAP = 9;

/** A line of the chart: at which time points it has a value, mm. */
interface Line {
  readonly key: string;
  readonly name: string;
  /** At its end: the number of the lesion. */
  readonly tag: string;
  readonly isSum: boolean;
  readonly isSelected: boolean;
  readonly values: readonly (number | undefined)[];
}

function linesOf(
  { rows, assessments }: LesionTable,
  selected: string | undefined,
  sumName: string,
): readonly Line[] {
  const ofLesions = rows
    .filter(({ role }) => role !== 'not-followed')
    .map(({ trackingUid, label, number, cells }) => ({
      key: trackingUid,
      name: `${number}, ${label}`,
      tag: String(number),
      isSum: false,
      isSelected: trackingUid === selected,
      values: cells.map((cell) => {
        if (cell?.isDecided !== true) return undefined;
        return cell.status === 'resolved' ? 0 : cell.mm;
      }),
    }));
  const values = assessments.map(({ sumMm }) => sumMm);
  const sum = { key: 'sum', name: sumName, tag: 'Σ', isSum: true, isSelected: false, values };
  return [...ofLesions, sum].filter((line) => line.values.some((value) => value !== undefined));
}

/** Where the time points lie: by their dates where all have one, else evenly. */
function columnsOf(dates: readonly string[]): readonly number[] {
  const days = dates.map((date) => Date.parse(date));
  const [first = NaN, last = NaN] = [days[0], days.at(-1)];
  const isDated = days.every(Number.isFinite) && last > first;
  const width = WIDTH - LEFT - RIGHT;
  return days.map((day, index) => {
    const share = isDated ? (day - first) / (last - first) : index / Math.max(1, dates.length - 1);
    return LEFT + share * width;
  });
}

/** A round number at or above the largest value: the top of the axis, mm. */
export function axisTop(mm: number): number {
  const step = 10 ** Math.floor(Math.log10(Math.max(1, mm)));
  return [1, 1.2, 1.6, 2, 3, 4, 5, 6, 8, 10].map((factor) => factor * step).find((top) => top >= mm) ?? mm;
}

/** Moves numbers apart that would cover each other, from the top to the bottom. */
export function spread(heights: readonly number[], gap: number): readonly number[] {
  const order = heights.map((y, index) => ({ y, index })).sort((a, b) => a.y - b.y);
  const placed = [...heights];
  let previous = -Infinity;
  for (const { y, index } of order) {
    previous = Math.max(y, previous + gap);
    placed[index] = previous;
  }
  // What was moved below the axis is pushed back up, with those above it.
  let limit = HEIGHT - BOTTOM + 3;
  for (const { index } of order.toReversed()) {
    placed[index] = Math.min(placed[index] ?? limit, limit);
    limit = (placed[index] ?? limit) - gap;
  }
  return placed;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The places of the numbers: those of lines that end together stand below each other. */
function tagsOf(ends: readonly Point[]): readonly Point[] {
  const tags = [...ends];
  for (const x of new Set(ends.map((end) => end.x))) {
    const column = [...ends.keys()].filter((index) => ends[index]?.x === x);
    const heights = spread(
      column.map((index) => ends[index]?.y ?? TOP),
      LABEL_GAP,
    );
    column.forEach((index, at) => (tags[index] = { x, y: heights[at] ?? TOP }));
  }
  return tags;
}

interface LineProps {
  readonly line: Line;
  readonly points: readonly Point[];
  readonly colour: string;
  /** Where the number of the line stands: beside its last point. */
  readonly tag: Point;
}

function ChartLine({ line, points, colour, tag }: LineProps): JSX.Element {
  const emphasis = line.isSum || line.isSelected;
  const path = points
    .map(({ x, y }, index) => `${index === 0 ? 'M' : 'L'}${x.toFixed(1)} ${y.toFixed(1)}`)
    .join('');
  return (
    <g data-samepoint="chart-line" data-selected={line.isSelected} stroke={colour} fill={colour}>
      <path d={path} fill="none" stroke-width={emphasis ? 2.4 : 1.2} />
      {points.map(({ x, y }) => (
        <circle key={x} cx={x} cy={y} r={emphasis ? 2.6 : 1.8} stroke="none" />
      ))}
      <text x={tag.x + 5} y={tag.y + 3} stroke="none" font-size="8.5" font-weight={emphasis ? 700 : 400}>
        {line.tag}
      </text>
    </g>
  );
}

function Axes({
  top,
  columns,
  dates,
}: {
  readonly top: number;
  readonly columns: readonly number[];
  readonly dates: readonly string[];
}): JSX.Element {
  const base = HEIGHT - BOTTOM;
  const ends = [0, dates.length - 1];
  return (
    <g data-samepoint="chart-axes">
      {[0, 0.5, 1].map((share) => {
        const y = base - share * (base - TOP);
        return (
          <g key={share}>
            <path d={`M${LEFT} ${y}H${WIDTH - RIGHT}`} />
            <text x={LEFT - 4} y={y + 3} text-anchor="end">
              {Math.round(share * top * 10) / 10}
            </text>
          </g>
        );
      })}
      {ends.map((index, end) => (
        <text
          key={end}
          x={end === 0 ? LEFT : columns[index]}
          y={HEIGHT - 4}
          text-anchor={end === 0 ? 'start' : 'end'}
        >
          {dates[index]}
        </text>
      ))}
    </g>
  );
}

/** The course of the diameters: one line per lesion and one for the sum of the targets. */
export function Chart({ lesionTable }: { readonly lesionTable: LesionTable }): JSX.Element | null {
  const { state, words } = usePanel();
  const { table } = words;
  const lines = linesOf(lesionTable, state.review.selected, table.chartSum);
  if (lesionTable.timePoints.length < 2 || lines.length === 0) return null;
  const dates = lesionTable.timePoints.map(({ date }) => words.dateText(date));
  const columns = columnsOf(lesionTable.timePoints.map(({ date }) => date));
  const top = axisTop(Math.max(...lines.flatMap(({ values }) => values.map((value) => value ?? 0))));
  const yOf = (mm: number): number => HEIGHT - BOTTOM - (mm / top) * (HEIGHT - BOTTOM - TOP);
  const points = lines.map(({ values }) =>
    values.flatMap((mm, index) => (mm === undefined ? [] : [{ x: columns[index] ?? LEFT, y: yOf(mm) }])),
  );
  const tags = tagsOf(points.map((of) => of.at(-1) ?? { x: LEFT, y: TOP }));
  const spoken = lines.map(({ name, values }) => {
    const parts = values.map(
      (mm, index) => `${dates[index] ?? ''} ${mm === undefined ? table.none : `${mmText(mm, words)} mm`}`,
    );
    return table.chartPoint(name, parts.join(', '));
  });
  return (
    <svg
      data-samepoint="chart"
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      role="img"
      aria-label={`${table.chart}. ${spoken.join(' ')}`}
    >
      <Axes top={top} columns={columns} dates={dates} />
      {lines.map((line, index) => (
        <ChartLine
          key={line.key}
          line={line}
          points={points[index] ?? []}
          colour={line.isSum ? 'currentColor' : (LINE_COLOURS[index % LINE_COLOURS.length] ?? 'currentColor')}
          tag={tags[index] ?? { x: LEFT, y: TOP }}
        />
      ))}
    </svg>
  );
}
