/**
 * What linked panes do in the page, measured there: errors against a known map, and how fast they are.
 * @module
 */
import type { Page } from 'playwright-core';
import { quantile } from '../accuracy/statistics.ts';
import { distanceMm } from '../support/api.ts';
import type { Lps } from '../support/api.ts';
import type { LinkedPage } from '../support/linkedPage.ts';
import type { ViewerPage } from '../support/viewerPage.ts';

/** A pair of panes, and points of the left one with their true places in the right one. */
export interface LinkedPair {
  readonly current: string;
  readonly prior: string;
  /** In the middle of slices of the current study. */
  readonly levels: readonly TruePoint[];
  /** Anywhere in the body. */
  readonly points: readonly TruePoint[];
}

export interface TruePoint {
  readonly lps: Lps;
  readonly prior: Lps;
}

/** Median, 95th percentile and largest. */
export interface Spread {
  readonly median: number;
  readonly p95: number;
  readonly max: number;
  readonly count: number;
}

const STEPS = 60;
const MOVES = 600;
/** The mouse goes round on a circle, so small that the slices of its points are mostly the same. */
const CIRCLE_PX = 6;
/** Time for the slices of both panes to be shown, ms. */
const SETTLE_MS = 400;
const MAX_TURNS = 10;
const MS_PER_S = 1000;
/** A slice that is not farther beside a level shows it, mm. */
const SAME_LEVEL_MM = 0.01;

/** Of numbers; to hundredths. */
export function spreadOf(values: readonly number[]): Spread {
  const rounded = (value: number): number => Math.round(100 * value) / 100;
  return {
    median: rounded(quantile(values, 0.5)),
    p95: rounded(quantile(values, 0.95)),
    max: rounded(Math.max(...values)),
    count: values.length,
  };
}

/** Pages of the measurement. */
export interface Panes {
  readonly page: Page;
  readonly viewer: ViewerPage;
  readonly linked: LinkedPage;
}

/** Of levels: how far the slices that are shown lie beside the true levels, and how far the nearest slices do, which no link is better than. */
export interface LevelErrors {
  readonly shownMm: readonly number[];
  readonly nearestMm: readonly number[];
}

/** Measures the right pane after the left one was brought to each level. @throws Error for a level between two slices of the left one */
export async function levelErrors(
  { page, viewer }: Omit<Panes, 'linked'>,
  pair: LinkedPair,
): Promise<LevelErrors> {
  const shownMm: number[] = [];
  const nearestMm: number[] = [];
  const slices = await sliceLevels(page, pair.prior);
  for (const { lps, prior } of pair.levels) {
    await bringTo(page, pair.current, lps);
    shownMm.push(Math.abs((await settledLevel({ page, viewer }, pair)) - prior[2]));
    nearestMm.push(beside(slices, prior[2]));
    // The truth is that of the level: it must be what the reader looks at.
    const offMm = Math.abs((await viewer.shownCentre(pair.current))[2] - lps[2]);
    if (offMm > SAME_LEVEL_MM) throw new Error(`the slice at level ${lps[2]} is ${offMm} mm beside it`);
  }
  return { shownMm, nearestMm };
}

/** How far a level lies beside the nearest slice, mm. */
function beside(slices: readonly number[], z: number): number {
  return Math.min(...slices.map((level) => Math.abs(level - z)));
}

/** The levels of the slices of a series, mm. */
async function sliceLevels(page: Page, series: string): Promise<readonly number[]> {
  return await page.evaluate(
    (uid) =>
      (window.samepointTest!.showing(uid).getImageIds?.() ?? []).map((imageId) => {
        const plane = window.cornerstone?.metaData.get('imagePlaneModule', imageId);
        return plane?.imagePositionPatient?.[2] ?? NaN;
      }),
    series,
  );
}

/** The level of the right pane when both panes have stopped, mm. */
async function settledLevel({ page, viewer }: Omit<Panes, 'linked'>, pair: LinkedPair): Promise<number> {
  const levels = async (): Promise<readonly number[]> => [
    (await viewer.shownCentre(pair.current))[2],
    (await viewer.shownCentre(pair.prior))[2],
  ];
  let before: readonly number[] = [];
  let now = await levels();
  for (let turn = 0; turn < MAX_TURNS && (turn < 2 || now.join() !== before.join()); turn += 1) {
    await page.waitForTimeout(SETTLE_MS);
    [before, now] = [now, await levels()];
  }
  return now[1] ?? NaN;
}

/** How far the ring in the right pane lies from the true place, mm, for the mouse on each point of the left one. */
export async function cursorErrors(
  { page, viewer, linked }: Panes,
  pair: LinkedPair,
): Promise<{ readonly errors: readonly number[]; readonly missing: number }> {
  const errors: number[] = [];
  for (const { lps, prior } of pair.points) {
    await bringTo(page, pair.current, lps);
    await page.waitForTimeout(SETTLE_MS);
    const [place] = await viewer.onPage(pair.current, [lps]);
    await page.mouse.move(place?.x ?? 0, place?.y ?? 0);
    await page.waitForTimeout(SETTLE_MS);
    const ring = await linked.cursor(pair.prior);
    if (ring !== undefined) errors.push(distanceMm(ring, prior));
  }
  return { errors, missing: pair.points.length - errors.length };
}

