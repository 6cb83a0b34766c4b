/**
 * The reliability plot: does the error radius hold what it promises? Only numbers are drawn.
 * @module
 */
import { quantile } from './statistics.ts';
import type { Scored } from './statistics.ts';

/** The points of one model and method. */
export interface Series {
  readonly label: string;
  readonly points: readonly Scored[];
}

/** An answered point with a radius. */
interface Judged {
  readonly errorMm: number;
  readonly radiusMm: number;
}

/** What the radius promises. */
const PROMISED = 0.9;
const BINS = 10;
const QUANTILES = Array.from({ length: 19 }, (_, n) => (n + 1) / 20);

/** Size of a panel and of what is around it, px. */
const [PANEL, MARGIN, GAP] = [300, 60, 70];
const COLOURS = ['#1b6ca8', '#c0392b', '#2e8b57', '#8e44ad', '#d68910', '#555555', '#16a0a0', '#a0522d'];
/** Ends of both logarithmic axes, mm. */
const [LOW_MM, HIGH_MM] = [0.1, 300];
const TICKS_MM = [0.1, 1, 10, 100];

/** Abramowitz and Stegun 7.1.26; absolute error below 1.5e-7. */
function erf(x: number): number {
  const t = 1 / (1 + 0.3275911 * x);
  const series = [1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592];
  return 1 - series.reduce((sum, factor) => (sum + factor) * t, 0) * Math.exp(-x * x);
}

/** Probability that a standard normal vector in three dimensions is not longer than x. */
export function chi3(x: number): number {
  return erf(x / Math.SQRT2) - Math.sqrt(2 / Math.PI) * x * Math.exp((-x * x) / 2);
}

/** The length that a standard normal vector in three dimensions stays below with a probability. */
export function chi3Quantile(probability: number): number {
  let [low, high] = [0, 10];
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2;
    if (chi3(middle) < probability) low = middle;
    else high = middle;
  }
  return low;
}

function judged(points: readonly Scored[]): Judged[] {
  return points.flatMap(({ errorMm, radiusMm }) =>
    errorMm === undefined || radiusMm === undefined ? [] : [{ errorMm, radiusMm }],
  );
}

/**
 * Observed coverage for nominal ones: the radius of 90 % is scaled to another probability as for an error that is normal
 * with equal variance along the three axes.
 */
export function coverageCurve(
  points: readonly Scored[],
): { readonly nominal: number; readonly observed: number }[] {
  const known = judged(points);
  return QUANTILES.map((nominal) => {
    const scale = chi3Quantile(nominal) / chi3Quantile(PROMISED);
    const held = known.filter(({ errorMm, radiusMm }) => errorMm <= scale * radiusMm);
    return { nominal, observed: held.length / known.length };
  });
}

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

const px = (value: number): string => value.toFixed(1);
const up = (share: number): number => PANEL * (1 - share);
const logarithmic = (mm: number): number =>
  (PANEL * Math.log(Math.min(HIGH_MM, Math.max(LOW_MM, mm)) / LOW_MM)) / Math.log(HIGH_MM / LOW_MM);
const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${px(x)}" y="${px(y)}" ${more}>${escaped(content)}</text>`;
}

function line(
  x1: number,
  y1: number,
  x2: number,
  y2: number,
  style = 'stroke="#999" stroke-dasharray="4 3"',
): string {
  return `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" ${style}/>`;
}

interface Axis {
  readonly title: string;
  /** Places along the axis, px from its start, and their names. */
  readonly ticks: readonly (readonly [at: number, name: string])[];
}

const shareTicks = [0, 0.2, 0.4, 0.6, 0.8, 1].map((share) => [share * PANEL, share.toFixed(1)] as const);
const mmTicks = TICKS_MM.map((mm) => [logarithmic(mm), String(mm)] as const);

function panel(column: number, title: string, x: Axis, y: Axis, content: readonly string[]): string {
  const left = MARGIN + column * (PANEL + GAP);
  return [
    `<g transform="translate(${px(left)} ${px(MARGIN)})">`,
    `<rect width="${PANEL}" height="${PANEL}" fill="none" stroke="#333"/>`,
    text(0, -10, title, 'font-weight="bold"'),
    ...x.ticks.map(([at, name]) => text(at, PANEL + 16, name, 'text-anchor="middle"')),
    ...y.ticks.map(([at, name]) => text(-6, PANEL - at + 4, name, 'text-anchor="end"')),
    text(PANEL / 2, PANEL + 34, x.title, 'text-anchor="middle"'),
    text(-PANEL / 2, -36, y.title, 'text-anchor="middle" transform="rotate(-90)"'),
    ...content,
    '</g>',
  ].join('\n');
}

function curvePanel(series: readonly Series[]): string {
  const curves = series.map(({ points }, index) => {
    const places = coverageCurve(points).map(
      ({ nominal, observed }) => `${px(nominal * PANEL)},${px(up(observed))}`,
    );
    return `<polyline points="${places.join(' ')}" fill="none" stroke="${colour(index)}" stroke-width="1.5"/>`;
  });
  const promised = line(PROMISED * PANEL, 0, PROMISED * PANEL, PANEL);
  const axes = [
    { title: 'nominal probability of the radius', ticks: shareTicks },
    { title: 'share of points within it', ticks: shareTicks },
  ] as const;
  return panel(0, 'Radius scaled to other probabilities', ...axes, [
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
  return panel(1, 'Tenths of the points by radius', ...axes, [
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
  return panel(2, `Error and radius, ${label}`, ...axes, [line(0, PANEL, PANEL, 0), group]);
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
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(MARGIN, 24, caption, 'font-size="14"'),
    curvePanel(series),
    binPanel(series),
    scatterPanel(first),
    ...legend,
    '</svg>\n',
  ].join('\n');
}
