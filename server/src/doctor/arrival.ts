/**
 * Whether new studies can be noticed and precomputed.
 * @module
 */
import { constants } from 'node:fs';
import { access } from 'node:fs/promises';
import { changesSince } from '../arrival/index.ts';
import { backgroundAuthorization, orthancOf } from '../composition/index.ts';
import { configuredSources } from '../config/index.ts';
import type { Config, ConfiguredSource } from '../config/index.ts';
import { isSamepointError, problemOf } from '../errors/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';
import { existing } from './files.ts';

const ARRIVAL = 'arrival';

const WAYS = {
  poll: 'by searches',
  orthanc: 'by the changes of Orthanc',
  report: 'by reports of the PACS',
} as const;

async function stateCheck({ arrival: { directory } }: Config): Promise<Check> {
  try {
    await access(await existing(directory), constants.W_OK | constants.X_OK);
    return ok(ARRIVAL, `what is known is kept in ${directory}`);
  } catch (error) {
    return failed(ARRIVAL, `${directory}: ${problemOf(error)}`, 'Correct arrival.directory, or its rights.');
  }
}

async function sourceCheck(
  source: ConfiguredSource,
  authorization: string | undefined,
  { config, signal }: { readonly config: Config; readonly signal: AbortSignal },
): Promise<readonly Check[]> {
  const { name, settings } = source;
  const { arrival: by } = settings;
  if (by === 'none') return [];
  const orthanc = orthancOf(source);
  if (by === 'orthanc' && orthanc !== undefined)
    await changesSince(orthanc, undefined, { authorization, signal });
  const noSecret = by === 'report' && config.arrival.secret === undefined;
  const missing = warning(
    ARRIVAL,
    `${name} reports new studies, and none is accepted`,
    'Set arrival.secret.',
  );
  return noSecret ? [missing] : [ok(ARRIVAL, `new studies of ${name} are noticed ${WAYS[by]}`)];
}

/** Nothing where no PACS is watched. */
export async function arrivalChecks(config: Config, signal: AbortSignal): Promise<readonly Check[]> {
  const watched = configuredSources(config).filter(({ settings }) => settings.arrival !== 'none');
  if (watched.length === 0) return [];
  try {
    const authorization = await backgroundAuthorization(config)();
    const checks = await Promise.all(
      watched.map((source) => sourceCheck(source, authorization, { config, signal })),
    );
    return [await stateCheck(config), ...checks.flat()];
  } catch (error) {
    if (!isSamepointError(error)) throw error;
    return [failed(ARRIVAL, error.message, error.remedy)];
  }
}
