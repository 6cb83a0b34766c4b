/**
 * The PACS of a configuration: the one of the section `dicomweb`, or those of `sources`.
 * @module
 */
import { SamepointError } from '../errors/index.ts';
import { authorizationVariable, SOURCES } from './configLeaf.ts';
import type { Environment, RawConfig } from './environment.ts';
import { pacsRoots } from './pacsRoots.ts';
import type { PacsRoots } from './pacsRoots.ts';
import type { Config } from './schema.ts';

/** The name of the PACS of the section `dicomweb`, in metrics and messages. */
const DEFAULT_SOURCE = 'default';

/** One PACS. */
export interface ConfiguredSource {
  readonly name: string;
  /** Its section, as messages call it. */
  readonly section: string;
  readonly roots: PacsRoots;
  readonly settings: Config['dicomweb'];
  /** See the schema. */
  readonly issuerOfPatientId?: string | undefined;
  readonly forwardAuthorization: boolean;
  readonly ohifDataSources: readonly string[];
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The PACS of a configuration, that of requests that name none first; none where there is only an embedded archive. */
export function configuredSources({
  dicomweb,
  sources,
}: Pick<Config, 'dicomweb' | 'sources'>): readonly ConfiguredSource[] {
  if (sources === undefined) {
    const roots = pacsRoots(dicomweb);
    const rest = { settings: dicomweb, forwardAuthorization: true, ohifDataSources: [] };
    return roots === undefined ? [] : [{ name: DEFAULT_SOURCE, section: 'dicomweb', roots, ...rest }];
  }
  return Object.entries(sources).flatMap(([name, source]) => {
    const { issuerOfPatientId, forwardAuthorization, ohifDataSources, ...settings } = source;
    const roots = pacsRoots(settings);
    const rest = { settings, issuerOfPatientId, forwardAuthorization, ohifDataSources };
    return roots === undefined ? [] : [{ name, section: `${SOURCES}.${name}`, roots, ...rest }];
  });
}

/**
 * What is wrong with the sources as a whole.
 * @returns problems, each naming its key
 */
export function sourceProblems({ dicomweb, archive, sources = {} }: Config): readonly string[] {
  const { root, qidoRoot, wadoRoot, stowRoot } = dicomweb;
  const hasOther = [root, qidoRoot, wadoRoot, stowRoot, archive.directory].some((one) => one !== undefined);
  const withoutOrthanc = Object.entries(sources).filter(
    ([, { arrival, orthancRoot }]) => arrival === 'orthanc' && orthancRoot === undefined,
  );
  const incomplete = Object.entries(sources).filter(([, one]) => pacsRoots(one) === undefined);
  return [
    ...(hasOther
      ? [
          `${SOURCES}: cannot stand beside dicomweb.root or archive.directory; make that PACS one of the sources`,
        ]
      : []),
    ...withoutOrthanc.map(([name]) => `${SOURCES}.${name}.orthancRoot: is required with arrival orthanc`),
    ...incomplete.map(
      ([name]) => `${SOURCES}.${name}.root: is required: the DICOMweb root, or qidoRoot and wadoRoot`,
    ),
  ];
}

/**
 * The credentials of sources from the environment.
 * @throws SamepointError `config/invalid` for a variable of sources that belongs to none
 */
export function withSourceCredentials(config: RawConfig, env: Environment): RawConfig {
  const sources = config[SOURCES] ?? {};
  const variables = new Map(Object.keys(sources).map((name) => [authorizationVariable(name), name]));
  const prefix = authorizationVariable('').replace(/_AUTHORIZATION$/, '');
  const given = Object.entries(env).filter(([name, text]) => name.startsWith(prefix) && text !== '');
  const unknown = given.filter(([name]) => !variables.has(name));
  if (unknown.length > 0) {
    const problems = unknown.map(
      ([name]) => `${name}: no such key; of sources only their authorization has one`,
    );
    throw new SamepointError('config/invalid', { problems });
  }
  const changed = given.flatMap(([variable, authorization]) => {
    const name = variables.get(variable) ?? '';
    const source = sources[name];
    return isRecord(source) ? [[name, { ...source, authorization }]] : [];
  });
  if (changed.length === 0) return config;
  return {
    ...config,
    [SOURCES]: { ...sources, ...(Object.fromEntries(changed) as Record<string, unknown>) },
  };
}
