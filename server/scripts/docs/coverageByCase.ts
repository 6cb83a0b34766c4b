/** What the table needs of a row of test/results/accuracy.json. */
export interface CoverageRow {
  readonly data: string;
  readonly case: string;
  readonly model: string;
  readonly method: string;
  readonly n: number;
  readonly radiusCoverage?: number | null;
}

/** The points of one case in all sets of data. */
export interface CaseCoverage {
  readonly case: string;
  readonly data: readonly string[];
  readonly points: number;
  readonly share: number;
  /** Wilson's interval of 95 % (JASA 1927). */
  readonly interval: readonly [low: number, high: number];
}

const SETS: readonly string[] = ['cmbcrc', 'crlm', 'organs'];
/** Quantile of the normal distribution for an interval of 95 %. */
const Z = 1.96;

/** Wilson's score interval of 95 % for a share of so many points. */
export function wilsonInterval(share: number, points: number): readonly [low: number, high: number] {
  const scale = 1 + Z ** 2 / points;
  const middle = (share + Z ** 2 / (2 * points)) / scale;
  const half = (Z / scale) * Math.sqrt((share * (1 - share)) / points + Z ** 2 / (4 * points ** 2));
  return [Math.max(middle - half, 0), Math.min(middle + half, 1)];
}

/** How many of the points of each case the radius covers, over the sets that were never trained on; cases in the order of the rows. */
export function coverageByCase(rows: readonly CoverageRow[], model: string, method: string): CaseCoverage[] {
  const known = rows.filter(
    (row) => SETS.includes(row.data) && row.model === model && row.method === method && isMeasured(row),
  );
  return [...new Set(known.map((row) => row.case))].map((name) => {
    const own = known.filter((row) => row.case === name);
    const points = own.reduce((sum, { n }) => sum + n, 0);
    const covered = own.reduce((sum, { n, radiusCoverage }) => sum + Math.round(n * (radiusCoverage ?? 0)), 0);
    const share = covered / points;
    return {
      case: name,
      data: own.map(({ data }) => data),
      points,
      share,
      interval: wilsonInterval(share, points),
    };
  });
}

function isMeasured({ radiusCoverage }: CoverageRow): boolean {
  return typeof radiusCoverage === 'number';
}
