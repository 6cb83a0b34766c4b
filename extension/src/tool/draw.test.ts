/** The marks on the images. */
import { describe, expect, test } from '@jest/globals';
import type { CornerstoneTools, Point2 } from '../ohif.d.ts';
import { GHOST_COLOUR, HALO_COLOUR, LABEL_BACKGROUND, STATE_COLOURS } from '../viewer/colours.ts';
import type { Marker } from '../viewer/marker.ts';
import { drawMarkers } from './draw.ts';

interface Part {
  readonly id: string;
  readonly radius?: number;
  readonly from?: Point2;
  readonly to?: Point2;
  readonly options: Readonly<Record<string, unknown>>;
}

function drawn(
  marker: Partial<Marker>,
  pixelsPerMm: number,
  axes: readonly (readonly [Point2, Point2])[] = [],
  ghost: readonly (readonly [Point2, Point2])[] = [],
): readonly Part[] {
  const parts: Part[] = [];
  const drawing: CornerstoneTools['drawing'] = {
    drawCircle: (_helper, _uid, id, _centre, radius, options) => void parts.push({ id, radius, options }),
    drawLine: (_helper, _uid, id, from, to, options) => void parts.push({ id, from, to, options }),
    drawTextBox: (_helper, _uid, id, _lines, from, options) => void parts.push({ id, from, options }),
  };
  const whole: Marker = {
    id: 'm',
    seriesInstanceUid: '1',
    frameOfReferenceUid: '2',
    lps: [0, 0, 0],
    lines: ['Lesion 1'],
    state: 'proposed',
    ...marker,
  };
  const placed = [{ marker: whole, centre: [100, 100] as Point2, axes, ghost }];
  drawMarkers(drawing, {}, placed, { pixelsPerMm, size: [400, 400] });
  return parts;
}

describe('drawMarkers', () => {
  test.each([
    ['to scale', { radiusMm: 12 }, 2.5, 30],
    ['where it lies under the ring', { radiusMm: 3 }, 2, 6],
    ['where it is too small to see', { radiusMm: 1 }, 0.5, 2],
  ])('draws the error radius %s', (_name, marker, pixelsPerMm, radius) => {
    const circle = drawn(marker, pixelsPerMm).find(({ id }) => id === 'radius');
    expect(circle?.radius).toBe(radius);
  });

  test.each([
    ['of a viewport without a scale', { radiusMm: 12 }, Infinity],
    ['of a place without a radius', {}, 2],
  ])('draws no error radius %s', (_name, marker, pixelsPerMm) => {
    expect(drawn(marker, pixelsPerMm).filter(({ id }) => id === 'radius')).toEqual([]);
  });

  test('a second candidate is a hollow ring with its label, and nothing else', () => {
    const ids = drawn({ isRunnerUp: true, radiusMm: 8, isUncertain: true }, 2).map(({ id }) => id);
    expect(ids).toEqual(['hollow-halo', 'hollow', 'label']);
  });

  test('an uncertain place has another shape than a certain one, and its radius is a filled disc', () => {
    const shapes = (isUncertain: boolean): readonly string[] =>
      drawn({ radiusMm: 8, isUncertain }, 2).map(({ id }) => id);
    expect(shapes(false)).toContain('ring');
    expect(shapes(false).filter((id) => /^(?:disc|diamond)/u.test(id))).toEqual([]);
    expect(shapes(true)).not.toContain('ring');
    expect(shapes(true).filter((id) => /^diamond\d$/u.test(id))).toHaveLength(4);
    const disc = drawn({ radiusMm: 8, isUncertain: true }, 2).find(({ id }) => id === 'disc');
    expect(disc).toMatchObject({ radius: 16, options: { fillOpacity: 0.15 } });
  });

  test('the one that is being moved has a second ring', () => {
    const rings = (isMoving: boolean): readonly Part[] =>
      drawn({ isMoving }, 2).filter(({ id }) => id === 'moving');
    expect([rings(false).length, rings(true).length]).toEqual([0, 1]);
  });

  test('so has the one that is selected', () => {
    expect(drawn({ isHighlighted: true }, 2).some(({ id }) => id === 'moving')).toBe(true);
  });

  test('diameters are thin lines from end to end', () => {
    const axes: [Point2, Point2][] = [
      [
        [90, 100],
        [110, 104],
      ],
      [
        [100, 95],
        [99, 108],
      ],
    ];
    const lines = drawn({}, 2, axes).filter(({ id }) => /^axis\d$/u.test(id));
    expect(lines.map(({ from, to }) => [from, to])).toEqual(axes);
    expect(lines.map(({ options }) => options['lineWidth'])).toEqual([1, 1]);
  });

  test('diameters of the prior are dashed, of no state, with a bar across each end', () => {
    const ghost: [Point2, Point2][] = [
      [
        [90, 100],
        [110, 100],
      ],
    ];
    const parts = drawn({}, 2, [], ghost);
    const [line] = parts.filter(({ id }) => id === 'ghost0');
    expect([line?.from, line?.to]).toEqual(ghost[0]);
    expect(line?.options).toMatchObject({ color: GHOST_COLOUR, lineDash: '3,3' });
    const bars = parts.filter(({ id }) => /^bar\d$/u.test(id));
    expect(bars.map(({ from, to }) => [from, to])).toEqual([
      [
        [90, 96],
        [90, 104],
      ],
      [
        [110, 96],
        [110, 104],
      ],
    ]);
  });

  test('every line lies on a dark halo that is wider', () => {
    for (const isUncertain of [false, true]) {
      const parts = drawn({ radiusMm: 8, isUncertain, isMoving: true }, 2);
      const lines = parts.filter(({ id }) => !/-halo$|^label$|^disc$/u.test(id));
      for (const { id, options } of lines) {
        const halo = parts.findIndex((part) => part.id === `${id}-halo`);
        expect(halo).toBeGreaterThanOrEqual(0);
        expect(halo).toBeLessThan(parts.findIndex((part) => part.id === id));
        expect(parts[halo]?.options).toMatchObject({ color: HALO_COLOUR });
        expect(parts[halo]?.options['lineWidth']).toBe(Number(options['lineWidth']) + 2);
      }
    }
  });
});

