import type { Config } from '../config/index.ts';
import type { Logger } from '../access/index.ts';
import type { OpenModules } from './modules.ts';
import { warmUpReading } from './warmUpReading.ts';

/** What an opening model reports to, and what ends it. */
interface Surroundings {
  readonly config: Pick<Config, 'models'>;
  readonly logger: Logger;
  readonly shutdown: AbortSignal;
}

/**
 * Opens the default model in the background, and warms up what reads series for it: the first work waits for neither, and the log says
 * what runs the model. What a shutdown ends did not fail.
 */
export function openDefaultModel(
  { embedder, decoder, models }: Pick<OpenModules, 'embedder' | 'decoder' | 'models'>,
  { config, logger, shutdown }: Surroundings,
): void {
  const failed = (what: string) => (error: unknown) => {
    if (!shutdown.aborted) logger.error({ err: error }, what);
  };
  embedder.openModel(config.models.default).then(({ running, refused }) => {
    logger.info({ running, refused }, 'models run');
    warmUpReading(decoder, models.get(config.models.default)).catch(failed('series cannot be read'));
  }, failed('the default model does not run'));
}
