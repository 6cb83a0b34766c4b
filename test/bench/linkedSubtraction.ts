/**
 * How long the reader waits for the subtraction of the prior, measured in the page.
 * @module
 */
import type { Page } from 'playwright-core';
import type { DemoTruth } from '../support/demo.ts';
import { spreadOf } from './linkedPane.ts';
import type { Panes, Spread } from './linkedPane.ts';

const KEY = 'Shift+D';
/** Pictures that are drawn with all images in memory. */
const REPEATS = 12;
/** A picture that is not drawn again for so long is whole, ms. */
const STILL_MS = 2_000;
const TIMEOUT_MS = 120_000;
const OFF_SETTLE_MS = 500;

/** From the key press, ms. */
interface Waited {
  readonly first: number;
  /** Until it is drawn with every image that it needs. */
  readonly whole: number;
}

/** Times of the subtraction, from the key press, ms. */
export interface SubtractionTimes {
  /** With images of both scans that the viewer has not loaded yet: until something is drawn, and until all of it is. */
  readonly coldMs: Waited;
  /** With all images in memory. */
  readonly warmMs: Spread;
}

/** Records in the page when the key is pressed, and each time that a picture is put onto the pane. */
async function watch(page: Page): Promise<void> {
  await page.evaluate(() => {
    const times: { pressed: number; drawn: number[] } = { pressed: 0, drawn: [] };
    Object.assign(window, { samepointTimes: times });
    document.addEventListener(
      'keydown',
      () => {
        Object.assign(times, { pressed: performance.now(), drawn: [] });
      },
      true,
    );
    const prototype = CanvasRenderingContext2D.prototype as {
      putImageData: (this: CanvasRenderingContext2D, ...rest: unknown[]) => void;
    };
    const put = prototype.putImageData;
    prototype.putImageData = function putImageData(...rest: unknown[]) {
      put.call(this, ...rest);
      if (this.canvas.parentElement?.dataset['samepoint'] === 'fusion') times.drawn.push(performance.now());
    };
  });
}

/** Presses the key, and waits until the picture is whole. */
async function pressed(page: Page): Promise<Waited> {
  await page.keyboard.press(KEY);
  const found = await page.waitForFunction(
    (still) => {
      const { pressed: since, drawn } = window.samepointTimes!;
      const [first, last] = [drawn[0], drawn.at(-1)];
      if (first === undefined || last === undefined || performance.now() - last < still) return undefined;
      return { first: first - since, whole: last - since };
    },
    STILL_MS,
    { timeout: TIMEOUT_MS },
  );
  const waited = await found.jsonValue();
  if (waited === undefined) throw new Error('no picture was drawn');
  return { first: Math.round(waited.first), whole: Math.round(waited.whole) };
}

/** Measures the subtraction over the lesions of the current study; its map must be there. */
export async function subtractionTimes(
  { page, viewer }: Omit<Panes, 'linked'>,
  current: string,
  lesions: DemoTruth['lesions'],
): Promise<SubtractionTimes> {
  await watch(page);
  const times: Waited[] = [];
  for (let k = 0; k <= REPEATS; k += 1) {
    const lesion = lesions[k % lesions.length];
    if (lesion !== undefined) await viewer.scrollTo(current, lesion.currentLps);
    // The first one has to load images.
    times.push(await pressed(page));
    await page.keyboard.press(KEY);
    await page.waitForTimeout(OFF_SETTLE_MS);
  }
  const [cold, ...warm] = times;
  if (cold === undefined) throw new Error('nothing was measured');
  return { coldMs: cold, warmMs: spreadOf(warm.map(({ whole }) => whole)) };
}
