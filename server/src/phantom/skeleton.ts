import { BONE, CANAL, CARTILAGE, DISC, NERVE, VERTEBRA } from './tissues.ts';
import { capsule, cylinder, ellipsoid, tube, within } from './shapes.ts';
import type { Part, Point } from './shapes.ts';
import { cavityDepth, muscleDepth, skinDepth, spineY } from './trunk.ts';

/** Height of the first thoracic vertebra and the distance between vertebrae, mm. */
const T1_Z = 168;
const THORACIC_STEP = 21;
const LUMBAR_STEP = 28;
const THORACIC = 12;
const LUMBAR = 4;
/** Ribs run this far outside the cavity, mm: in the middle of the muscle wall. */
const RIB_IN_WALL = 6;
const RIB_RADIUS = 4.6;

/** Height of vertebra n, mm: 0 is T1, 12 is L1. Below T1 the first cervical ones. */
function vertebraZ(n: number): number {
  const thoracic = Math.min(n, THORACIC - 1);
  return T1_Z - thoracic * THORACIC_STEP - Math.max(0, n - (THORACIC - 1)) * LUMBAR_STEP;
}

function vertebra(n: number): Part[] {
  const z = vertebraZ(n);
  const y = spineY(z);
  const size = 1 + 0.032 * n;
  const step = n >= THORACIC - 1 ? LUMBAR_STEP : THORACIC_STEP;
  const halfBody = step / 2 - 3;
  const back: Point = [0, y + 30 * size, z - 4];
  const side = (sign: number): Part[] => [
    capsule([sign * 9 * size, y + 10, z + 3], [sign * 10 * size, y + 26, z], 4.2, 3.6, BONE),
    capsule([sign * 10 * size, y + 24, z], [sign * 29 * size, y + 31, z + 2], 4, 3, BONE),
    capsule([sign * 10 * size, y + 26, z], back, 3.4, 3.4, BONE),
  ];
  return [
    cylinder([0, y, z - step / 2], [16 * size, 12.5 * size], 3.2, DISC),
    cylinder([0, y, z], [16.5 * size, 13 * size], halfBody, VERTEBRA),
    ...side(1),
    ...side(-1),
    within(
      capsule(back, [0, y + 44 * size, z - 14], 3.4, 3, BONE),
      (px, py, pz) => skinDepth(px, py, pz) - 7,
    ),
  ];
}

/** Point of the chest wall at an angle from the back (degrees; 180 is the sternum), height z. */
function wallPoint(sign: number, angleDeg: number, z: number): Point {
  const angle = (angleDeg * Math.PI) / 180;
  const [dx, dy] = [sign * Math.sin(angle), Math.cos(angle)];
  let [inner, outer] = [0, 190];
  for (let step = 0; step < 30; step++) {
    const r = (inner + outer) / 2;
    if (cavityDepth(r * dx, r * dy, z) > -RIB_IN_WALL) inner = r;
    else outer = r;
  }
  return [inner * dx, inner * dy, z];
}

/** One pair of ribs: from its vertebra around the wall, falling to the front; the lower ones end early. */
function ribs(n: number): Part[] {
  const fall = 26 + 6 * Math.min(n, 8);
  const bonyTo = n >= 10 ? 95 - 25 * (n - 10) : 145;
  const cartilageTo = n >= 10 ? bonyTo : Math.min(172, 176 - Math.max(0, n - 6) * 9);
  const z0 = vertebraZ(n) + 3;
  const path = (sign: number, from: number, to: number, steps: number): Point[] =>
    Array.from({ length: steps + 1 }, (_, i) => {
      const angle = from + ((to - from) * i) / steps;
      // Cartilage of the lower ribs climbs back to the sternum.
      const climb = angle > 145 ? (angle - 145) * 0.022 * n : 0;
      return wallPoint(
        sign,
        angle,
        z0 - fall * Math.sin(((Math.min(angle, 145) / 145) * Math.PI) / 2) + climb * 4,
      );
    });
  const pair = (sign: number): Part[] => [
    capsule([sign * 24, spineY(z0) + 20, z0], wallPoint(sign, 26, z0 - 4), 4, RIB_RADIUS, BONE),
    ...tube(path(sign, 26, bonyTo, 18), RIB_RADIUS, RIB_RADIUS - 0.6, BONE),
    ...(cartilageTo > bonyTo ? tube(path(sign, bonyTo, cartilageTo, 4), 4.6, 4.6, CARTILAGE) : []),
  ];
  return [...pair(1), ...pair(-1)];
}

function sternumAndShoulders(): Part[] {
  const [, front] = wallPoint(1, 180, 60);
  const sternum = within(ellipsoid([0, front, 72], [17, 6, 78], BONE), (x, y, z) => muscleDepth(x, y, z) - 2);
  const shoulder = (sign: number): Part[] => [
    ...tube([[sign * 22, -62, 152], [sign * 70, -52, 166], [sign * 125, -12, 172]], 6, 6.5, BONE),
    within(ellipsoid([sign * 100, 66, 130], [34, 4.5, 55], BONE, sign * -28), (x, y, z) => muscleDepth(x, y, z) - 5),
  ]; // prettier-ignore
  return [sternum, ...shoulder(1), ...shoulder(-1)];
}

/** Sacrum and the rim of the pelvis: iliac wings as curved plates. */
function pelvis(): Part[] {
  const wing = (sign: number): Part[] => {
    const rim: Point[] = [[48, 66, -158], [84, 40, -142], [116, 0, -144], [120, -34, -162]]; // prettier-ignore
    const plate = ellipsoid([sign * 58, 18, -196], [66, 62, 56], { hu: 0, grainHu: 0 });
    const shell = within(
      { ...plate, tissue: BONE },
      (x, y, z) => 6 - plate.depth(x, y, z),
      (x, y) => Math.min(sign * x - 30 + 0.3 * y, y + 40),
      (x, y, z) => muscleDepth(x, y, z) - 3,
    );
    const crest = rim.map(([x, y, z]): Point => [sign * x, y, z]);
    return [
      shell,
      ...tube(crest, 6, 6, BONE).map((part) => within(part, (x, y, z) => muscleDepth(x, y, z) - 2)),
    ];
  };
  return [ellipsoid([0, 62, -196], [48, 17, 26], BONE), ...wing(1), ...wing(-1)];
}

function spinalCanal(): Part[] {
  const path = Array.from({ length: 21 }, (_, i): Point => {
    const z = 200 - i * 20;
    return [0, spineY(z) + 21 + (z < -66 ? 4 : 0), z];
  });
  return [...tube(path, 8.5, 9.5, CANAL), ...tube(path.slice(0, 16), 5, 4, NERVE)];
}

/** All bones, in the order in which they are painted. */
export function skeleton(): Part[] {
  const vertebrae = Array.from({ length: THORACIC + LUMBAR + 1 }, (_, n) => vertebra(n - 1)).flat();
  const allRibs = Array.from({ length: THORACIC }, (_, n) => ribs(n)).flat();
  return [...pelvis(), ...allRibs, ...sternumAndShoulders(), ...vertebrae, ...spinalCanal()];
}
