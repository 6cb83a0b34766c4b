/**
 * The reliability plots: does the error radius hold what it promises? Only numbers are drawn.
 * @module
 */
import { coverageCurve, judged, NOMINAL, PROMISED } from './coverage.ts';
import {
  colour,
  GAP,
  line,
  logarithmic,
  MARGIN,
  mmTicks,
  PANEL,
  panel,
  plotOf,
  px,
  ROW_GAP,
  shareTicks,
  text,
  up,
} from './plot.ts';
import { quantile } from './statistics.ts';
import type { Row, Scored } from './statistics.ts';

/** The points of one model and method. */
export interface Series {
  readonly label: string;
  readonly points: readonly Scored[];
}

const BINS = 10;
const COVERAGE_AXES = [
  { title: 'nominal probability of the radius', ticks: shareTicks },
  { title: 'share of points within it', ticks: shareTicks },
] as const;

/** Coverage among the tenth of the points with the smallest radii, the next tenth, and so on. */
export function coverageByRadius(
  points: readonly Scored[],
): { readonly radiusMm: number; readonly observed: number }[] {
  const sorted = judged(points).sort((a, b) => a.radiusMm - b.radiusMm);
  return Array.from({ length: BINS }, (_, bin) => {
    const of = sorted.slice(
      Math.floor((bin * sorted.length) / BINS),
      Math.floor(((bin + 1) * sorted.length) / BINS),
    );
    const radii = of.map(({ radiusMm }) => radiusMm);
    return {
      radiusMm: quantile(radii, 0.5),
      observed: of.filter(({ errorMm, radiusMm }) => errorMm <= radiusMm).length / of.length,
    };
  }).filter(({ radiusMm }) => Number.isFinite(radiusMm));
}

/** A curve of observed coverage at the nominal probabilities. */
function curveOf(observed: readonly number[], index: number): string {
  const places = NOMINAL.map((nominal, n) => `${px(nominal * PANEL)},${px(up(observed[n] ?? NaN))}`);
  return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="1.5"/>`;
}

function curvePanel(series: readonly Series[]): string {
  const curves = series.map(({ points }, index) => curveOf(coverageCurve(points), index));
  const promised = line(PROMISED * PANEL, 0, PROMISED * PANEL, PANEL);
  return panel([0, 0], 'Radius scaled to other probabilities', COVERAGE_AXES, [
    line(0, PANEL, PANEL, 0),
    promised,
    ...curves,
  ]);
}

function binPanel(series: readonly Series[]): string {
  const dots = series.flatMap(({ points }, index) =>
    coverageByRadius(points).map(
      ({ radiusMm, observed }) =>
        `<circle cx="${px(logarithmic(radiusMm))}" cy="${px(up(observed))}" r="3.5" fill="${colour(index)}"/>`,
    ),
  );
  const axes = [
    { title: 'median radius of a tenth of the points, mm', ticks: mmTicks },
    { title: 'share of points within the 90 % radius', ticks: shareTicks },
  ] as const;
  return panel([1, 0], 'Tenths of the points by radius', axes, [
    line(0, up(PROMISED), PANEL, up(PROMISED)),
    ...dots,
  ]);
}

function scatterPanel({ label, points }: Series): string {
  const dots = judged(points).map(
    ({ errorMm, radiusMm }) =>
      `<circle cx="${px(logarithmic(radiusMm))}" cy="${px(PANEL - logarithmic(errorMm))}" r="1.2"/>`,
  );
  const axes = [
    { title: '90 % radius, mm', ticks: mmTicks },
    { title: 'error, mm', ticks: mmTicks },
  ] as const;
  const group = `<g fill="${colour(0)}" fill-opacity="0.5">${dots.join('')}</g>`;
  return panel([2, 0], `Error and radius, ${label}`, axes, [line(0, PANEL, PANEL, 0), group]);
}

/** The plot as a self-contained SVG; undefined when no series has a radius. The scatter shows the first series. */
export function reliabilitySvg(all: readonly Series[], caption: string): string | undefined {
  const series = all.filter(({ points }) => judged(points).length > 0);
  const [first] = series;
  if (first === undefined) return undefined;
  const width = 2 * MARGIN + 3 * PANEL + 2 * GAP;
  const legendTop = MARGIN + PANEL + 64;
  const legend = series.map(({ label, points }, index) =>
    text(
      MARGIN,
      legendTop + 18 * index,
      `● ${label}, n = ${judged(points).length}`,
      `fill="${colour(index)}"`,
    ),
  );
  const height = legendTop + 18 * series.length + 30;
  return plotOf(width, height, caption, [
    curvePanel(series),
    binPanel(series),
    scatterPanel(first),
    ...legend,
  ]);
}

const COLUMNS = 4;
/** Lines of a legend in a panel: place from its upper left corner and height, px. */
const [LEGEND_PX, LINE_PX] = [8, 15];

function groupPanel(name: string, rows: readonly Row[], index: number): string {
  const areSeveral = new Set(rows.map(({ model }) => model)).size > 1;
  const lines = rows.map((row, n) => {
    const label = `${row.data}${areSeveral ? `, ${row.model}` : ''}: ${(row.radiusCoverage ?? NaN).toFixed(2)} of ${row.n}`;
    return text(LEGEND_PX, LEGEND_PX + LINE_PX * (n + 1), label, `fill="${colour(n)}"`);
  });
  return panel([index % COLUMNS, Math.floor(index / COLUMNS)], name, COVERAGE_AXES, [
    line(0, PANEL, PANEL, 0),
    line(PROMISED * PANEL, 0, PROMISED * PANEL, PANEL),
    ...rows.map((row, n) => curveOf(row.coverage ?? [], n)),
    ...lines,
  ]);
}

/**
 * The coverage of each case, a panel each with a curve for each set of data, from the rows of the results file; undefined when no row of
 * the method has a curve.
 */
export function reliabilityByCase(all: readonly Row[], method: string): string | undefined {
  const rows = all.filter((row) => row.method === method && row.coverage !== undefined);
  if (rows.length === 0) return undefined;
  const cases = [...new Set(rows.map((row) => row.case))];
  const panels = cases.map((name, index) =>
    groupPanel(
      name,
      rows.filter((row) => row.case === name),
      index,
    ),
  );
  const [columns, lines] = [Math.min(COLUMNS, cases.length), Math.ceil(cases.length / COLUMNS)];
  const width = 2 * MARGIN + columns * PANEL + (columns - 1) * GAP;
  const height = MARGIN + lines * (PANEL + ROW_GAP);
  const caption = `Error radius of "${method}", case by case: share of points within the radius of 90 % in the legends`;
  return plotOf(width, height, caption, panels);
}
