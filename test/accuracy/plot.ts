/**
 * Panels of a plot as SVG: axes, lines, texts. Lengths in px.
 * @module
 */

/** Size of a panel and of what is around it, px. */
export const [PANEL, MARGIN, GAP, ROW_GAP] = [300, 60, 70, 90];
const COLOURS = ['#1b6ca8', '#c0392b', '#2e8b57', '#8e44ad', '#d68910', '#555555', '#16a0a0', '#a0522d'];
/** Ends of both logarithmic axes, mm. */
const [LOW_MM, HIGH_MM] = [0.1, 300];
const TICKS_MM = [0.1, 1, 10, 100];

export const px = (value: number): string => value.toFixed(1);
export const up = (share: number): number => PANEL * (1 - share);
export const logarithmic = (mm: number): number =>
  (PANEL * Math.log(Math.min(HIGH_MM, Math.max(LOW_MM, mm)) / LOW_MM)) / Math.log(HIGH_MM / LOW_MM);
export const colour = (index: number): string => COLOURS[index % COLOURS.length] ?? '#000';

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

/** A line of text; `more` are attributes. */
export function text(x: number, y: number, content: string, more = ''): string {
  return `<text x="${px(x)}" y="${px(y)}" ${more}>${escaped(content)}</text>`;
}

/** A straight line, dashed without a style of its own. */
export function line(
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

export const shareTicks = [0, 0.2, 0.4, 0.6, 0.8, 1].map(
  (share) => [share * PANEL, share.toFixed(1)] as const,
);
export const mmTicks = TICKS_MM.map((mm) => [logarithmic(mm), String(mm)] as const);

/** A panel in a column and row of the plot, rows as far apart as given. */
export function panel(
  [column, row]: readonly [number, number],
  title: string,
  [x, y]: readonly [Axis, Axis],
  content: readonly string[],
): string {
  const left = MARGIN + column * (PANEL + GAP);
  const top = MARGIN + row * (PANEL + ROW_GAP);
  return [
    `<g transform="translate(${px(left)} ${px(top)})">`,
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

/** The whole plot, self-contained. */
export function plotOf(width: number, height: number, caption: string, content: readonly string[]): string {
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" font-family="sans-serif" font-size="12">`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    text(MARGIN, 24, caption, 'font-size="14"'),
    ...content,
    '</svg>\n',
  ].join('\n');
}
