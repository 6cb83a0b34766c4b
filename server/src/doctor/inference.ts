/**
 * Which execution provider runs the model here, and how long it needs for a chest.
 * @module
 */
import { setTimeout as after } from 'node:timers/promises';
import { threadsOf } from '../composition/index.ts';
import type { Config } from '../config/index.ts';
import { createEmbedder } from '../embedding/index.ts';
import type { Embedder } from '../embedding/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { ExecutionProvider, ModelRegistry } from '../model/index.ts';
import { chestVolume } from './chest.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';
import { providerChecks, thisMachine } from './providers.ts';

const MS_PER_S = 1000;
/** An accelerator that needs longer for a chest is none, s. */
const PATIENCE_S = 60;
const CHEST = 'a chest of 360 x 260 x 300 mm';

interface InferenceOptions {
  /** False where nothing is to be embedded. */
  readonly embeds: boolean;
  readonly signal: AbortSignal;
}

/** Time for a made-up chest, s; undefined where it needs longer than {@link PATIENCE_S} and is not waited for. */
async function chestSeconds(
  embedder: Embedder,
  modelId: string | undefined,
  signal: AbortSignal,
  isLimited: boolean,
): Promise<number | undefined> {
  const limit = new AbortController();
  const end = new AbortController();
  if (isLimited) {
    void after(PATIENCE_S * MS_PER_S, undefined, { signal: end.signal, ref: false }).then(
      () => {
        limit.abort();
      },
      () => undefined,
    );
  }
  const startMs = performance.now();
  try {
    const stop = AbortSignal.any([signal, limit.signal]);
    await embedder.embed(chestVolume(), modelId, { signal: stop, transferVoxels: true });
    return (performance.now() - startMs) / MS_PER_S;
  } catch (error) {
    if (limit.signal.aborted && !signal.aborted) return undefined;
    throw error;
  } finally {
    end.abort();
  }
}

/** How fast the provider is; one that is slower than the CPU, or as slow that it is not waited for, should not be used. */
export function speedCheck(
  provider: ExecutionProvider,
  seconds: number | undefined,
  onCpu: number | undefined,
): Check {
  const name = 'embedding';
  const beside = onCpu === undefined ? '' : `; the CPU needs ${onCpu.toFixed(1)} s`;
  const advice = `Remove ${provider} from embedding.providers.`;
  if (seconds === undefined)
    return warning(name, `${CHEST} needs more than ${PATIENCE_S} s on ${provider}${beside}`, advice);
  const message = `${CHEST} is embedded in ${seconds.toFixed(1)} s on ${provider}${beside}`;
  return onCpu !== undefined && onCpu < seconds ? warning(name, message, advice) : ok(name, message);
}

async function withEmbedder<T>(
  models: ModelRegistry,
  { embedding }: Config,
  providers: readonly ExecutionProvider[],
  work: (embedder: Embedder) => Promise<T>,
): Promise<T> {
  const embedder = createEmbedder({ models, providers, threads: threadsOf(embedding.threads) });
  try {
    return await work(embedder);
  } finally {
    await embedder.close();
  }
}

/** The checks of the providers, and the time for a chest: beside an accelerator also that of the CPU. */
export async function inferenceChecks(
  models: ModelRegistry,
  config: Config,
  { embeds, signal }: InferenceOptions,
): Promise<readonly Check[]> {
  const { providers } = config.embedding;
  const wanted = config.models.default;
  const checks: Check[] = [];
  try {
    const measured = await withEmbedder(models, config, providers, async (embedder) => {
      const report = await embedder.openModel(wanted);
      checks.push(...providerChecks(report, providers, thisMachine()));
      const provider = report.running;
      if (!embeds || provider === undefined) return undefined;
      return { provider, seconds: await chestSeconds(embedder, wanted, signal, provider !== 'cpu') };
    });
    if (measured === undefined) return checks;
    const { provider, seconds } = measured;
    const onCpu =
      provider === 'cpu'
        ? undefined
        : await withEmbedder(models, config, ['cpu'], async (embedder) => {
            await embedder.openModel(wanted);
            return await chestSeconds(embedder, wanted, signal, false);
          });
    checks.push(speedCheck(provider, seconds, onCpu));
  } catch (error) {
    signal.throwIfAborted();
    if (!isSamepointError(error)) throw error;
    checks.push(failed('inference', error.message, error.remedy));
  }
  return checks;
}
