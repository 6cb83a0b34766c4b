import {
  BILE, BLOOD, BOWEL, GAS, KIDNEY, LIVER, LIVER_VESSEL, MUSCLE, PANCREAS, PORTAL_BLOOD, RENAL_SINUS, SPLEEN,
  STOMACH, STOOL, VENOUS_BLOOD,
} from './tissues.ts'; // prettier-ignore
import { createRandom } from './random.ts';
import type { Random } from './random.ts';
import { ellipsoid, tube, within } from './shapes.ts';
import type { Depth, Part, Point } from './shapes.ts';
import { cavityDepth, diaphragmHeight, spineY } from './trunk.ts';
import { growTree } from './tree.ts';

/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { abs, max, min } = Math;

/** Depth below the peritoneum: inside the wall and under the diaphragm, mm. */
const peritoneum: Depth = (x, y, z) =>
  min(cavityDepth(x, y, z) - 3, (diaphragmHeight(x, y) - z) * 0.75 - 2.5);

/** Everything under the diaphragm that no organ fills, and the diaphragm itself. */
function diaphragm(): Part {
  const depth: Depth = (x, y, z) =>
    min(cavityDepth(x, y, z), 2 - abs((z - diaphragmHeight(x, y)) * 0.75 + 0.6));
  return { tissue: MUSCLE, depth, min: [-150, -100, -66], max: [150, 100, 36] };
}

function liver(seed: number): Part[] {
  const right = within(ellipsoid([-74, 0, -32], [72, 82, 80], LIVER, 8), peritoneum);
  const left = within(ellipsoid([-8, -34, -6], [62, 36, 36], LIVER, -6), peritoneum);
  const whole: Depth = (x, y, z) => max(right.depth(x, y, z), left.depth(x, y, z));
  const tree = (root: Point, endPoints: number, name: string): Part[] =>
    growTree(
      {
        root,
        organ: whole,
        min: [-140, -80, -110],
        max: [50, 80, 30],
        endPoints,
        marginMm: 7,
        leafRadiusMm: 1.25,
        largestRadiusMm: 6.5,
        tissue: LIVER_VESSEL,
      },
      createRandom(seed, name),
    );
  return [
    right,
    left,
    ...tree([-32, 4, -44], 90, 'portal vein').map((part) => within(part, whole)),
    ...tree([-24, 22, 10], 60, 'hepatic veins').map((part) => within(part, whole)),
    ellipsoid([-52, -34, -72], [15, 19, 24], BILE, 20),
  ];
}

function kidney(sign: number, z: number): Part[] {
  const x = sign * 62;
  return [
    ellipsoid([x, 42, z], [27, 23, 52], KIDNEY, sign * 28),
    ellipsoid([x - sign * 14, 36, z], [17, 10, 24], RENAL_SINUS, sign * 28),
    ...tube([[sign * 14, 26, z + 6], [x - sign * 20, 32, z + 2]], 4.5, 5, BLOOD),
  ]; // prettier-ignore
}

function stomach(): Part[] {
  const body = within(ellipsoid([64, -22, -30], [42, 40, 46], STOMACH), peritoneum);
  const antrum = tube(
    [
      [52, -40, -60],
      [20, -48, -84],
      [-14, -40, -82],
    ],
    19,
    13,
    STOMACH,
  );
  // Gas rises to the front of a patient lying on the back: a level plane.
  const level: Depth = (x, y, z) => min(body.depth(x, y, z) - 5, -34 - y);
  return [...antrum, body, { ...body, tissue: GAS, depth: level }];
}

/** Loops of bowel: a random walk that stays in its box and inside the peritoneum. */
function smallBowel(random: Random): Part[] {
  const [low, high]: readonly [Point, Point] = [
    [-72, -66, -192],
    [84, 6, -98],
  ];
  let last: Point = [20, -30, -110];
  const points = [last];
  while (points.length < 150) {
    const from = last;
    const step = (axis: 0 | 1 | 2, mm: number): number =>
      min(high[axis], max(low[axis], from[axis] + random.between(-mm, mm)));
    last = [step(0, 42), step(1, 26), step(2, 26)];
    points.push(last);
  }
  return tube(points, 10, 12, BOWEL).map((part) => within(part, (x, y, z) => cavityDepth(x, y, z) - 4));
}

function colon(random: Random): Part[] {
  const path: Point[] = [
    [-104, 8, -186], [-108, 18, -150], [-104, 14, -118], [-84, -26, -112], [-44, -58, -118], [10, -66, -114],
    [64, -54, -96], [98, -2, -66], [112, 22, -86], [112, 28, -130], [106, 22, -190],
  ]; // prettier-ignore
  const wall = tube(path, 20, 16, STOOL);
  const pockets = path.slice(1, -1).map(([x, y, z]): Part => {
    const r = random.between(7, 12);
    return ellipsoid(
      [x + random.between(-3, 3), y - 6, z + random.between(-8, 8)],
      [r, r * 0.7, r * 1.3],
      GAS,
    );
  });
  return [...wall, ...pockets].map((part) => within(part, (x, y, z) => cavityDepth(x, y, z) - 3));
}

function vessels(): Part[] {
  const cava = Array.from({ length: 11 }, (_, i): Point => {
    const z = 34 - i * 20;
    return [-20, spineY(z) - 26, z];
  });
  return [
    ...tube(cava, 11, 10, VENOUS_BLOOD),
    ...tube([[6, 20, -130], [22, 24, -160], [46, 20, -194]], 7, 6, BLOOD),
    ...tube([[0, 20, -130], [-20, 24, -160], [-46, 20, -194]], 7, 6, BLOOD),
    ...tube([[-32, 4, -44], [-8, 2, -60], [30, 8, -50], [78, 36, -28]], 7, 4.5, PORTAL_BLOOD),
    ...tube([[-8, 2, -60], [-2, -10, -110], [0, -14, -150]], 5.5, 4, PORTAL_BLOOD),
  ]; // prettier-ignore
}

function psoas(): Part[] {
  const column = (sign: number): Point[] => [[sign * 30, 50, -72], [sign * 42, 44, -130], [sign * 56, 30, -200]]; // prettier-ignore
  return [...tube(column(1), 13, 24, MUSCLE), ...tube(column(-1), 13, 24, MUSCLE)];
}

/** Abdomen, in the order in which it is painted; bones come later. */
export function abdomen(seed: number): Part[] {
  return [
    diaphragm(),
    ...psoas(),
    ...smallBowel(createRandom(seed, 'small bowel')),
    ...colon(createRandom(seed, 'colon')),
    within(ellipsoid([88, 36, -24], [30, 40, 48], SPLEEN, 18), peritoneum),
    ...liver(seed),
    ...stomach(),
    ...tube([[-26, 0, -76], [-8, -4, -64], [24, 2, -54], [66, 30, -34]], 11, 8, PANCREAS),
    ...kidney(-1, -88),
    ...kidney(1, -78),
    ...vessels(),
  ]; // prettier-ignore
}
