/**
 * The marks of each kind in stock OHIF, on bone, liver and lung, in the usual windows: read from what the screen shows. Each line has
 * 3 : 1 against the image under it, by its colour or by its dark edge (WCAG 2.2, 1.4.11), and each label 4.5 : 1 (1.4.3).
 */
import { startBrowser } from '../support/browser.ts';
import type { Browser } from '../support/browser.ts';
import { outputFile } from '../support/paths.ts';
import { contrast, luminance, Picture } from '../support/picture.ts';
import type { Rgb } from '../support/picture.ts';
import { startDemo } from '../support/demo.ts';
import type { Demo } from '../support/demo.ts';
import type { Lps } from '../support/api.ts';
import { describeWith } from '../support/requirements.ts';
import { ViewerPage } from '../support/viewerPage.ts';

const COARSENESS = 2;
/** Contrast of a mark, and of a text. */
const MARK = 3;
const TEXT = 4.5;
/** The image, enlarged until a mark lies on one tissue as a whole. */
const ZOOM = 12;
const SETTLE_MS = 500;
/** Ring or diamond: radius at which the line is, and how far the edge may lie on both sides, CSS pixels (extension/src/tool/draw.ts). */
const RING_PX = 11;
const DIAMOND_PX = 13;
const BESIDE_PX = 3;
/** The circle of the error radius, a thin line. */
const ERROR_PX = 24;
const ANGLES = 72;
/** A dashed ring has a line for 4 pixels of 7. */
const DASHED = 4 / 7;
/** Between neighbouring marks, CSS pixels. */
const APART_PX = 60;

const WINDOWS = {
  'soft tissue': { lower: -160, upper: 240 },
  lung: { lower: -1350, upper: 150 },
  bone: { lower: -520, upper: 1480 },
} as const;

/** Of the phantom's current study: the hip bone, the liver, the lung; LPS mm. */
const TISSUES: Readonly<Record<string, Lps>> = {
  bone: [-61, -158, -552],
  liver: [14, -208, -397],
  lung: [48, -225, -297],
};

const STATES = ['searching', 'proposed', 'accepted', 'corrected'] as const;
const KINDS = [...STATES, 'uncertain'] as const;
type Kind = (typeof KINDS)[number];

/** Where the marks lie, from the middle of the patch, CSS pixels. */
function offsetOf(index: number): readonly [number, number] {
  return [(index - (KINDS.length - 1) / 2) * APART_PX, 0];
}

interface Place {
  readonly x: number;
  readonly y: number;
}

function medianOf(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!;
}

/** Where the line of a mark runs, as seen from its middle: a circle, or a square on its corner. */
function radiusAt(kind: Kind, angle: number): number {
  if (kind !== 'uncertain') return RING_PX;
  return DIAMOND_PX / (Math.abs(Math.cos(angle)) + Math.abs(Math.sin(angle)));
}

/** The median contrast of a line, or of its dark edge, against the image under it. */
function lineContrast(
  { marked, image }: { readonly marked: Picture; readonly image: Picture },
  middle: Place,
  radiusOf: (angle: number) => number,
  drawnShare = 1,
): number {
  const contrasts = Array.from({ length: ANGLES }, (_, index) => {
    const angle = (2 * Math.PI * (index + 0.5)) / ANGLES;
    const at = (picture: Picture, radius: number): Rgb =>
      picture.at(middle.x + radius * Math.cos(angle), middle.y + radius * Math.sin(angle));
    const radius = radiusOf(angle);
    const under = at(image, radius);
    const across = Array.from({ length: 4 * BESIDE_PX + 1 }, (__, step) => radius - BESIDE_PX + step / 2);
    return Math.max(...across.map((distance) => contrast(at(marked, distance), under)));
  });
  const drawn = contrasts.sort((a, b) => b - a).slice(0, Math.round(ANGLES * drawnShare));
  return medianOf(drawn);
}

/** The contrast of a label: the brightest pixels of its letters against what is around them, the most frequent grey. */
function labelContrast(
  marked: Picture,
  { x, y, width, height }: Place & { width: number; height: number },
): number {
  const pixels: Rgb[] = [];
  for (let row = Math.ceil(y); row < y + height; row += 1)
    for (let column = Math.ceil(x); column < x + width; column += 1) pixels.push(marked.at(column, row));
  const sorted = pixels.sort((a, b) => luminance(a) - luminance(b));
  return contrast(sorted[Math.floor(sorted.length / 2)]!, sorted[Math.floor(sorted.length * 0.99)]!);
}

