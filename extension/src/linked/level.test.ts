/**
 * Which slice of a pane belongs to a point, and which panes move each other.
 * @jest-environment <rootDir>/src/testing/browserEnvironment.mjs
 */
import { describe, expect, test } from '@jest/globals';
import type { Point2, Point3 } from '../ohif.d.ts';
import { axialSeries } from '../testing/fakeHost.ts';
import { FakeViewport } from '../testing/fakeViewport.ts';
import type { Slice } from '../viewer/slices.ts';
import { loadedSeriesOf } from '../viewer/series.ts';
import type { Lps } from '../wire.ts';
import { centreOf, drives, isLevelOf, isPointOf, ontoImage } from './level.ts';
import type { Pane } from './panes.ts';

/** A viewport that looks from the front: x to the right, z up. */
class CoronalViewport extends FakeViewport {
  override canvasToWorld([x, z]: Point2): Point3 {
    return [x - 200, 0, 200 - z];
  }
}

function slicesOf(count: number, spacingMm: number): readonly Slice[] {
  return Array.from({ length: count }, (_, k) => ({
    imageId: `image ${k}`,
    sopClassUid: '1',
    sopInstanceUid: `1.${k}`,
    frameNumber: undefined,
    origin: [-100, -100, k * spacingMm],
    alongRow: [1, 0, 0],
    alongColumn: [0, 1, 0],
    columnSpacingMm: 0.8,
    rowSpacingMm: 0.8,
    columns: 256,
    rows: 256,
  }));
}

function paneOf(name: string, viewport: FakeViewport, slices: readonly Slice[] = []): Pane {
  return {
    id: viewport.id,
    viewport,
    series: loadedSeriesOf(axialSeries(name, '20240301')),
    frameOfReferenceUid: '1',
    slices,
  };
}

const axial = (name: string, id: string): Pane => paneOf(name, new FakeViewport(id));
const coronal = (name: string, id: string): Pane => paneOf(name, new CoronalViewport(id));

function drivenBy(source: Pane, panes: readonly Pane[]): readonly string[] {
  return panes.filter((target) => drives(source, target, panes)).map(({ id }) => id);
}

describe('drives', () => {
  const [current, prior] = [axial('current', 'a'), axial('prior', 'b')];
  const [currentCoronal, priorCoronal] = [coronal('current', 'c'), coronal('prior', 'd')];

  test('in MPR each plane moves its own, and none itself', () => {
    const all = [current, prior, currentCoronal, priorCoronal];
    expect(drivenBy(current, all)).toEqual(['b']);
    expect(drivenBy(priorCoronal, all)).toEqual(['c']);
  });

  test('a plane that the leading series does not show is moved by what it does show', () => {
    const all = [current, prior, priorCoronal];
    expect(drivenBy(current, all)).toEqual(['b', 'd']);
  });
});

describe('the level of a point', () => {
  const pane = paneOf('prior', new FakeViewport('a'), slicesOf(40, 5));

  test.each<[Lps, boolean, boolean]>([
    [[0, 0, 100], true, true],
    [[0, 0, -5], true, true],
    [[0, 0, -6], false, false],
    [[0, 0, 201], false, false],
    [[-101, 0, 100], true, false],
    [[105, 0, 100], true, false],
  ])('%j: its level is in the series: %j, and it in the images: %j', (lps, isLevel, isPoint) => {
    expect([isLevelOf(pane, lps), isPointOf(pane, lps)]).toEqual([isLevel, isPoint]);
  });

  test('is that of the new image, where the camera is still at the one before', () => {
    const middle = centreOf(pane.viewport);
    expect(middle).toEqual([0, 0, 0]);
    expect(ontoImage(pane, 'image 7', middle)).toEqual([0, 0, 35]);
    expect(ontoImage(pane, undefined, middle)).toEqual(middle);
    expect(ontoImage(pane, 'an image of another series', middle)).toEqual(middle);
  });

  test('in 1,500 slices is found in a fraction of a step', () => {
    const long = paneOf('prior', new FakeViewport('b'), slicesOf(1_500, 0.5));
    const times = Array.from({ length: 20 }, (_, k) => {
      const start = performance.now();
      expect(isPointOf(long, [0, 0, 30 * k])).toBe(true);
      return performance.now() - start;
    });
    expect(Math.min(...times)).toBeLessThan(4);
  });
});
