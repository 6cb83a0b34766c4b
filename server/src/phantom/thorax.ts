import { AIRWAY, BLOOD, FAT, FISSURE, LUNG, LUNG_VESSEL, MUSCLE, MYOCARDIUM, OESOPHAGUS } from './tissues.ts';
import { createRandom } from './random.ts';
import { ellipsoid, tube, within } from './shapes.ts';
import type { Depth, Part, Point } from './shapes.ts';
import { aboveDiaphragm, cavityDepth, spineY } from './trunk.ts';
import { growTree } from './tree.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { abs, max, min } = Math;

/** Half width of the mediastinum, mm: wide at the back of the heart, narrow behind the sternum. */
function mediastinum(y: number, z: number): number {
  return 9 + min(14, max(0, y + 62) * 0.22) + max(0, z - 120) * 0.08;
}

/** Depth below the pleura of one lung: sign -1 right, +1 left; mm. */
function lungDepth(sign: number): Depth {
  return (x, y, z) => min(cavityDepth(x, y, z) - 1.5, aboveDiaphragm(x, y, z), sign * x - mediastinum(y, z));
}

const LUNG_REACH: readonly [Point, Point] = [
  [4, -100, -64],
  [150, 100, 196],
];

function lung(sign: number): Part {
  const [low, high] = LUNG_REACH;
  return {
    tissue: LUNG,
    depth: lungDepth(sign),
    min: [sign > 0 ? low[0] : -high[0], low[1], low[2]],
    max: [sign > 0 ? high[0] : -low[0], high[1], high[2]],
  };
}

/** The oblique fissure: a thin sheet from high at the back to low in front. */
function fissure(sign: number): Part {
  const sheet: Depth = (_x, y, z) => 0.5 - abs(z - 55 - 0.95 * y) / 1.38;
  return within({ ...lung(sign), tissue: FISSURE, depth: lungDepth(sign) }, sheet);
}

function lungVessels(sign: number, seed: number): Part[] {
  const part = lung(sign);
  return growTree(
    {
      root: [sign * 26, 4, 74],
      organ: part.depth,
      min: part.min,
      max: part.max,
      endPoints: 650,
      marginMm: 5,
      leafRadiusMm: 0.75,
      largestRadiusMm: 7,
      tissue: LUNG_VESSEL,
    },
    createRandom(seed, `lung vessels ${sign}`),
  );
}

function heart(): Part[] {
  const fat = ellipsoid([24, -28, 46], [64, 50, 56], FAT, 32);
  return [
    within(fat, (x, y, z) => cavityDepth(x, y, z) - 2, aboveDiaphragm),
    within(ellipsoid([26, -28, 44], [56, 42, 46], MYOCARDIUM, 32), aboveDiaphragm),
    ellipsoid([46, -18, 38], [28, 17, 26], BLOOD, 32),
    ellipsoid([14, -52, 38], [29, 11, 27], BLOOD, 22),
    ellipsoid([-14, -22, 50], [17, 18, 24], BLOOD),
    ellipsoid([10, 10, 58], [29, 12, 19], BLOOD),
  ];
}

function greatVessels(): Part[] {
  const ascending: Point[] = [[10, -28, 62], [-8, -34, 88], [-6, -24, 116], [6, -4, 130], [16, 20, 126], [18, 36, 108]]; // prettier-ignore
  const descending = Array.from({ length: 13 }, (_, i): Point => {
    const z = 108 - i * 19;
    return [18 - i * 1.1, spineY(z) - 22 - i * 0.3, z];
  });
  return [
    ...tube(ascending, 15, 12.5, BLOOD),
    ...tube(descending, 12.5, 9, BLOOD),
    ...tube([[-22, -24, 60], [-24, -22, 100], [-22, -18, 138], [-28, -22, 160]], 9.5, 7.5, BLOOD),
    ...tube([[-22, -18, 138], [10, -34, 150], [40, -36, 164]], 6, 6, BLOOD),
    ...tube([[-4, -14, 128], [-14, -10, 150], [-20, -8, 192]], 5.5, 5, BLOOD),
    ...tube([[8, 0, 130], [14, -2, 160], [20, -4, 192]], 4.5, 4.5, BLOOD),
    ...tube([[20, -44, 70], [22, -22, 90], [24, -6, 88]], 13, 11, BLOOD),
    ...tube([[20, -12, 90], [-10, 2, 84], [-34, 6, 76]], 10.5, 7.5, BLOOD),
    ...tube([[22, -8, 90], [36, 6, 82]], 10.5, 7.5, BLOOD),
    ...tube([[-8, 10, 60], [-32, 16, 56]], 7, 5.5, BLOOD),
    ...tube([[26, 10, 60], [40, 16, 56]], 7, 5.5, BLOOD),
  ]; // prettier-ignore
}

function airways(): Part[] {
  return [
    ...tube([[-2, 4, 200], [-2, 10, 150], [-2, 14, 104]], 10, 10, AIRWAY),
    ...tube([[-2, 14, 104], [-22, 16, 84], [-36, 18, 68]], 8, 5.5, AIRWAY),
    ...tube([[-2, 14, 104], [24, 18, 86], [42, 20, 74]], 7.5, 5, AIRWAY),
    ...tube([[-36, 18, 68], [-46, 26, 40]], 4.6, 3.4, AIRWAY),
    ...tube([[42, 20, 74], [50, 28, 42]], 4.6, 3.4, AIRWAY),
    ...tube([[6, 24, 200], [5, 30, 120], [6, 28, 60], [14, 18, 12], [34, 2, -2]], 8, 8.5, OESOPHAGUS),
  ]; // prettier-ignore
}

/** Muscle along the spine. */
function backMuscles(): Part[] {
  const column = (sign: number): Point[] =>
    Array.from({ length: 9 }, (_, i): Point => {
      const z = 200 - i * 50;
      return [sign * 26, spineY(z) + 34, z];
    });
  return [...tube(column(1), 17, 23, MUSCLE), ...tube(column(-1), 17, 23, MUSCLE)];
}

/** Chest, in the order in which it is painted; bones come later. */
export function thorax(seed: number): Part[] {
  return [
    lung(-1),
    lung(1),
    fissure(-1),
    fissure(1),
    ...lungVessels(-1, seed),
    ...lungVessels(1, seed),
    ...heart(),
    ...airways(),
    ...greatVessels(),
    ...backMuscles(),
  ];
}
