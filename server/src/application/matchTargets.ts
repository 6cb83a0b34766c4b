/**
 * Points of an embedded query in its embedded targets, with the warnings of the series and of the pairs.
 * @module
 */
import type { Embedding } from '../embedding/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { SamepointError } from '../errors/index.ts';
import type { Model } from '../model/index.ts';
import type { SeriesRef } from '../dicomweb/index.ts';
import { assertSamePatientInImages } from '../access/index.ts';
import type { Modules } from '../ports/index.ts';
import type { Poses } from '../seriesEmbeddings/index.ts';
import type { MatchRequest, MatchResult, SeriesWarning } from './types.ts';

/** A value, or why there is none. */
export type Attempt<T> = { readonly value: T } | { readonly error: SamepointError };

/** A catalogue error as a value: it concerns one target and none of the others. */
export async function attempt<T>(work: Promise<T>): Promise<Attempt<T>> {
  try {
    return { value: await work };
  } catch (error) {
    if (isSamepointError(error)) return { error };
    throw error;
  }
}

/** What a search needs of the application. */
interface SearchParts {
  readonly modules: Modules;
  readonly poses: Poses;
  readonly model: Model;
}

async function matchTarget(
  { points, method, fixedPoints, targets }: MatchRequest,
  index: number,
  query: Embedding,
  target: Attempt<Embedding>,
  { modules, poses, model }: SearchParts,
  signal: AbortSignal | undefined,
): Promise<MatchResult> {
  const ref = targets[index];
  if (ref === undefined) throw new RangeError(`there is no target ${index}`);
  const match = async (value: Embedding): Promise<MatchResult> => {
    assertSamePatientInImages(query, value);
    const aligned = await poses.align(query, value, model, signal);
    const found = await modules.matchPoints({
      query,
      target: aligned.target,
      turn: aligned.turn,
      isSideUnsure: aligned.isSideUnsure,
      ...{ points, fixedPoints },
      model: model.manifest,
      ...(method === undefined ? {} : { method }),
      ...(signal === undefined ? {} : { signal }),
    });
    const warnings = aligned.warnings.map((warning) => ({ series: ref, ...warning }));
    return { matches: found.map((outcome) => ({ ...outcome, target: ref })), warnings };
  };
  const answer = 'error' in target ? target : await attempt(match(target.value));
  const own = 'error' in target ? [] : warningsOf(ref, target.value);
  if ('error' in answer) {
    const { error } = answer;
    return {
      matches: points.map(({ id }) => ({ pointId: id, target: ref, ok: false, error })),
      warnings: own,
    };
  }
  return { matches: answer.value.matches, warnings: [...own, ...answer.value.warnings] };
}

function warningsOf(series: SeriesRef, { volume }: Embedding): readonly SeriesWarning[] {
  return volume.warnings.map(({ code, message }) => ({ series, code, message }));
}

/** Answers every target, all at a time: one point in several series keeps all threads busy, too. */
export async function matchTargets(
  request: MatchRequest,
  query: Embedding,
  targets: readonly Attempt<Embedding>[],
  parts: SearchParts,
  signal: AbortSignal | undefined,
  onSearched?: () => void,
): Promise<MatchResult> {
  const outcomes = await Promise.all(
    targets.map(async (target, index) => {
      const found = await matchTarget(request, index, query, target, parts, signal);
      onSearched?.();
      return found;
    }),
  );
  return {
    matches: outcomes.flatMap(({ matches }) => matches),
    warnings: [...warningsOf(request.query, query), ...outcomes.flatMap(({ warnings }) => warnings)],
  };
}
