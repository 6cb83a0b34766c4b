/**
 * Which series of a study are embedded before a reader needs them.
 * @module
 */
import type { ComparableSeries, TimePointStudy } from '../priors/types.ts';

/** A rule; lists that are empty fit everything. */
export interface ArrivalRule {
  readonly modalities: readonly string[];
  /** Values of BodyPartExamined; case does not matter. */
  readonly bodyParts: readonly string[];
  /** Least images of a series. */
  readonly minimumSlices: number;
  /** Most series of a study. */
  readonly series: number;
  /** Earlier studies whose most suitable series are embedded, too. */
  readonly priors: number;
  /** Whether findings of these are looked for in the new study. */
  readonly findings: boolean;
}

/** What a rule has chosen. */
export interface Choice {
  /** The most suitable first. */
  readonly series: readonly ComparableSeries[];
  readonly priors: number;
  readonly findings: boolean;
}

function isIn(values: readonly string[], value: string | undefined): boolean {
  if (values.length === 0) return true;
  const wanted = value?.trim().toUpperCase();
  return values.some((one) => one.toUpperCase() === wanted);
}

function fits(rule: ArrivalRule, series: ComparableSeries, bodyPart: string | undefined): boolean {
  return (
    series.isComparable &&
    series.images >= rule.minimumSlices &&
    isIn(rule.modalities, series.modality) &&
    isIn(rule.bodyParts, bodyPart)
  );
}

/** True where a rule depends on what the list of series does not say. */
export function needsBodyParts(rules: readonly ArrivalRule[]): boolean {
  return rules.some(({ bodyParts }) => bodyParts.length > 0);
}

/**
 * The series of a study, in the order in which they suit a comparison. The first rule that fits a series counts for it, and that of the
 * first series says how many earlier studies come with it. Undefined where no rule fits.
 * @param bodyParts by Series Instance UID
 */
export function choiceIn(
  { series }: Pick<TimePointStudy, 'series'>,
  rules: readonly ArrivalRule[],
  bodyParts: ReadonlyMap<string, string>,
): Choice | undefined {
  const chosen: ComparableSeries[] = [];
  const counts = new Map<ArrivalRule, number>();
  for (const one of series) {
    const rule = rules.find((candidate) => fits(candidate, one, bodyParts.get(one.seriesInstanceUid)));
    const count = rule === undefined ? 0 : (counts.get(rule) ?? 0);
    if (rule === undefined || count >= rule.series) continue;
    counts.set(rule, count + 1);
    chosen.push(one);
  }
  const [first] = counts.keys();
  return first === undefined ? undefined : { series: chosen, priors: first.priors, findings: first.findings };
}
