/**
 * The map of a pair of series: from the cache, or made of both embeddings. Callers who want the same map share one computation.
 * @module
 */
import { createHash } from 'node:crypto';
import type { SingleFlight } from '../../concurrency/index.ts';
import { contentOf } from '../../embedding/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import type { FieldKey } from '../../embeddingCache/index.ts';
import type { SeriesRef } from '../../dicomweb/index.ts';
import { SamepointError } from '../../errors/index.ts';
import { FIELD_FORMAT_VERSION } from '../../fieldFormat/index.ts';
import type { Model } from '../../model/index.ts';
import { assertSamePatient, assertSamePatientInImages } from '../../access/index.ts';
import type { Access, Caller } from '../../access/index.ts';
import type { EmbeddingPlan, Embeddings, Poses, Progress, RunOptions } from '../../seriesEmbeddings/index.ts';
import type { Ports } from '../../ports/index.ts';
import { combineProgress } from '../../seriesEmbeddings/index.ts';
import type { WorkQueue, FieldRequestOfWorker } from '../../work/index.ts';
import type { Plan } from '../types.ts';
import { createInProcessQueue } from '../../admission/index.ts';
import { storedMaps } from './storedField.ts';
import type { StoredMaps } from './storedField.ts';
import type { FieldRequest, PairField } from './types.ts';

/** Raised when the same pair must give another field. */
const FIELD_VERSION = 2;
/** Share of fetching and embedding in the progress of a field that needs them; the field itself needs seconds. */
const EMBEDDING_SHARE = 0.8;

/** Of this process: fields wait behind no series. */
const OWN_WORK = createInProcessQueue(1);

/** Fields on their way, by the names of their pairs. */
export type FieldFlights = SingleFlight<Uint8Array, Progress>;

/** What fields need of the rest of the application. */
export interface FieldParts extends Pick<Ports, 'cache' | 'logger' | 'modules' | 'source'> {
  readonly access: Access;
  readonly embeddings: Embeddings;
  readonly poses: Poses;
  readonly flights: FieldFlights;
  /** This process computes where it is absent. */
  readonly work?: WorkQueue | undefined;
}

/** A field that may be kept. */
export interface FieldPlan extends Plan<PairField> {
  /** Waits until the field that was made lies in the store. */
  persist(): ReturnType<Ports['cache']['persistField']>;
}

/** Both series of a pair, admitted. */
export interface Admitted {
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
): Promise<FieldPlan> {
  const { query, target } = request;
  const admitted = await admitPair(request, model, caller, parts, signal);
  const isEmbedded = admitted.query.ready && admitted.target.ready;
  let key = isEmbedded ? keyOf(admitted, await embedAdmitted(admitted, EMBEDDING_SHARE), model) : undefined;
  const kept = key && (await parts.cache.getField(key));
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
    async run(options = {}) {
      if (kept !== undefined) return result(kept);
      const embedded = await embedAdmitted(admitted, EMBEDDING_SHARE, options);
      key = keyOf(admitted, embedded, model);
      return result(await make(embedded, key, { request, model, caller }, parts, options));
    },
    persist: () => {
      if (key === undefined) throw new Error('the field was not made');
      return parts.cache.persistField(key);
    },
  };
}

/**
 * Admits both series of a pair: a second time where the first one found that the PACS holds other images, they are listed anew.
 * @throws SamepointError as {@link planField}
 */
export async function admitPair(
  { query, target }: Pick<FieldRequest, 'query' | 'target'>,
  model: Model,
  caller: Caller,
  { access, embeddings }: Pick<FieldParts, 'access' | 'embeddings'>,
  signal: AbortSignal | undefined,
): Promise<Admitted> {
  if (query.seriesInstanceUid === target.seriesInstanceUid)
    throw new SamepointError('application/same-series', { seriesInstanceUid: query.seriesInstanceUid });
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

/** What decides the field of a pair: the images and what they hold, the model, and how it is computed. */
function keyOf({ query, target }: Admitted, embedded: Pair, { manifest }: Model): FieldKey {
  const content = [contentOf(embedded.query), contentOf(embedded.target)];
  const terms = [FIELD_FORMAT_VERSION, FIELD_VERSION, manifest.version, manifest.matching, content];
  return { query: query.key, target: target.key, terms: JSON.stringify(terms) };
}

/** Who wants the map of which pair by which model. */
interface Wish {
  readonly request: FieldRequest;
  readonly model: Model;
  readonly caller: Caller;
}

async function make(
  embedded: Pair,
  key: FieldKey,
  { request, model, caller }: Wish,
  parts: FieldParts,
  { signal, onProgress }: RunOptions,
): Promise<Uint8Array> {
  onProgress?.({ stage: 'match', fraction: EMBEDDING_SHARE, message: 'Mapping one series to the other' });
  const compute = async (stop: AbortSignal): Promise<Uint8Array> => {
    const { bytes: stored, prior } = await storedMaps(request, model, caller, parts, stop);
    const bytes = stored ?? (await computed({ ...embedded, prior }, model, parts, stop));
    keep(key, bytes, parts);
    return bytes;
  };
  const name = JSON.stringify(key);
  const { query, target } = request;
  const { authorization } = caller;
  const order = {
    kind: 'field' as const,
    key: createHash('sha256').update(name).digest('hex'),
    urgency: 'interactive' as const,
    share: '',
    request: { query, target, model: model.id, caller: { authorization } } satisfies FieldRequestOfWorker,
  };
  const work = async (stop: AbortSignal): Promise<Uint8Array> => {
    const fetch = (): Promise<Uint8Array | undefined> => parts.cache.getField(key);
    const steps = { compute: () => compute(stop), fetch, report: () => undefined };
    return await (parts.work ?? OWN_WORK).run(order, steps, stop);
  };
  return await parts.flights.join(name, work, { signal });
}

/**
 * Embeds both series of a pair.
 * @param share of this work in the progress of all
 * @throws SamepointError `application/different-patients` where the images are of two patients
 */
export async function embedAdmitted(
  { query, target }: Admitted,
  share: number,
  { signal, onProgress }: RunOptions = {},
): Promise<Pair> {
  const progressOf = combineProgress(2, share, onProgress);
  const [ofQuery, ofTarget] = await Promise.all([
    query.run({ signal, onProgress: progressOf(0) }),
    target.run({ signal, onProgress: progressOf(1) }),
  ]);
  assertSamePatientInImages(ofQuery, ofTarget);
  return { query: ofQuery, target: ofTarget };
}

/** Both embeddings of a pair. */
export interface Pair {
  readonly query: Embedding;
  readonly target: Embedding;
}

/** What a map is computed of. */
type Embedded = Pair & Pick<StoredMaps, 'prior'>;

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
