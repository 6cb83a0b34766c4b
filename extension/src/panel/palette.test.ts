/** The colours of the panel are seen on the backgrounds that they stand on (WCAG 2.2, 1.4.3 and 1.4.11). */
import { describe, expect, test } from '@jest/globals';
import { ALERT, DARK, LINE_COLOURS, STANDING_COLOURS, WARNING } from './palette.ts';

type Rgb = readonly number[];

/** Of OHIF's dark theme, and of a row that is open: hsl(234 64% 10%), hsl(228 48% 17%). */
const PANEL: Rgb = [9, 12, 42];
const RAISED: Rgb = [23, 30, 64];
/** hsl(214 98% 60%): the viewer's own colour of a main button. */
const ACCENT: Rgb = [52, 143, 253];

function rgbOf(colour: string): Rgb {
  return (colour.match(/\d+/gu) ?? []).map(Number);
}

/** Relative luminance. */
function luminance(rgb: Rgb): number {
  const [red = 0, green = 0, blue = 0] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(a: Rgb, b: Rgb): number {
  const [dark = 0, bright = 0] = [luminance(a), luminance(b)].sort((one, other) => one - other);
  return (bright + 0.05) / (dark + 0.05);
}

test('black and white are 21 : 1 apart', () => {
  expect(contrast([0, 0, 0], [255, 255, 255])).toBeCloseTo(21);
});

describe.each([
  ['the panel', PANEL],
  ['an open row', RAISED],
])('on %s', (_, background) => {
  // They are also the colour of words: 4.5 : 1.
  test.each(Object.entries(STANDING_COLOURS))('"%s" can be read', (_standing, colour) => {
    expect(contrast(rgbOf(colour), background)).toBeGreaterThanOrEqual(4.5);
  });

  test.each([ALERT, WARNING])('the edge of a message %s can be seen', (colour) => {
    expect(contrast(rgbOf(colour), background)).toBeGreaterThanOrEqual(3);
  });
});

test.each(LINE_COLOURS)('the line %s and its number can be read', (colour) => {
  expect(contrast(rgbOf(colour), PANEL)).toBeGreaterThanOrEqual(4.5);
});

test.each([ACCENT, rgbOf(WARNING)])('the text of a main button can be read on %j', (...background) => {
  expect(contrast(rgbOf(DARK), background)).toBeGreaterThanOrEqual(4.5);
});
