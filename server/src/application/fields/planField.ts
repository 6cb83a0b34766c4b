/**
 * The map of a pair of series: from the cache, or made of both embeddings. Callers who want the same map share one computation.
 * @module
 */
import type { SingleFlight } from '../../concurrency/index.ts';
import type { Embedding, FieldKey } from '../../embedding/index.ts';
import type { SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { FIELD_FORMAT_VERSION } from '../../fieldFormat/index.ts';
import type { Model } from '../../model/index.ts';
import { assertSamePatient, assertSamePatientInImages } from '../../access/index.ts';
import type { Access, Caller } from '../../access/index.ts';
import type { EmbeddingPlan, Embeddings } from '../embeddings.ts';
import type { Ports } from '../ports.ts';
import type { Poses } from '../poses.ts';
import { combineProgress } from '../progress.ts';
import type { Plan, Progress, RunOptions } from '../types.ts';
import { storedMaps } from './storedField.ts';
import type { StoredMaps } from './storedField.ts';
import type { FieldRequest, PairField } from './types.ts';

/** Raised when the same pair must give another field. */
const FIELD_VERSION = 1;
/** Share of fetching and embedding in the progress of a field that needs them; the field itself needs seconds. */
const EMBEDDING_SHARE = 0.8;

/** Fields on their way, by the names of their pairs. */
export type FieldFlights = SingleFlight<Uint8Array, Progress>;

/** What fields need of the rest of the application. */
export interface FieldParts extends Pick<Ports, 'cache' | 'logger' | 'modules' | 'source'> {
  readonly access: Access;
  readonly embeddings: Embeddings;
  readonly poses: Poses;
  readonly flights: FieldFlights;
}

/** Both series of a pair, admitted. */
interface Admitted {
  readonly query: EmbeddingPlan;
  readonly target: EmbeddingPlan;
}

/**
 * Admits a request for the map of a pair: access to both series, same patient, same images, a place in the queue.
 * @throws SamepointError `application/same-series`, `application/different-patients`, `application/patient-unknown`,
 * `application/identity-mismatch`, `http/busy`, and every error of `dicomweb/`
 */
export async function planField(
  request: FieldRequest,
  model: Model,
  caller: Caller,
  parts: FieldParts,
  signal?: AbortSignal,
): Promise<Plan<PairField>> {
  const { query, target } = request;
  if (query.seriesInstanceUid === target.seriesInstanceUid)
    throw new SamepointError('application/same-series', { seriesInstanceUid: query.seriesInstanceUid });
  const admitted = await admit(request, model, caller, parts, signal);
  const key = keyOf(admitted, model);
  const isEmbedded = admitted.query.ready && admitted.target.ready;
  const kept = isEmbedded ? await parts.cache.getField(key) : undefined;
  const result = (bytes: Uint8Array): PairField => ({
    state: 'ready',
    query,
    target,
    model: model.id,
    bytes,
  });
  return {
    ready: kept !== undefined,
    series: [query, target],
    run: async (options = {}) =>
      result(kept ?? (await make(admitted, key, { request, model, caller }, parts, options))),
  };
}

/** A second time where the first one found that the PACS holds other images: they are listed anew. */
async function admit(
  { query, target }: FieldRequest,
  model: Model,
  caller: Caller,
  { access, embeddings }: FieldParts,
  signal: AbortSignal | undefined,
): Promise<Admitted> {
  for (let again = false; ; again = true) {
    const grant = (series: SeriesRef): ReturnType<Access['grant']> => access.grant(series, caller, signal);
    const [ofQuery, ofTarget] = await Promise.all([grant(query), grant(target)]);
    assertSamePatient(ofQuery, ofTarget);
    const plan = async (granted: typeof ofQuery): Promise<EmbeddingPlan> =>
      embeddings.plan(granted, model, caller, await embeddings.candidate(granted, model, caller, signal));
    const [first, second] = await Promise.all([plan(ofQuery), plan(ofTarget)]);
    if (again || !(first.isOutdated || second.isOutdated)) return { query: first, target: second };
  }
}

/** What decides the field of a pair: the images, the model, and how it is computed. */
function keyOf({ query, target }: Admitted, { manifest }: Model): FieldKey {
  const terms = [FIELD_FORMAT_VERSION, FIELD_VERSION, manifest.version, manifest.matching];
  return { query: query.key, target: target.key, terms: JSON.stringify(terms) };
}

/** Who wants the map of which pair by which model. */
interface Wish {
  readonly request: FieldRequest;
  readonly model: Model;
  readonly caller: Caller;
}

async function make(
  { query, target }: Admitted,
  key: FieldKey,
  { request, model, caller }: Wish,
  parts: FieldParts,
  { signal, onProgress }: RunOptions,
): Promise<Uint8Array> {
  const progressOf = combineProgress(2, EMBEDDING_SHARE, onProgress);
  const [ofQuery, ofTarget] = await Promise.all([
    query.run({ signal, onProgress: progressOf(0) }),
    target.run({ signal, onProgress: progressOf(1) }),
  ]);
  assertSamePatientInImages(ofQuery, ofTarget);
  onProgress?.({ stage: 'match', fraction: EMBEDDING_SHARE, message: 'Mapping one series to the other' });
  const compute = async (stop: AbortSignal): Promise<Uint8Array> => {
    const { bytes: stored, prior } = await storedMaps(request, model, caller, parts, stop);
    const bytes = stored ?? (await computed({ query: ofQuery, target: ofTarget, prior }, model, parts, stop));
    keep(key, bytes, parts);
    return bytes;
  };
  return await parts.flights.join(JSON.stringify(key), compute, { signal });
}

/** What a map is computed of. */
interface Embedded extends Pick<StoredMaps, 'prior'> {
  readonly query: Embedding;
  readonly target: Embedding;
}

async function computed(
  { query, target, prior }: Embedded,
  model: Model,
  { poses, modules }: FieldParts,
  signal: AbortSignal,
): Promise<Uint8Array> {
  const { target: aligned, turn, isSideUnsure } = await poses.align(query, target, model, signal);
  return await modules.computeField({
    query,
    target: aligned,
    turn,
    isSideUnsure,
    model: model.manifest,
    prior,
    signal,
  });
}

/** In memory at once, on disk when it is written: no reader waits for that. */
function keep(key: FieldKey, bytes: Uint8Array, { cache, logger }: FieldParts): void {
  const warn = (err: unknown): void => {
    logger.warn({ err }, 'a field could not be kept on disk');
  };
  cache.putField(key, bytes).then((outcome) => {
    if (!outcome.stored) warn(outcome.warning);
  }, warn);
}
