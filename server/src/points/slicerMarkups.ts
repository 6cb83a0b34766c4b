/**
 * Point lists of 3D Slicer (.mrk.json, markups schema 1.0.3).
 * @module
 */
import { z } from 'zod';
import { lpsPoint } from '../geometry/index.ts';
import type { LpsPoint } from '../geometry/index.ts';
import { unreadable } from './unreadable.ts';
import type { NamedPoint } from './types.ts';

const SCHEMA =
  'https://raw.githubusercontent.com/slicer/slicer/master/Modules/Loadable/Markups/Resources/Schema/markups-schema-v1.0.3.json#';

const point = z.looseObject({
  id: z.string().optional(),
  label: z.string().optional(),
  position: z.tuple([z.number(), z.number(), z.number()]).nullish(),
  positionStatus: z.string().optional(),
});
const file = z.looseObject({
  markups: z.array(
    z.looseObject({
      /** Slicer 4.10 wrote numbers: 0 is RAS, 1 is LPS. */
      coordinateSystem: z.union([z.enum(['LPS', 'RAS', '0', '1']), z.literal(0), z.literal(1)]).optional(),
      coordinateUnits: z.string().optional(),
      controlPoints: z.array(point).optional(),
    }),
  ),
});

/** What is known of a found point, for whoever opens the file. */
export interface MarkupPoint {
  readonly name: string;
  readonly lps: LpsPoint;
  readonly description?: string;
}

/**
 * The points of all lists of a markups file, in LPS whatever the file is in. Points that are not placed are omitted.
 * @throws SamepointError points/unreadable
 */
export function readMarkups(json: unknown, name: string): readonly NamedPoint[] {
  const parsed = file.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    return unreadable(name, `it is no markups file: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
  }
  return parsed.data.markups.flatMap(
    ({ coordinateSystem = 'LPS', coordinateUnits = 'mm', controlPoints = [] }) => {
      if (coordinateUnits !== 'mm') return unreadable(name, 'its lengths are not in mm');
      const sign = ['LPS', '1'].includes(String(coordinateSystem)) ? 1 : -1;
      return controlPoints.flatMap(({ id, label, position, positionStatus = 'defined' }, index) => {
        if (position === null || position === undefined || positionStatus !== 'defined') return [];
        const [x, y, z] = position;
        const named = [label, id, String(index + 1)].find((text) => text !== undefined && text.trim() !== '');
        return [{ name: named ?? '', lps: lpsPoint(sign * x, sign * y, z) }];
      });
    },
  );
}

/** A point list that 3D Slicer opens, in LPS. */
export function writeMarkups(points: readonly MarkupPoint[]): object {
  return {
    '@schema': SCHEMA,
    markups: [
      {
        type: 'Fiducial',
        coordinateSystem: 'LPS',
        coordinateUnits: 'mm',
        controlPoints: points.map(({ name, lps, description }, index) => ({
          id: String(index + 1),
          label: name,
          description: description ?? '',
          position: [...lps],
          orientation: [-1, -0, -0, -0, -1, -0, 0, 0, 1],
          selected: true,
          locked: false,
          visibility: true,
          positionStatus: 'defined',
        })),
      },
    ],
  };
}
