/**
 * Follow-ups that show a part of the patient: reconstructions with a small field of view, which cut the lungs. The points are drawn from
 * the whole follow-up before it is cut, so that no filling of the body can hide what a cut opens.
 * @module
 */
import { lpsPoint, toLps, voxelIndex, withOriginAt } from '../../server/src/geometry/index.ts';
import type { LpsPoint } from '../../server/src/geometry/index.ts';
import { isInside, makeFollowUp } from '../support/followUp.ts';
import type { FollowUp } from '../support/followUp.ts';
import type { Volume } from '../../server/src/volume/index.ts';
import type { Subject } from './files.ts';
import { seedOf, truthOf, VIEW_MM } from './followUps.ts';
import { DeepBody } from './points.ts';
import type { Scene, SceneOptions } from './scenes.ts';

/** The case of the protocol: from a part of the patient to the whole scan. The other way round is `into-fov`. */
export const FIELD_OF_VIEW_CASE = 'fov';

/** A field of view, placed relative to the middle of the body: LPS, mm. */
export interface FieldOfView {
  readonly name: string;
  readonly offset: readonly [x: number, y: number];
  readonly size: readonly [width: number, height: number];
  /** HU outside the circle that touches the sides; undefined: a rectangle without padding. */
  readonly padding: number | undefined;
}

/** The heart, the centre of the chest, and one lung. */
export const FIELDS_OF_VIEW: readonly FieldOfView[] = [
  { name: 'heart', offset: [25, -20], size: [200, 200], padding: -2000 },
  { name: 'centre', offset: [0, 0], size: [250, 250], padding: -1024 },
  { name: 'lung', offset: [-80, 0], size: [160, 220], padding: undefined },
];

/** How far a point is inside the rectangle of a field of view, mm; negative outside. */
function depthInBox({ offset, size }: FieldOfView, middle: LpsPoint, point: LpsPoint): number {
  const depths = ([0, 1] as const).map(
    (axis) => size[axis] / 2 - Math.abs(point[axis] - middle[axis] - offset[axis]),
  );
  return Math.min(...depths);
}

/** How far a point is inside what a field of view shows, mm; negative outside. */
export function depthIn(view: FieldOfView, middle: LpsPoint, point: LpsPoint): number {
  if (view.padding === undefined) return depthInBox(view, middle, point);
  const [x, y] = [point[0] - middle[0] - view.offset[0], point[1] - middle[1] - view.offset[1]];
  return view.size[0] / 2 - Math.hypot(x, y);
}

/** First and last index from 0 to `count` - 1 for which a rule holds. */
function rangeWhere(
  count: number,
  holds: (index: number) => boolean,
): readonly [first: number, last: number] {
  const indices = Array.from({ length: count }, (_, index) => index).filter(holds);
  return [indices.at(0) ?? 0, indices.at(-1) ?? 0];
}

/** The rows and columns of an axial volume (LPS axes) that a field of view covers, padded outside its circle. */
export function cutTo(volume: Volume, view: FieldOfView, middle: LpsPoint): Volume {
  const [nx, ny, nz] = volume.dims;
  const pointAt = (i: number, j: number): LpsPoint => {
    const [px, py, pz] = toLps(volume.voxelToLps, voxelIndex(i, j, 0));
    return lpsPoint(px, py, pz);
  };
  const [x, y] = [middle[0] + view.offset[0], middle[1] + view.offset[1]];
  const [left, right] = rangeWhere(nx, (i) => Math.abs(pointAt(i, 0)[0] - x) <= view.size[0] / 2);
  const [top, bottom] = rangeWhere(ny, (j) => Math.abs(pointAt(0, j)[1] - y) <= view.size[1] / 2);
  const [columns, rows] = [right - left + 1, bottom - top + 1];
  const data = new Int16Array(columns * rows * nz);
  for (let j = 0; j < rows; j++)
    for (let i = 0; i < columns; i++) {
      const isShown = depthIn(view, middle, pointAt(i + left, j + top)) >= 0;
      for (let k = 0; k < nz; k++) {
        const value = volume.data[(k * ny + j + top) * nx + i + left] ?? 0;
        data[(k * rows + j) * columns + i] = isShown ? value : (view.padding ?? value);
      }
    }
  const voxelToLps = withOriginAt(volume.voxelToLps, voxelIndex(left, top, 0));
  return { ...volume, dims: [columns, rows, nz], data, voxelToLps };
}

/** The mean of points: the middle of the body. */
function meanOf(points: readonly LpsPoint[]): LpsPoint {
  const sums = points.reduce<readonly [number, number, number]>(
    ([x, y, z], point) => [x + point[0], y + point[1], z + point[2]],
    [0, 0, 0],
  );
  return lpsPoint(sums[0] / points.length, sums[1] / points.length, sums[2] / points.length);
}

/** Points from which the middle of the body is found. */
const MIDDLE_POINTS = 2000;

interface Made {
  readonly volume: Volume;
  readonly made: FollowUp;
  readonly body: DeepBody;
  readonly middle: LpsPoint;
}

/** Pairs of a CT and what each field of view shows of its strong follow-up, in both directions. */
export async function* fieldOfViewScenes(
  data: string,
  source: Subject,
  { points, folder }: SceneOptions,
): AsyncGenerator<Scene> {
  const seed = seedOf(data, 'strong');
  let making: Promise<Made> | undefined;
  const make = (): Promise<Made> =>
    (making ??= source.load().then((volume) => {
      const made = makeFollowUp(volume, 'strong', seed);
      const body = new DeepBody(made.followUp);
      return { volume, made, body, middle: meanOf(body.draw(MIDDLE_POINTS, seed, () => true)) };
    }));
  for (const view of FIELDS_OF_VIEW) {
    const identity = `${source.identity} strong ${seed} ${JSON.stringify(view)}`;
    const part: Subject = {
      identity,
      load: async () => {
        const { made, middle } = await make();
        return cutTo(made.followUp, view, middle);
      },
    };
    const { inView } = await truthOf(`${identity} ${points} points`, folder, async () => {
      const { volume, made, body, middle } = await make();
      const accept = (y: LpsPoint): boolean =>
        depthIn(view, middle, y) >= VIEW_MM &&
        isInside(made.followUp, y, VIEW_MM) &&
        isInside(volume, made.toOriginal(y), VIEW_MM);
      const drawn = body.draw(points, seed, accept);
      return { inView: drawn.map((y) => ({ query: y, target: made.toOriginal(y) })), outside: [] };
    });
    const reversed = inView.map(({ query, target }) => ({ query: target, target: query }));
    yield { data, case: FIELD_OF_VIEW_CASE, query: part, target: source, points: inView };
    yield { data, case: `into-${FIELD_OF_VIEW_CASE}`, query: source, target: part, points: reversed };
  }
}
