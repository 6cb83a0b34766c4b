/**
 * The chart of what stored series cost.
 * @module
 */
import { colour, line, MARGIN, GAP, PANEL, panel, plotOf, px, text } from '../accuracy/plot.ts';

/** What so many stored series cost. */
export interface StoredSeriesRow {
  readonly series: number;
  readonly diskMib: number;
  /** From the start of the process until it is ready, s. */
  readonly startS: number;
  /** Of the server and its inference process, before and after it matches. */
  readonly idleMib: number;
  readonly matchingMib: number;
  /** The first match of a pair, whose embeddings are read from the disk; absent where one of them was not there. */
  readonly firstMatchMs?: number;
  /** Median of the later ones. */
  readonly matchMs: number;
}

/** The file of results. */
export interface StoredSeriesResults {
  readonly processors: number;
  readonly loadAverage: readonly number[];
  readonly model: string;
  readonly rows: readonly StoredSeriesRow[];
}

/** One line of a panel. */
interface Curve {
  readonly name: string;
  readonly value: (row: StoredSeriesRow) => number | undefined;
}

interface Chart {
  readonly title: string;
  readonly unit: string;
  readonly curves: readonly Curve[];
}

const CHARTS: readonly Chart[] = [
  {
    title: 'Memory',
    unit: 'MiB',
    curves: [
      { name: 'after the start', value: ({ idleMib }) => idleMib },
      { name: 'after matches', value: ({ matchingMib }) => matchingMib },
    ],
  },
  { title: 'Start', unit: 's', curves: [{ name: 'until ready', value: ({ startS }) => startS }] },
  {
    title: 'Match',
    unit: 'ms',
    curves: [
      { name: 'first of a pair', value: ({ firstMatchMs }) => firstMatchMs },
      { name: 'later ones, median', value: ({ matchMs }) => matchMs },
    ],
  },
];
const TICKS = 4;
const RADIUS = 3;
/** Distance of the lines of the legend, px. */
const LEGEND = 16;
const HEIGHT = 2 * MARGIN + PANEL + LEGEND;

/** The least round number that is not smaller: 1, 2 or 5 times a power of ten. */
function roundedUp(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5].find((step) => step * power >= value) ?? 10) * power;
}

function panelOf({ title, unit, curves }: Chart, rows: readonly StoredSeriesRow[], column: number): string {
  const last = Math.log10(rows.at(-1)?.series ?? 1) || 1;
  const x = (series: number): number => (PANEL * Math.log10(series)) / last;
  const values = curves.flatMap(({ value }) => rows.flatMap((row) => value(row) ?? []));
  const top = roundedUp(Math.max(...values));
  const y = (value: number): number => PANEL * (1 - value / top);
  const drawn = curves.flatMap(({ name, value }, index) => {
    const points = rows.flatMap((row) => {
      const found = value(row);
      return found === undefined ? [] : [[x(row.series), y(found)] as const];
    });
    const path = points.map(([left, up]) => `${px(left)},${px(up)}`).join(' ');
    return [
      `<polyline points="${path}" fill="none" stroke="${colour(index)}" stroke-width="2"/>`,
      ...points.map(
        ([left, up]) => `<circle cx="${px(left)}" cy="${px(up)}" r="${RADIUS}" fill="${colour(index)}"/>`,
      ),
      line(
        0,
        PANEL + 52 + index * LEGEND,
        20,
        PANEL + 52 + index * LEGEND,
        `stroke="${colour(index)}" stroke-width="2"`,
      ),
      text(26, PANEL + 56 + index * LEGEND, name),
    ];
  });
  const ticks = Array.from({ length: TICKS + 1 }, (_, n) => (n * top) / TICKS);
  const axes = [
    { title: 'stored series', ticks: rows.map(({ series }) => [x(series), String(series)] as const) },
    {
      title: unit,
      ticks: ticks.map((value) => [PANEL - y(value), String(Number(value.toPrecision(3)))] as const),
    },
  ] as const;
  return panel([column, 0], title, axes, drawn);
}

/** The chart as SVG: memory, start and match over the number of stored series, which is logarithmic. */
export function chartOf({ model, processors, rows }: StoredSeriesResults): string {
  const width = 2 * MARGIN + CHARTS.length * PANEL + (CHARTS.length - 1) * GAP;
  const caption = `A server with stored series: ${model}, ${processors} processors`;
  return plotOf(
    width,
    HEIGHT,
    caption,
    CHARTS.map((chart, column) => panelOf(chart, rows, column)),
  );
}
