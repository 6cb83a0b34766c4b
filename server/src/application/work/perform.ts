/**
 * What a worker does with an order: what the web process would do itself, with the credentials of the same caller and the same checks
 * of the images. It has ended when the result lies in the shared store.
 * @module
 */
import type { Caller, GrantedSeries } from '../../access/index.ts';
import type { Affine } from '../../geometry/index.ts';
import { NEVER_PUT } from '../../embeddingCache/index.ts';
import type { Embedding } from '../../embedding/index.ts';
import type { EmbeddingKey, PutOutcome } from '../../embeddingCache/index.ts';
import { isSamepointError, SamepointError } from '../../errors/index.ts';
import type { WorkHandler, WorkProgress, EmbeddingRequest } from '../../work/index.ts';
import type { EmbeddingPlan } from '../../seriesEmbeddings/index.ts';
import type { FieldPlan } from '../fields/planField.ts';
import type { FieldRequest } from '../fields/types.ts';
import type { Ports } from '../../ports/index.ts';
import { digestOf, parseRequest } from '../../work/index.ts';

/** What an order needs of the application. */
export interface PerformerParts {
  readonly ports: Pick<Ports, 'cache' | 'embedder' | 'models' | 'modules'>;
  /** Requests the series for the caller. @throws every error of `dicomweb/` */
  readonly admit: (
    request: EmbeddingRequest,
    signal: AbortSignal,
  ) => Promise<{ readonly granted: GrantedSeries; readonly plan: EmbeddingPlan }>;
  readonly planField: (request: FieldRequest, caller: Caller, signal: AbortSignal) => Promise<FieldPlan>;
}

interface RunOptions {
  readonly signal: AbortSignal;
  readonly onProgress: (progress: WorkProgress) => void;
}

function requireStored(outcome: PutOutcome): void {
  if (!outcome.stored) throw outcome.warning;
}

/** An embedding of a series that grew while it was read is not kept: under its key the smaller series would be expected. */
function requireKept({ series }: GrantedSeries, outcome: PutOutcome): void {
  if (outcome.stored || !isSamepointError(outcome.warning, 'embedding/cache-write-failed')) return;
  if (outcome.warning.fields.problem === NEVER_PUT)
    throw new SamepointError('application/series-changed', { seriesInstanceUid: series.seriesInstanceUid });
}

/** The result would lie under another name: the process that waits would not find it. */
function requireKey(made: string, wanted: string): void {
  if (made !== wanted) throw new SamepointError('queue/worker-differs', {});
}

/** Between the listing of the web process and this one, images came or went: it is listed and requested again. */
function requireSameImages({ series, sopInstanceUids }: GrantedSeries, instances: string): void {
  if (digestOf(sopInstanceUids) === instances) return;
  throw new SamepointError('application/series-changed', { seriesInstanceUid: series.seriesInstanceUid });
}

/** Puts the preview image into the store, and says so with all progress from then on. */
function withPreview(
  key: EmbeddingKey,
  { cache }: PerformerParts['ports'],
  { onProgress }: Pick<RunOptions, 'onProgress'>,
): Required<Pick<Parameters<EmbeddingPlan['run']>[0] & object, 'onProgress' | 'onPreviewImage'>> {
  let hasPreview = false;
  let last: WorkProgress | undefined;
  const report = (progress: WorkProgress): void => {
    last = progress;
    onProgress(hasPreview ? { ...progress, hasPreview } : progress);
  };
  return {
    onProgress: report,
    onPreviewImage: (image) => {
      void cache.putPreview(key, image).then(({ stored }) => {
        hasPreview = stored;
        if (stored && last !== undefined) report(last);
      });
    },
  };
}

async function embed(
  { admit, ports }: PerformerParts,
  key: string,
  request: unknown,
  options: RunOptions,
): Promise<void> {
  const wanted = parseRequest('embedding', request);
  const { granted, plan } = await admit(wanted, options.signal);
  requireSameImages(granted, wanted.instances);
  requireKey(plan.key, key);
  await plan.run({ ...options, ...withPreview(plan.key, ports, options) });
  const outcome = await ports.cache.persist(plan.key);
  requireKept(granted, outcome);
  requireStored(outcome);
}

async function turn(
  { ports: { cache, models, modules, embedder } }: PerformerParts,
  key: string,
  request: unknown,
  { signal }: RunOptions,
): Promise<void> {
  const wanted = parseRequest('turned', request);
  // The order comes from a process of ours, and the key of the result must be the one that it names.
  const source: Embedding | undefined = await cache.get(wanted.of as EmbeddingKey);
  if (source === undefined) throw new SamepointError('queue/result-missing', {});
  const by = wanted.turn as unknown as Affine;
  const made = modules.turnedEmbeddingKey(source, by, models.get(wanted.model));
  requireKey(made, key);
  if ((await cache.get(made)) === undefined)
    await cache.put(made, await embedder.embedTurned(source, by, { signal }));
  requireStored(await cache.persist(made));
}

async function mapPair(
  { planField }: PerformerParts,
  request: unknown,
  { signal, onProgress }: RunOptions,
): Promise<void> {
  const { caller, query, target, model } = parseRequest('field', request);
  const plan = await planField({ query, target, model }, caller, signal);
  await plan.run({ signal, onProgress });
  requireStored(await plan.persist());
}

/** Does orders. */
export function createPerformer(parts: PerformerParts): WorkHandler {
  return async ({ kind, key, request }, options) => {
    if (kind === 'embedding') await embed(parts, key, request, options);
    else if (kind === 'turned') await turn(parts, key, request, options);
    else await mapPair(parts, request, options);
  };
}
