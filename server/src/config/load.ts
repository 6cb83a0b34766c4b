import { readFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { isSamepointError, SamepointError } from '../errors/index.ts';
import { configFromEnvironment } from './environment.ts';
import type { Environment, RawConfig } from './environment.ts';
import { configLeaves, sourceLeaves, SOURCES } from './configLeaf.ts';
import { pacsRoots } from './pacsRoots.ts';
import { describeProblems } from './problems.ts';
import { configSchema } from './schema.ts';
import type { Config } from './schema.ts';
import { sourceProblems, withSourceCredentials } from './sources.ts';

/** The folder that holds server/, extension/ and models/: `{samepoint}` in a path. */
export const SAMEPOINT_ROOT = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Where a configuration comes from. Later ones win: defaults, file, environment, overrides. */
export interface ConfigSources {
  /** JSON file; relative paths in it are relative to its own folder. */
  readonly file?: string;
  readonly env?: Environment;
  /** From the command line. */
  readonly overrides?: RawConfig;
  /** False for work on files, which needs no PACS. */
  readonly needsPacs?: boolean;
}

function absolutePath(path: string, folder: string): string {
  const expanded = path.replace(/^~(?=\/|$)/, homedir()).replace(/^\{samepoint\}/, SAMEPOINT_ROOT);
  return resolve(folder, expanded);
}

/** Makes the paths of one source absolute: they mean different folders in a file and on the command line. */
function withAbsolutePaths(config: RawConfig, folder: string): RawConfig {
  const result = structuredClone(config);
  for (const { section, name, isPath } of configLeaves) {
    const values = result[section];
    const value = values?.[name];
    if (isPath && values !== undefined && typeof value === 'string' && value !== '') {
      values[name] = absolutePath(value, folder);
    }
  }
  makeSourcePathsAbsolute(result, folder);
  return result;
}

function makeSourcePathsAbsolute(config: RawConfig, folder: string): void {
  for (const source of Object.values(config[SOURCES] ?? {})) {
    for (const { name, isPath } of sourceLeaves) {
      const value = isRecord(source) ? source[name] : undefined;
      if (isPath && isRecord(source) && typeof value === 'string') source[name] = absolutePath(value, folder);
    }
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function parseFile(file: string, text: string): RawConfig {
  const parsed: unknown = JSON.parse(text);
  if (!isRecord(parsed)) throw new SamepointError('config/unreadable', { file, reason: 'not a JSON object' });
  const wrong = Object.entries(parsed).filter(([, section]) => !isRecord(section));
  if (wrong.length > 0) {
    const problems = wrong.map(([section]) => `${section}: must be an object with the keys of this section`);
    throw new SamepointError('config/invalid', { problems });
  }
  return parsed as RawConfig;
}

async function readConfigFile(file: string): Promise<RawConfig> {
  try {
    const config = parseFile(file, await readFile(file, 'utf8'));
    return withAbsolutePaths(config, dirname(resolve(file)));
  } catch (cause) {
    if (isSamepointError(cause)) throw cause;
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new SamepointError('config/unreadable', { file, reason }, { cause });
  }
}

/** Objects in a section are merged key by key, everything else is replaced. */
function mergeValues(
  before: Record<string, unknown>,
  after: Record<string, unknown>,
): Record<string, unknown> {
  const merged = { ...before };
  for (const [key, value] of Object.entries(after)) {
    const known = merged[key];
    merged[key] = isRecord(known) && isRecord(value) ? mergeValues(known, value) : value;
  }
  return merged;
}

function merge(sources: readonly RawConfig[]): RawConfig {
  const merged: RawConfig = {};
  for (const source of sources) {
    for (const [section, values] of Object.entries(source)) {
      merged[section] = mergeValues(merged[section] ?? {}, values);
    }
  }
  return merged;
}

function defaultPaths(): RawConfig {
  const config: RawConfig = {};
  for (const { section, name, isPath, defaultValue } of configLeaves) {
    if (isPath && defaultValue !== undefined) (config[section] ??= {})[name] = defaultValue;
  }
  return withAbsolutePaths(config, SAMEPOINT_ROOT);
}

function deepFreeze(value: object): void {
  const inners: readonly unknown[] = Object.values(value);
  for (const inner of inners) if (typeof inner === 'object' && inner !== null) deepFreeze(inner);
  Object.freeze(value);
}

/** @throws SamepointError `config/invalid` where neither a PACS nor an embedded archive is configured, or a part of a PACS. */
function requirePacs({ dicomweb, archive, sources }: Config): void {
  if (sources !== undefined || pacsRoots(dicomweb) !== undefined) return;
  const { qidoRoot, wadoRoot, stowRoot } = dicomweb;
  const isPart = [qidoRoot, wadoRoot, stowRoot].some((root) => root !== undefined);
  if (archive.directory !== undefined && !isPart) return;
  const problems = [
    'dicomweb.root (or SAMEPOINT_DICOMWEB_ROOT): is required: the DICOMweb root of the PACS, or dicomweb.qidoRoot and dicomweb.wadoRoot',
  ];
  throw new SamepointError('config/invalid', { problems });
}

/**
 * Reads, merges and validates a configuration once.
 * @throws SamepointError `config/unreadable` when the file is missing or not JSON, `config/invalid` with every problem
 * found, each naming its key.
 */
export async function loadConfig(sources: ConfigSources = {}): Promise<Config> {
  const { file, env = {}, overrides = {}, needsPacs = true } = sources;
  const fromFile = file === undefined ? {} : await readConfigFile(file);
  const fromEnvironment = withAbsolutePaths(configFromEnvironment(env), process.cwd());
  const fromCommandLine = withAbsolutePaths(overrides, process.cwd());
  const merged = merge([defaultPaths(), fromFile, fromEnvironment, fromCommandLine]);
  const result = configSchema.safeParse(withSourceCredentials(merged, env));
  if (!result.success) {
    throw new SamepointError('config/invalid', { problems: describeProblems(result.error) });
  }
  const problems = result.data.sources === undefined ? [] : sourceProblems(result.data);
  if (problems.length > 0) throw new SamepointError('config/invalid', { problems });
  if (needsPacs) requirePacs(result.data);
  deepFreeze(result.data);
  return result.data;
}

const HIDDEN = '[set, not shown]';

function withoutSecrets(values: object, isSecret: (name: string) => boolean): Record<string, unknown> {
  const shown = Object.entries(values).map(([name, value]: [string, unknown]) => [
    name,
    isSecret(name) && value !== undefined ? HIDDEN : value,
  ]);
  return Object.fromEntries(shown) as Record<string, unknown>;
}

/** The configuration as text, with secrets replaced. */
export function printConfig({ sources, ...config }: Config): string {
  const secrets = new Set(configLeaves.filter((leaf) => leaf.isSecret).map((leaf) => leaf.key));
  const ofSources = new Set(sourceLeaves.filter((leaf) => leaf.isSecret).map((leaf) => leaf.name));
  const shown = Object.entries(config).map(([section, values]) => [
    section,
    withoutSecrets(values, (name) => secrets.has(`${section}.${name}`)),
  ]);
  const shownSources = Object.entries(sources ?? {}).map(([name, source]) => [
    name,
    withoutSecrets(source, (key) => ofSources.has(key)),
  ]);
  return JSON.stringify(
    {
      ...Object.fromEntries(shown),
      ...(sources === undefined ? {} : { sources: Object.fromEntries(shownSources) as object }),
    },
    null,
    2,
  );
}
