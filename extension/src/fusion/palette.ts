/**
 * Colours of computed pictures: tables of 256 colours as they lie in the memory of a canvas (red, green, blue, opacity, one byte each).
 * @module
 */

/** A colour: red, green, blue and opacity, 0 to 255. */
type Rgba = readonly [number, number, number, number];

export interface Palette {
  readonly colours: Uint32Array;
  /** The same as a CSS background, for a legend. */
  readonly gradient: string;
}

const COLOURS = 256;
/** Nothing is drawn. */
export const CLEAR = 0;

/** A colour in the memory of a canvas: all browsers run on little-endian machines. */
export function pixelOf([red, green, blue, opacity]: Rgba): number {
  return ((opacity << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}

function between(stops: readonly Rgba[], share: number): Rgba {
  const place = share * (stops.length - 1);
  const index = Math.min(Math.floor(place), stops.length - 2);
  const mix = (part: 0 | 1 | 2 | 3): number => {
    const [from, to] = [stops[index]?.[part] ?? 0, stops[index + 1]?.[part] ?? 0];
    return Math.round(from + (to - from) * (place - index));
  };
  return [mix(0), mix(1), mix(2), mix(3)];
}

/** Colours that change evenly from stop to stop. */
function paletteOf(stops: readonly Rgba[]): Palette {
  const colours = Uint32Array.from({ length: COLOURS }, (_, k) => pixelOf(between(stops, k / (COLOURS - 1))));
  const css = stops.map(([red, green, blue, opacity]) => `rgba(${red},${green},${blue},${opacity / 255})`);
  return { colours, gradient: `linear-gradient(to right, ${css.join(', ')})` };
}

/** From nothing over violet and orange to a light yellow: the order is seen without colours too (after matplotlib's "inferno"). */
export const SIMILARITY = paletteOf([
  [60, 15, 110, 0],
  [120, 28, 109, 70],
  [207, 68, 70, 120],
  [251, 155, 6, 150],
  [252, 255, 164, 170],
]);

/** Blue is less than before, red is more; no change shows the image. Apart for readers with a colour vision deficiency. */
export const CHANGE = paletteOf([
  [40, 120, 255, 220],
  [90, 160, 255, 130],
  [255, 255, 255, 0],
  [255, 120, 60, 130],
  [255, 50, 20, 220],
]);

/** An image of another scan: it hides the one below. */
export const GREY = paletteOf([
  [0, 0, 0, 255],
  [255, 255, 255, 255],
]);
/** Where that image is not known: no grey, so that it is not read as air. */
export const NO_IMAGE = pixelOf([38, 30, 66, 255]);

/** The index of a value in a palette, for values from low to high. */
export function shadeOf(value: number, low: number, high: number): number {
  return Math.round(Math.min(1, Math.max(0, (value - low) / (high - low))) * (COLOURS - 1));
}
