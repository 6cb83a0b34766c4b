/**
 * Landmark templates of series of the PACS, and their landmarks in other series.
 * @module
 */
import type { SeriesRef } from '../dicomweb/index.ts';
import type { Embedding } from '../embedding/index.ts';
import { SamepointError } from '../errors/index.ts';
import { encodeTemplate, findLandmarks, makeTemplate, templateOf } from '../landmarks/index.ts';
import type { LandmarkOutcome, WireTemplate } from '../landmarks/index.ts';
import type { Model } from '../model/index.ts';
import type { EmbeddingPlan } from '../seriesEmbeddings/index.ts';
import type { Modules } from '../ports/index.ts';
import type { LandmarksRequest, TemplateRequest } from './types.ts';

/** The template of landmarks of an embedded series. */
export async function templateFrom(
  { series, landmarks }: TemplateRequest,
  model: Model,
  plan: EmbeddingPlan,
): Promise<WireTemplate> {
  return encodeTemplate(makeTemplate(await embedded(plan, series), landmarks, model.manifest));
}

/** The landmarks of templates in an embedded series. */
export async function landmarksIn(
  { series, templates }: LandmarksRequest,
  { manifest }: Model,
  plan: EmbeddingPlan,
  modules: Pick<Modules, 'matchPoints'>,
  signal?: AbortSignal,
): Promise<readonly LandmarkOutcome[]> {
  return await findLandmarks({
    templates: templates.map((template) => templateOf(template, manifest.matching.weights)),
    target: await embedded(plan, series),
    model: manifest,
    matchPoints: (request) => modules.matchPoints(request),
    signal,
  });
}

/** What is at hand: whoever requests landmarks has had the series embedded before. */
async function embedded(plan: EmbeddingPlan, { seriesInstanceUid }: SeriesRef): Promise<Embedding> {
  if (!plan.ready) throw new SamepointError('landmarks/not-embedded', { seriesInstanceUid });
  return await plan.run();
}
