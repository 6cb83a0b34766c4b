/**
 * The outline of the trunk and its cavities: skin, fat, muscle wall, cavity, diaphragm. Everything else lies inside.
 * Frame and units as in shapes.ts.
 * @module
 */
/** Bound once: rendering calls them a hundred million times, and a global look-up each time is slow in test sandboxes. */
const { abs, cos, max, min, sin, sqrt } = Math;

/** Half width and half depth of the body at height z, mm: shoulders, waist, hips. */
function outline(z: number): readonly [number, number] {
  const shoulders = max(0, z - 120) * 0.12;
  const waist = 9 * cos(((z + 60) * Math.PI) / 150);
  return [156 - waist + shoulders, 108 - 0.5 * waist - shoulders * 0.4];
}

/** Thickness of the subcutaneous fat, mm: thicker in front and below. */
function fatMm(x: number, y: number, z: number): number {
  const front = max(0, -y) * 0.06;
  const low = max(0, -z) * 0.035;
  return 9 + front + low + abs(x) * 0.015;
}

/** Thickness of the muscle wall with the ribs in it, mm: thick at the shoulders and at the back. */
function wallMm(x: number, y: number, z: number): number {
  const shoulder = max(0, z - 90) * (0.06 + abs(x) * 0.0022);
  const back = max(0, y) * 0.09;
  return 13 + shoulder + back;
}

/** Above this height the thoracic cavity narrows to the apex, mm. */
const APEX_STARTS_MM = 105;
const APEX_TAPER_PER_MM = 0.0095;

/** The depths at one point, mm; negative outside. */
interface Depths {
  /** Below the skin. */
  readonly skin: number;
  /** Below the lower surface of the fat: where the muscle wall begins. */
  readonly muscle: number;
  /** Below the inner surface of the muscle wall: thoracic and abdominal cavity. */
  readonly cavity: number;
}

function depthsAt(x: number, y: number, z: number): Depths {
  const [a, b] = outline(z);
  const u = (x / a) ** 2;
  const v = (y / b) ** 2;
  // A squircle: flatter in front and at the back than an ellipse.
  const level = sqrt(max(0, u + v - 0.35 * u * v));
  const skin = level < 1e-6 ? min(a, b) : (1 - level) * (sqrt(x * x + y * y) / level);
  const muscle = skin - fatMm(x, y, z);
  const apex = max(0, z - APEX_STARTS_MM);
  return { skin, muscle, cavity: muscle - wallMm(x, y, z) - APEX_TAPER_PER_MM * apex * apex };
}

/** The last point requested: rendering requests the same one up to ten times before it goes on. */
const last = { x: NaN, y: NaN, z: NaN, depths: depthsAt(0, 0, 0) };

function remembered(x: number, y: number, z: number): Depths {
  if (x !== last.x || y !== last.y || z !== last.z) {
    last.depths = depthsAt(x, y, z);
    last.x = x;
    last.y = y;
    last.z = z;
  }
  return last.depths;
}

/** Depth below the skin, mm; negative outside the body. */
export function skinDepth(x: number, y: number, z: number): number {
  return remembered(x, y, z).skin;
}

/** Depth below the inner surface of the muscle wall, mm: thoracic and abdominal cavity. */
export function cavityDepth(x: number, y: number, z: number): number {
  return remembered(x, y, z).cavity;
}

/** Depth below the lower surface of the fat: where the muscle wall begins, mm. */
export function muscleDepth(x: number, y: number, z: number): number {
  return remembered(x, y, z).muscle;
}

/** Height of the diaphragm, mm: two domes, the right one higher, falling towards the wall. */
export function diaphragmHeight(x: number, y: number): number {
  const right = 30 - 0.0075 * (x + 62) ** 2 - 0.0095 * (y + 8) ** 2;
  const left = 18 - 0.0085 * (x - 68) ** 2 - 0.0095 * (y + 2) ** 2;
  return max(right, left, -62);
}

/** Height above the diaphragm, mm, corrected for its slope near the wall. */
export function aboveDiaphragm(x: number, y: number, z: number): number {
  return (z - diaphragmHeight(x, y)) * 0.75;
}

/** Centre line of the spine: y of the vertebral bodies at height z, mm (kyphosis above, lordosis below). */
export function spineY(z: number): number {
  return 50 + 7 * sin(((z - 10) * Math.PI) / 230);
}