/** Brings a pane to a slice as the wheel does: its new image leads the others. */
export async function bringTo(page: Page, series: string, lps: Lps): Promise<void> {
  await page.evaluate(
    ([uid, [x, y, z]]) => {
      window.samepointTest!.showing(uid).jumpToWorld?.([x, y, z]);
    },
    [series, lps] as const,
  );
}

/** Steps of the left pane, one after the other as soon as both panes show their new slice. */
export async function stepSpeed(
  page: Page,
  { current, prior }: LinkedPair,
): Promise<{ readonly perSecond: number; readonly latencyMs: Spread }> {
  const { seconds, latencies } = await page.evaluate(
    async ([from, to, steps]) => {
      const [source, target] = [from, to].map((uid) => window.samepointTest!.showing(uid));
      if (source === undefined || target === undefined) throw new Error('no panes');
      const times: number[] = [];
      let since = 0;
      const jump = target.jumpToWorld?.bind(target);
      target.jumpToWorld = (world) => {
        const moved = jump?.(world) ?? false;
        times.push(performance.now() - since);
        return moved;
      };
      const onImage = (event: Event): void => {
        if (event.target === source.element) since = performance.now();
      };
      const events = ['CORNERSTONE_STACK_NEW_IMAGE', 'CORNERSTONE_CAMERA_MODIFIED'];
      for (const name of events) window.addEventListener(name, onImage, true);
      const shown = (viewport: OhifViewport): Promise<void> =>
        new Promise((resolve) => {
          setTimeout(resolve, 500);
          viewport.element.addEventListener(
            'CORNERSTONE_IMAGE_RENDERED',
            () => {
              resolve();
            },
            { once: true },
          );
        });
      const start = performance.now();
      for (let step = 0; step < steps; step += 1) {
        const drawn = shown(source);
        source.scroll?.(step < steps / 2 ? 1 : -1);
        await drawn;
      }
      const elapsed = performance.now() - start;
      for (const name of events) window.removeEventListener(name, onImage, true);
      if (jump !== undefined) target.jumpToWorld = jump;
      return { seconds: elapsed / 1000, latencies: times };
    },
    [current, prior, STEPS] as const,
  );
  return { perSecond: Math.round(STEPS / seconds), latencyMs: spreadOf(latencies) };
}

/**
 * Moves of the mouse over the left pane, each with the ring in the right pane in its new place before the next: at the level whose
 * counterpart lies nearest to the middle of a slice, since the time of a new slice is that of a step. Null where the ring was not drawn at
 * most of the places.
 */
export async function cursorSpeed(
  { page, linked }: Pick<Panes, 'page' | 'linked'>,
  { current, prior, levels }: LinkedPair,
): Promise<number | null> {
  const slices = await sliceLevels(page, prior);
  const [best] = levels
    .map(({ lps, prior: [, , z] }) => ({ lps, offMm: beside(slices, z) }))
    .sort((a, b) => a.offMm - b.offMm);
  // The other pane goes to the level of the mouse.
  await linked.moveTo(current, [0.5, 0.5]);
  if (best !== undefined) await bringTo(page, current, best.lps);
  await page.waitForTimeout(SETTLE_MS);
  await linked.moveTo(current, [0.5, 0.5]);
  const seconds = await page.evaluate(
    ([from, to, moves, radius]) => {
      const [source, target] = [from, to].map((uid) => window.samepointTest!.showing(uid));
      if (source === undefined || target === undefined) throw new Error('no panes');
      const { left, top, width, height } = source.element.getBoundingClientRect();
      const place = (): string =>
        target.element.querySelector('[data-samepoint="live-cursor"] > g')?.getAttribute('transform') ?? '';
      const places = new Set<string>();
      const start = performance.now();
      for (let move = 0; move < moves; move += 1) {
        const angle = (2 * Math.PI * move) / moves;
        const clientX = left + width / 2 + radius * Math.cos(angle);
        const clientY = top + height / 2 + radius * Math.sin(angle);
        document.dispatchEvent(new PointerEvent('pointermove', { clientX, clientY }));
        places.add(place());
      }
      const elapsed = (performance.now() - start) / 1000;
      return places.size > moves / 4 ? elapsed : null;
    },
    [current, prior, MOVES, CIRCLE_PX] as const,
  );
  return seconds === null ? null : Math.round(MOVES / seconds);
}

/** Runs work and gives its time, s. */
export async function timed(work: () => Promise<void>): Promise<number> {
  const since = performance.now();
  await work();
  return Math.round((100 * (performance.now() - since)) / MS_PER_S) / 100;
}