/** Red, green, blue, 0 to 255, and opacity. */
type Colour = readonly [number, number, number, number];

function colour(css: string): Colour {
  const [r = 0, g = 0, b = 0, a = 1] = (css.match(/[\d.]+/gu) ?? []).map(Number);
  return [r, g, b, a];
}

function over([r, g, b, a]: Colour, grey: number): Colour {
  const mix = (value: number): number => value * a + grey * (1 - a);
  return [mix(r), mix(g), mix(b), 1];
}

/** Relative luminance and contrast ratio of WCAG 2.2. */
function luminance([r, g, b]: Colour): number {
  const linear = (value: number): number =>
    value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4;
  return 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
}

function contrast(a: Colour, b: Colour): number {
  const [low = 0, high = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

/** HU of tissues, and the windows in which readers look at them: level and width, HU. */
const TISSUES = { bone: 700, liver: 110, lung: -850 } as const;
const WINDOWS = { softTissue: [40, 400], lung: [-600, 1500], bone: [400, 1800] } as const;

function greyOf(hu: number, [level, width]: readonly [number, number]): number {
  return 255 * Math.min(1, Math.max(0, (hu - level) / width + 0.5));
}

const BACKGROUNDS = Object.entries(TISSUES).flatMap(([tissue, hu]) =>
  Object.entries(WINDOWS).map(([name, window]) => [`${tissue}, ${name} window`, greyOf(hu, window)] as const),
);

test('the text of "Save to PACS" has 4.5 : 1 on the accent of the host', () => {
  // hsl(214 98% 60%), the fallback of the panel's style sheet, which is the accent of OHIF's dark theme.
  expect(contrast(colour(HALO_COLOUR), [53, 140, 253, 1])).toBeGreaterThanOrEqual(4.5);
});

describe.each(BACKGROUNDS)('on %s', (_name, grey) => {
  const background: Colour = [grey, grey, grey, 1];

  test.each(Object.entries(STATE_COLOURS))('a %s marker has a contrast of 3 : 1', (_state, css) => {
    const line = colour(css);
    const halo = colour(HALO_COLOUR);
    expect(contrast(line, halo)).toBeGreaterThanOrEqual(3);
    expect(Math.max(contrast(line, background), contrast(halo, background))).toBeGreaterThanOrEqual(3);
  });

  test.each(Object.entries(STATE_COLOURS))('the label of a %s one has 4.5 : 1', (_state, css) => {
    expect(contrast(colour(css), over(colour(LABEL_BACKGROUND), grey))).toBeGreaterThanOrEqual(4.5);
  });
});
