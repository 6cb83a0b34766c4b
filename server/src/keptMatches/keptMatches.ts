/**
 * Answers that were computed before a reader requested them. They lie beside the embeddings of their pair, under the same keys as its
 * fields: they go when one of both goes, and are read only by whoever holds both embeddings.
 * @module
 */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { contentOf } from '../embedding/index.ts';
import type { EmbeddingCache, FieldKey } from '../embeddingCache/index.ts';
import type { Match, MatchRequest, PointOutcome, QueryPoint } from '../matching/index.ts';

/** Raised when the form of the file, or the meaning of an answer, changes. */
const VERSION = 1;
/** Answers of one pair: many times the findings of a report. */
const MAX_ANSWERS = 1_000;

/** Matches points, and looks first for what is kept. */
type MatchPoints = (request: MatchRequest) => Promise<readonly PointOutcome[]>;

/** What keeping needs of the server. */
export interface KeptMatchesParts {
  readonly matchPoints: MatchPoints;
  readonly cache: Pick<EmbeddingCache, 'keyOf' | 'getField' | 'putField'>;
  /** Of the server: another one may answer differently. */
  readonly version: string;
}

/** Kept answers. */
export interface KeptMatches {
  /** Answers from what is kept as far as it goes. */
  readonly match: MatchPoints;
  /** The same, and keeps what was found. An answer that cannot be kept is given all the same. */
  readonly matchAndKeep: MatchPoints;
}

type Answers = ReadonlyMap<string, Match>;

/** What the file holds was written by this function's other half, and its checksum is right. */
const answerSchema = z.custom<Match>((value) => typeof value === 'object' && value !== null);
const fileSchema = z.record(z.string(), answerSchema);

function digestOf(value: unknown): string {
  return createHash('sha256').update(JSON.stringify(value)).digest('base64url');
}

/** What an answer depends on, but for the name of the point. */
function pointKey({ lps, frameOfReferenceUid, axes }: QueryPoint): string {
  return digestOf([lps, frameOfReferenceUid ?? null, axes ?? null]);
}

/** Where the answers of a request lie; undefined where an embedding is not in the cache. */
function fileOf(
  { query, target, method, fixedPoints, turn, isSideUnsure, model }: MatchRequest,
  { cache, version }: KeptMatchesParts,
): FieldKey | undefined {
  const [ofQuery, ofTarget] = [cache.keyOf(query), cache.keyOf(target)];
  if (ofQuery === undefined || ofTarget === undefined) return undefined;
  const content = [contentOf(query), contentOf(target)];
  const how = [method ?? null, fixedPoints === true, turn ?? null, isSideUnsure === true];
  const terms = JSON.stringify(['matches', VERSION, version, model.id, model.version, content, how]);
  return { query: ofQuery, target: ofTarget, terms };
}

async function read(file: FieldKey, { cache }: KeptMatchesParts): Promise<Answers> {
  const bytes = await cache.getField(file);
  if (bytes === undefined) return new Map();
  const { data } = fileSchema.safeParse(JSON.parse(Buffer.from(bytes).toString('utf8')));
  return new Map(Object.entries(data ?? {}));
}

async function keep(
  file: FieldKey,
  known: Answers,
  found: readonly (readonly [QueryPoint, PointOutcome])[],
  { cache }: KeptMatchesParts,
): Promise<void> {
  const made = found.flatMap(([point, outcome]) =>
    outcome.ok ? [[pointKey(point), outcome.match] as const] : [],
  );
  const all = [...known, ...made].slice(-MAX_ANSWERS);
  await cache.putField(file, Buffer.from(JSON.stringify(Object.fromEntries(all)), 'utf8'));
}

async function answer(
  request: MatchRequest,
  keeps: boolean,
  parts: KeptMatchesParts,
): Promise<readonly PointOutcome[]> {
  const file = fileOf(request, parts);
  const known: Answers = file === undefined ? new Map() : await read(file, parts);
  const missing = request.points.filter((point) => !known.has(pointKey(point)));
  // A request without points computes what a pair has before its first one.
  const isKnown = missing.length === 0 && request.points.length > 0;
  const computed = isKnown ? [] : await parts.matchPoints({ ...request, points: missing });
  const found = missing.flatMap((point, index) => {
    const outcome = computed[index];
    return outcome === undefined ? [] : [[point, outcome] as const];
  });
  if (keeps && file !== undefined && found.length > 0) await keep(file, known, found, parts);
  const byPoint = new Map(found);
  return request.points.flatMap((point): readonly PointOutcome[] => {
    const match = known.get(pointKey(point));
    if (match !== undefined) return [{ pointId: point.id, ok: true, match }];
    const outcome = byPoint.get(point);
    return outcome === undefined ? [] : [outcome];
  });
}

/** Puts kept answers before the matching. */
export function createKeptMatches(parts: KeptMatchesParts): KeptMatches {
  return {
    match: (request) => answer(request, false, parts),
    matchAndKeep: (request) => answer(request, true, parts),
  };
}
