/**
 * The checks of `samepoint doctor`, in the order in which a reader of them would correct things.
 * @module
 */
import { fetchOf } from '../composition/index.ts';
import { configuredSources, configWarnings } from '../config/index.ts';
import type { Config, ConfiguredSource } from '../config/index.ts';
import { reachabilityOf } from '../pacsRoutes/index.ts';
import { problemOf } from '../errors/index.ts';
import { loadModels } from '../model/index.ts';
import type { ModelRegistry } from '../model/index.ts';
import { failed, ok, warning } from './check.ts';
import type { Check } from './check.ts';
import { arrivalChecks } from './arrival.ts';
import { auditCheck, cacheCheck } from './files.ts';
import { inferenceChecks } from './inference.ts';
import { sharedChecks } from './shared.ts';

const PACS_TIMEOUT_MS = 10_000;

/** What is checked, beyond the configuration. */
export interface DoctorOptions {
  /** False where nothing is to be embedded. */
  readonly embeds: boolean;
  readonly signal: AbortSignal;
}

function pacsCheckOf({ name, section }: ConfiguredSource, status: number): Check {
  const check = `PACS ${name}`;
  if (status === 401 || status === 403)
    return ok(check, `answers HTTP ${status}: it requires a login, which readers bring`);
  if (status >= 300) {
    const message = `answers a search with HTTP ${status}`;
    return warning(
      check,
      message,
      `Compare ${section}.root (or qidoRoot) with the address of QIDO-RS of the PACS.`,
    );
  }
  return ok(check, 'answers searches');
}

async function pacsCheck(source: ConfiguredSource): Promise<Check> {
  const { name, section, roots, settings } = source;
  const options = {
    authorization: settings.authorization,
    timeoutMs: PACS_TIMEOUT_MS,
    fetch: fetchOf(source),
  };
  const { isReachable, status, reason } = await reachabilityOf(roots.qidoRoot, options);
  if (isReachable && status !== undefined) return pacsCheckOf(source, status);
  const said = status === undefined ? (reason ?? 'no answer') : `HTTP ${status}`;
  const remedy = `Check that the PACS runs, ${section}.root (or qidoRoot), and the network to it.`;
  return failed(`PACS ${name}`, `does not answer: ${said}`, remedy);
}

function modelChecks({ models, failures }: ModelRegistry, config: Config): readonly Check[] {
  const broken = failures.map(({ message, remedy }) => warning('model', message, remedy));
  const wanted = config.models.default;
  const standard = wanted === undefined ? models[0] : models.find(({ id }) => id === wanted);
  if (standard === undefined) {
    const what =
      wanted === undefined ? 'no model is installed' : `models.default "${wanted}" is not installed`;
    return [failed('models', what, 'Run "npm run setup", or correct models.directory.'), ...broken];
  }
  const names = models.map(({ id }) => id).join(', ');
  return [
    ok('models', `${names}; the default is ${standard.id}; the files are those of their manifests`),
    ...broken,
  ];
}

async function modelsOf(config: Config): Promise<ModelRegistry | Check> {
  try {
    return await loadModels(config.models.directory);
  } catch (error) {
    return failed('models', problemOf(error), 'Run "npm run setup", or correct models.directory.');
  }
}

/** Everything that can be looked at with a valid configuration. */
export async function checksOf(config: Config, options: DoctorOptions): Promise<readonly Check[]> {
  const warnings = configWarnings(config).map(({ code, message }) =>
    warning('configuration', message, `See ${code} in SECURITY.md.`),
  );
  const sources = configuredSources(config);
  const pacs =
    sources.length === 0
      ? [ok('PACS', 'the embedded archive of the server')]
      : await Promise.all(sources.map(pacsCheck));
  const files = await Promise.all([cacheCheck(config), auditCheck(config)]);
  const shared = [...(await sharedChecks(config)), ...(await arrivalChecks(config, options.signal))];
  const models = await modelsOf(config);
  const inference =
    'status' in models
      ? [models]
      : [...modelChecks(models, config), ...(await inferenceChecksWhereInstalled(models, config, options))];
  return [ok('configuration', 'is valid'), ...warnings, ...pacs, ...files, ...shared, ...inference];
}

async function inferenceChecksWhereInstalled(
  models: ModelRegistry,
  config: Config,
  options: DoctorOptions,
): Promise<readonly Check[]> {
  const wanted = config.models.default;
  const isInstalled = models.models.some(({ id }) => wanted === undefined || id === wanted);
  return isInstalled ? await inferenceChecks(models, config, options) : [];
}
