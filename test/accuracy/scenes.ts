import type { LpsPoint } from '../../server/src/geometry/index.ts';
import type { LesionChange } from '../../server/src/matching/index.ts';
import type { Measures } from './datasets/metrics.ts';
import type { Subject } from './files.ts';

/** A point of the query volume and where it truly is in the target; LPS mm, each in the frame of its own volume. */
export interface TruthPoint {
  readonly query: LpsPoint;
  /** For a point out of view: its place outside the target volume. */
  readonly target: LpsPoint;
  /** What became of the lesion at the point, and its diameters where there is one; both scans show the same where it is `unchanged`. */
  readonly change?: LesionChange;
  /** What a published benchmark measures of an answer beside its distance. */
  readonly measure?: (answer: LpsPoint) => Measures;
  /** The answer of the scene's reference to this point, where it has one. */
  readonly reference?: LpsPoint;
}

/** A pair of volumes with points of one kind. Scenes of the same data and case make one row. */
export interface Scene {
  readonly data: string;
  readonly case: string;
  readonly query: Subject;
  readonly target: Subject;
  readonly points: readonly TruthPoint[];
  /** True: the points' true places lie outside the target, and the right answer is to say so. */
  readonly outOfView?: boolean;
  /** True: the two volumes show different patients or modalities, so that they are not registered. */
  readonly unregistrable?: boolean;
  /** Name of the pair of volumes, for measures that are means over pairs. */
  readonly pair?: string;
  /** Name of the answers that came with the data; they make a row beside ours. */
  readonly reference?: string;
  /** True: the row of the control stands beside those of the methods, see centreAlignment.ts. */
  readonly hasControl?: boolean;
}

/** The same pair from the target to the query. */
export function reversed({ query, target, points, ...scene }: Scene): Scene {
  const back = points.map(({ query: from, target: to }) => ({ query: to, target: from }));
  return { ...scene, case: `from-${scene.case}`, query: target, target: query, points: back };
}

/** What the scenes need to be made. */
export interface SceneOptions {
  /** Points per pair. */
  readonly points: number;
  /** Follow-up cases. */
  readonly cases: readonly string[];
  /** Folder of what is kept between runs. */
  readonly folder: string;
}
