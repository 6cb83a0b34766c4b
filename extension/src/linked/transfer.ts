/**
 * From the fields that are there to the map between any two series: a field, its inverse, or two of them through a common series.
 * @module
 */
import { cross, dot, toLps } from '../viewer/vector.ts';
import type { Lps } from '../wire.ts';
import type { Field, FieldVerdict, Lattice } from './field.ts';
import { mapPoint } from './mapPoint.ts';
import type { MappedPoint } from './mapPoint.ts';

/** The map from one series to another. */
export interface Transfer {
  /** The worse of the verdicts of the fields that it is made of; `mirrored` where the fields turn left into right. */
  readonly verdict: FieldVerdict | 'mirrored';
  /** Share of the query's volume that both scans have, 0 to 1. */
  readonly coveredShare: number;
  /** The nodes of the map; absent where there are none, or it is made of two fields. */
  readonly lattice?: Lattice;
  map(lps: Lps): MappedPoint;
}

const NO_ROW: Lps = [0, 0, 0];
/** The best first. */
const VERDICTS: readonly Transfer['verdict'][] = ['usable', 'unsure', 'mirrored', 'different-region'];

/** The same place: series of one frame of reference. */
export const IDENTITY: Transfer = {
  verdict: 'usable',
  coveredShare: 1,
  map: (lps) => ({ lps, errorRadiusMm: 0, isInside: true }),
};

/** Determinant of the part of a matrix that turns and scales; below 0 it mirrors. */
function determinant(affine: Field['affine']): number {
  const [x, y, z] = [0, 1, 2].map((row) => toLps((affine[row] ?? []).slice(0, 3)) ?? NO_ROW);
  return dot(x ?? NO_ROW, cross(y ?? NO_ROW, z ?? NO_ROW));
}

function verdictOf({ affine, verdict }: Field): Transfer['verdict'] {
  return determinant(affine) < 0 ? 'mirrored' : verdict;
}

/** The map that a field gives from a series to another; undefined where the field is one of other series. */
function direct(field: Field, from: string, to: string): Transfer | undefined {
  const { query, target, forward, inverse, quality } = field;
  const isForward = query.seriesInstanceUid === from && target.seriesInstanceUid === to;
  const isInverse = target.seriesInstanceUid === from && query.seriesInstanceUid === to;
  if (!isForward && !isInverse) return undefined;
  const lattice = isForward ? forward : inverse;
  const { coveredShare } = quality;
  return { verdict: verdictOf(field), coveredShare, lattice, map: (lps) => mapPoint(lattice, lps) };
}

function worse(a: Transfer['verdict'], b: Transfer['verdict']): Transfer['verdict'] {
  return VERDICTS[Math.max(VERDICTS.indexOf(a), VERDICTS.indexOf(b))] ?? a;
}

/** One map after the other. The errors of the two are independent: their radii add as the sides of a right angle. */
function compose(first: Transfer, second: Transfer): Transfer {
  return {
    verdict: worse(first.verdict, second.verdict),
    coveredShare: Math.min(first.coveredShare, second.coveredShare),
    map(lps) {
      const between = first.map(lps);
      const end = second.map(between.lps);
      const radii = [between.errorRadiusMm, end.errorRadiusMm].filter((radius) => radius !== undefined);
      return {
        lps: end.lps,
        errorRadiusMm: radii.length === 2 ? Math.hypot(...radii) : undefined,
        isInside: between.isInside && end.isInside,
      };
    },
  };
}

/** The series at the other end of the fields of a series. */
function neighbours(fields: readonly Field[], series: string): readonly string[] {
  return fields.flatMap(({ query, target }) => {
    if (query.seriesInstanceUid === series) return [target.seriesInstanceUid];
    return target.seriesInstanceUid === series ? [query.seriesInstanceUid] : [];
  });
}

/** The map between two series (Series Instance UIDs); undefined where the fields do not give one. */
export function transferBetween(fields: readonly Field[], from: string, to: string): Transfer | undefined {
  const own = (a: string, b: string): Transfer | undefined => {
    for (const field of fields) {
      const found = direct(field, a, b);
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const found = own(from, to);
  if (found !== undefined) return found;
  const through = neighbours(fields, from).flatMap((common) => {
    const [first, second] = [own(from, common), own(common, to)];
    return first === undefined || second === undefined ? [] : [compose(first, second)];
  });
  return through.sort((a, b) => VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict))[0];
}