describeWith(['chromium'], 'marks on the image', () => {
  let demo: Demo | undefined;
  let browser: Browser | undefined;
  let viewer: ViewerPage;
  let series: string;

  beforeAll(async () => {
    demo = await startDemo('markers', { coarseness: COARSENESS });
    browser = await startBrowser();
    const { page } = await browser.newPage();
    viewer = new ViewerPage(page, demo.url);
    const [current] = demo.truth.studies;
    series = current!.seriesInstanceUid;
    await viewer.open([current!.studyInstanceUid], { compare: false });
    await viewer.chooseTool();
  });

  afterAll(async () => {
    await browser?.close();
    await demo?.stop();
  });

  /** Shows a place in the middle, enlarged, in a window. */
  async function show(lps: Lps, voiRange: { lower: number; upper: number }): Promise<void> {
    await viewer.scrollTo(series, lps);
    await viewer.page.evaluate(
      ([uid, range, zoom, [x, y, z]]) => {
        const viewport = window.samepointTest!.showing(uid);
        viewport.setProperties!({ voiRange: range });
        viewport.setZoom!(zoom);
        const [left, top] = viewport.worldToCanvas([x, y, z]);
        const [panX, panY] = viewport.getPan!();
        const { clientWidth, clientHeight } = viewport.element;
        viewport.setPan!([panX + clientWidth / 2 - left, panY + clientHeight / 2 - top]);
        viewport.render();
      },
      [series, voiRange, ZOOM, lps] as const,
    );
    await viewer.page.waitForTimeout(SETTLE_MS);
  }

  /** Puts a mark of each kind around the middle; gives their places on the page, CSS pixels. */
  async function mark(): Promise<readonly Place[]> {
    const places = await viewer.page.evaluate(
      ([uid, kinds, offsets, errorPx]) => {
        const viewport = window.samepointTest!.showing(uid);
        const { left, top, width, height } = viewport.element.getBoundingClientRect();
        const manager = window.cornerstoneTools!.annotation.state.getAnnotationManager();
        const [from, to] = [viewport.canvasToWorld([0, 0]), viewport.canvasToWorld([errorPx, 0])];
        const radiusMm = Math.hypot(to[0] - from[0], to[1] - from[1], to[2] - from[2]);
        return kinds.map((kind, index) => {
          const [dx, dy] = offsets[index]!;
          const canvas: [number, number] = [width / 2 + dx, height / 2 + dy];
          const lps = viewport.canvasToWorld(canvas);
          const frameOfReferenceUid = viewport.getFrameOfReferenceUID();
          const isUncertain = kind === 'uncertain';
          manager.removeAnnotation(kind);
          manager.addAnnotation({
            ...{ annotationUID: kind, highlighted: false, isLocked: true, isVisible: true, isPreview: true },
            metadata: { toolName: 'SamepointFindMatch', FrameOfReferenceUID: frameOfReferenceUid },
            data: {
              handles: { points: [lps] },
              label: '',
              samepoint: {
                ...{ id: kind, seriesInstanceUid: uid, frameOfReferenceUid, lps, lines: [kind], isUncertain },
                state: isUncertain ? 'proposed' : kind,
                radiusMm,
              },
            },
          });
          return { x: left + canvas[0], y: top + canvas[1] };
        });
      },
      [series, KINDS, KINDS.map((_, index) => offsetOf(index)), ERROR_PX] as const,
    );
    await redraw();
    return places;
  }

  async function clear(): Promise<void> {
    await viewer.page.evaluate((kinds) => {
      const manager = window.cornerstoneTools!.annotation.state.getAnnotationManager();
      for (const kind of kinds) manager.removeAnnotation(kind);
    }, KINDS);
    await redraw();
  }

  async function redraw(): Promise<void> {
    await viewer.page.evaluate(() => {
      const ids = window.samepointTest!.viewports().map(({ id }) => id);
      window.cornerstoneTools!.utilities.triggerAnnotationRenderForViewportIds(ids);
    });
    await viewer.page.waitForTimeout(SETTLE_MS);
  }

  const labels = (): Promise<readonly { x: number; y: number; width: number; height: number }[]> =>
    viewer.page.evaluate(() =>
      [...document.querySelectorAll('svg.svg-layer text')].map((text) => {
        const { x, y, width, height } = text.getBoundingClientRect();
        return { x, y, width, height };
      }),
    );

  describe.each(Object.entries(TISSUES))('on %s', (tissue, lps) => {
    test.each(Object.entries(WINDOWS))('in the %s window', async (window, range) => {
      await show(lps, range);
      await clear();
      const image = await Picture.of(viewer.page);
      const places = await mark();
      const marked = await Picture.of(viewer.page);
      await viewer.page.screenshot({ path: outputFile(`markers-${tissue}-${window}.png`) });
      const pictures = { marked, image };
      const lines = KINDS.flatMap((kind, index) => {
        const isDashed = kind === 'searching' || kind === 'proposed';
        const ring = (angle: number): number => radiusAt(kind, angle);
        return [
          [kind, lineContrast(pictures, places[index]!, ring, isDashed ? DASHED : 1)] as const,
          [`${kind}, radius`, lineContrast(pictures, places[index]!, () => ERROR_PX)] as const,
        ];
      });
      const printed = await labels();
      const texts = printed.map((box) => labelContrast(marked, box));
      process.stdout.write(
        `${tissue}, ${window} window: ${texts.map((text) => text.toFixed(1)).join(' ')}; `,
      );
      process.stdout.write(`${lines.map(([kind, ratio]) => `${kind} ${ratio.toFixed(1)}`).join(', ')}\n`);
      expect(lines.filter(([, ratio]) => ratio < MARK)).toEqual([]);
      expect(printed).toHaveLength(KINDS.length);
      expect(texts.filter((ratio) => ratio < TEXT)).toEqual([]);
    });
  });
});
