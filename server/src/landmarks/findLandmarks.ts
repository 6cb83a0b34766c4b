import type { Embedding } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import { distanceMm } from '../geometry/index.ts';
import { betweenPatients, seriesPointAt } from '../matching/index.ts';
import type { Match, MatchModel, MatchRequest, MatchVerdict, PointOutcome } from '../matching/index.ts';
import { geometricMedian } from './consensus.ts';
import type { FoundLandmark, LandmarkOutcome, LandmarkTemplate } from './types.ts';

/** What landmarks are found with. */
export interface FindRequest {
  readonly templates: readonly LandmarkTemplate[];
  readonly target: Embedding;
  /** That of all templates and of the target. */
  readonly model: MatchModel;
  readonly matchPoints: (request: MatchRequest) => Promise<readonly PointOutcome[]>;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Finds the landmarks of templates in a series, one outcome per name in the order of the templates. Templates that share a name vote:
 * the place is the geometric median of their answers. The patients of templates and series count as different ones.
 * @throws SamepointError landmarks/other-model, and those of matching/ that concern a pair
 */
export async function findLandmarks(request: FindRequest): Promise<readonly LandmarkOutcome[]> {
  const { templates, target, model, matchPoints, signal } = request;
  for (const template of templates) assertModel(template, model);
  const between = betweenPatients(model, 'landmarks');
  const answers = new Map<string, PointOutcome[]>();
  for (const { embedding, landmarks } of templates) {
    const points = landmarks.map(({ lps }, index) => ({ id: String(index), lps }));
    const pair = {
      query: embedding,
      target,
      points,
      model: between,
      ...(signal === undefined ? {} : { signal }),
    };
    for (const [index, outcome] of (await matchPoints(pair)).entries()) {
      const name = landmarks[index]?.name ?? '';
      answers.set(name, [...(answers.get(name) ?? []), outcome]);
    }
  }
  return [...answers].map(([name, outcomes]) => agree(name, outcomes, request));
}

function assertModel({ model: own }: LandmarkTemplate, model: MatchModel): void {
  if (own.id === model.id && own.version === model.version) return;
  const named = ({ id, version }: Pick<MatchModel, 'id' | 'version'>): string => `${id} ${version}`;
  throw new SamepointError('landmarks/other-model', { template: named(own), model: named(model) });
}

function agree(
  name: string,
  outcomes: readonly PointOutcome[],
  { target, model }: FindRequest,
): LandmarkOutcome {
  const matches = outcomes.flatMap((outcome) =>
    outcome.ok && isPlaced(outcome.match) ? [outcome.match] : [],
  );
  if (matches.length === 0) {
    const failed = outcomes.find((outcome) => !outcome.ok);
    return { name, ok: false, error: failed?.error ?? new SamepointError('landmarks/no-agreement', {}) };
  }
  const verdict = commonVerdict(matches, model);
  const voters = matches.filter((match) => verdictOf(match, model) === verdict);
  const places = voters.map(({ target: { lps } }) => lps);
  const lps = geometricMedian(places);
  const spreadMm = Math.max(...places.map((place) => distanceMm(place, lps)));
  const landmark: FoundLandmark = {
    name,
    verdict,
    place: seriesPointAt(target.volume, lps),
    similarity: mean(voters.map(({ similarity }) => similarity)),
    errorRadiusMm: Math.max(
      spreadMm,
      shareOfVotes(voters.length) * mean(voters.map(({ errorRadiusMm }) => errorRadiusMm)),
    ),
    votes: voters.length,
    ...(voters.length === 1 ? {} : { spreadMm }),
  };
  return { name, ok: true, landmark };
}

/**
 * The error of several templates as a part of that of one. Half of the squared error of one is the template's: its patient, and how its
 * landmark was marked. Of N templates a N-th of that half remains.
 */
function shareOfVotes(votes: number): number {
  return Math.sqrt((1 + 1 / votes) / 2);
}

/** Without a map of the neighbours' matches an answer is the most similar voxel anywhere, whose error was never measured. */
function isPlaced({ step }: Match): boolean {
  return step !== 'nearest';
}

type Verdict = FoundLandmark['verdict'];

/** The verdict of most answers; among equals the one that claims least. */
function commonVerdict(matches: readonly Match[], model: MatchModel): Verdict {
  const count = (verdict: Verdict): number =>
    matches.filter((match) => verdictOf(match, model) === verdict).length;
  return (['uncertain', 'out-of-view', 'absent'] as const).reduce((best, verdict) =>
    count(verdict) > count(best) ? verdict : best,
  );
}

/** How often a model without a calibration is right when it says that something is absent was never measured. */
function verdictOf({ verdict }: Match, { matching }: MatchModel): Verdict {
  const claimed: MatchVerdict = verdict;
  if (claimed === 'out-of-view') return claimed;
  return claimed === 'absent' && matching.calibration?.refined !== undefined ? claimed : 'uncertain';
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
