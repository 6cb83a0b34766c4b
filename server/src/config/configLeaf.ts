import { z } from 'zod';
import { sections } from './schema.ts';
import { source } from './sourceSchema.ts';

/** How the text of an environment variable becomes the value of a key. */
type LeafKind = 'string' | 'number' | 'boolean' | 'list' | 'json';

/** One key of the configuration, as documentation, environment and printing need it. */
export interface ConfigLeaf {
  readonly section: string;
  /** With dots where it lies in an object of its section. */
  readonly name: string;
  /** `section.name`, as problems and documentation call it. */
  readonly key: string;
  /** SAMEPOINT_<SECTION>_<NAME>. */
  readonly variable: string;
  readonly kind: LeafKind;
  /** Undefined where there is none. */
  readonly defaultValue: unknown;
  readonly description: string;
  /** A file or folder: made absolute when the configuration is loaded. */
  readonly isPath: boolean;
  /** Never printed. */
  readonly isSecret: boolean;
}

/** Prefix of the environment variables that override the configuration file. */
const VARIABLE_PREFIX = 'SAMEPOINT_';

function screamingSnake(camelCase: string): string {
  return camelCase.replaceAll(/(?<=[a-z\d])(?=[A-Z])|\./g, '_').toUpperCase();
}

/** The type under `.default()` and `.optional()`. */
function innermost(schema: z.core.$ZodType): z.core.$ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodOptional)
    return innermost(schema.def.innerType);
  return schema;
}

function kindOf(schema: z.core.$ZodType): LeafKind {
  const inner = innermost(schema);
  if (inner instanceof z.ZodNumber) return 'number';
  if (inner instanceof z.ZodBoolean) return 'boolean';
  if (inner instanceof z.ZodArray) return 'list';
  return 'string';
}

function toLeaf(section: string, name: string, schema: z.ZodType): ConfigLeaf {
  const meta = schema.meta() ?? {};
  return {
    section,
    name,
    key: `${section}.${name}`,
    variable: `${VARIABLE_PREFIX}${screamingSnake(section)}_${screamingSnake(name)}`,
    kind: meta['json'] === true ? 'json' : kindOf(schema),
    defaultValue: schema instanceof z.ZodDefault ? schema.def.defaultValue : undefined,
    description: meta.description ?? '',
    isPath: meta['path'] === true,
    isSecret: meta['secret'] === true,
  };
}

/** The keys of a part of a section, which may be an object with keys of its own. */
function keysOf(section: string, name: string, schema: z.ZodType): readonly ConfigLeaf[] {
  const inner = innermost(schema);
  if (!(inner instanceof z.ZodObject)) return [toLeaf(section, name, schema)];
  return Object.entries(inner.shape).flatMap(([key, leaf]) =>
    keysOf(section, `${name}.${key}`, leaf as z.ZodType),
  );
}

/** Every key of the configuration, in the order of the documentation. */
export const configLeaves: readonly ConfigLeaf[] = Object.entries(sections).flatMap(([section, schema]) =>
  Object.entries(schema.shape).flatMap(([name, leaf]: [string, z.ZodType]) => keysOf(section, name, leaf)),
);

/** The section of several PACS by their names. */
export const SOURCES = 'sources';

/** Every key of one source, without a variable. */
export const sourceLeaves: readonly ConfigLeaf[] = Object.entries(source.shape).map(
  ([name, leaf]: [string, z.ZodType]) => ({
    ...toLeaf(SOURCES, name, leaf),
    key: `${SOURCES}.<name>.${name}`,
    variable: '',
  }),
);

/** The variable of the credentials of a source, the only one of its keys that has one. */
export function authorizationVariable(sourceName: string): string {
  return `${VARIABLE_PREFIX}${SOURCES.toUpperCase()}_${sourceName.replaceAll('-', '_').toUpperCase()}_AUTHORIZATION`;
}

/** Names of the sections. */
export const sectionNames: readonly string[] = [...Object.keys(sections), SOURCES];

/** The beginning of every variable of a section: a variable that starts so and is no key is a mistake. */
export function variablePrefixes(): readonly string[] {
  return Object.keys(sections).map((section) => `${VARIABLE_PREFIX}${screamingSnake(section)}_`);
}
