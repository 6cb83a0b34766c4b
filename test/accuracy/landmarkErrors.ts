/**
 * Landmarks between patients: compact organs of head-neck CTs, found by templates of others.
 * @module
 */
import type { Embedding } from '../../server/src/embedding/index.ts';
import { distanceMm } from '../../server/src/geometry/index.ts';
import { findLandmarks, makeTemplate } from '../../server/src/landmarks/index.ts';
import type { LandmarkTemplate } from '../../server/src/landmarks/index.ts';
import type { MatchModel, PointMatcher } from '../../server/src/matching/index.ts';
import type { Model } from '../../server/src/model/index.ts';
import { isBlanked } from './blanked.ts';
import type { Engine } from './engine.ts';
import { subjectAt } from './files.ts';
import { centroids, compactOnly } from './organs.ts';
import type { OrganPoints } from './organs.ts';

/** A head-neck CT with its landmarks. */
export interface Neck {
  readonly embedding: Embedding;
  /** Centroids of its compact organs. */
  readonly organs: OrganPoints;
  readonly template: LandmarkTemplate;
}

/** A landmark that was found. */
export interface LandmarkError {
  readonly name: string;
  /** Infinity where no place was found. */
  readonly errorMm: number;
  readonly radiusMm: number;
}

/** The whole CTs of some files, or those that are cut around their target; at most so many. */
export async function necksOf(
  engine: Engine,
  model: Model,
  files: readonly string[],
  { areBlanked = false, most = Infinity } = {},
): Promise<readonly Neck[]> {
  const necks: Neck[] = [];
  for (const file of files) {
    if (necks.length >= most) break;
    const subject = await subjectAt(file);
    if (isBlanked(await subject.load()) !== areBlanked) continue;
    const organs = compactOnly(centroids(await (await subjectAt(file.replace('_ct.', '_organs.'))).load()));
    const embedding = await engine.embed(subject, model);
    const landmarks = [...organs].map(([name, lps]) => ({ name, lps }));
    necks.push({ embedding, organs, template: makeTemplate(embedding, landmarks, model.manifest) });
  }
  return necks;
}

/** Distances of the landmarks of templates in a neck from its organs. */
export async function landmarkErrors(
  templates: readonly LandmarkTemplate[],
  { embedding, organs }: Pick<Neck, 'embedding' | 'organs'>,
  model: MatchModel,
  matcher: PointMatcher,
): Promise<readonly LandmarkError[]> {
  const matchPoints: PointMatcher['matchPoints'] = (request) => matcher.matchPoints(request);
  const outcomes = await findLandmarks({ templates, target: embedding, model, matchPoints });
  return outcomes.flatMap((outcome) => {
    const { name } = outcome;
    const truth = organs.get(name);
    if (truth === undefined) return [];
    if (!outcome.ok) return [{ name, errorMm: Infinity, radiusMm: 0 }];
    const { place, errorRadiusMm } = outcome.landmark;
    return [{ name, errorMm: distanceMm(place.lps, truth), radiusMm: errorRadiusMm }];
  });
}
