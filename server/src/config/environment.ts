import { z } from 'zod';
import { SamepointError } from '../errors/index.ts';
import { configLeaves, variablePrefixes } from './configLeaf.ts';
import type { ConfigLeaf } from './configLeaf.ts';
import { replacementOf } from './problems.ts';

/** Environment variables by name, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** A configuration before validation: section to key to value. */
export type RawConfig = Record<string, Record<string, unknown>>;

/** `z.coerce.boolean` reads the word "false" as true; this accepts true/false, yes/no, on/off, 1/0 and nothing else. */
const booleanWord = z.stringbool();

/** What a text of JSON says; any other text stays text. */
function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The variable's text as the type of its key; text that does not fit stays text, for the schema to refuse. */
function parseText(leaf: ConfigLeaf, text: string): unknown {
  switch (leaf.kind) {
    case 'number':
      return text.trim() === '' || Number.isNaN(Number(text)) ? text : Number(text);
    case 'boolean': {
      const word = booleanWord.safeParse(text);
      return word.success ? word.data : text;
    }
    case 'list':
      return text
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== '');
    case 'json':
      return jsonOr(text);
    case 'string':
      return text;
  }
}

function unknownVariables(env: Environment): string[] {
  const known = new Set(configLeaves.map((leaf) => leaf.variable));
  return Object.keys(env).filter(
    (name) => variablePrefixes().some((prefix) => name.startsWith(prefix)) && !known.has(name),
  );
}

/** Puts a value into an object, at a path through objects of it. */
function setAt(
  target: Record<string, unknown>,
  [first = '', ...rest]: readonly string[],
  value: unknown,
): void {
  if (rest.length === 0) target[first] = value;
  else setAt((target[first] ??= {}) as Record<string, unknown>, rest, value);
}

/**
 * The part of a configuration that comes from SAMEPOINT_<SECTION>_<KEY> variables. Empty variables count as absent, so
 * that a compose file can pass them through.
 * @throws SamepointError `config/invalid` for a variable of a known section that is no key.
 */
export function configFromEnvironment(env: Environment): RawConfig {
  const unknown = unknownVariables(env);
  if (unknown.length > 0) {
    const problems = unknown.map(
      (name) => `${name}: ${replacementOf(name) ?? 'no such key (see docs/configuration.md)'}`,
    );
    throw new SamepointError('config/invalid', { problems });
  }
  const config: RawConfig = {};
  for (const leaf of configLeaves) {
    const text = env[leaf.variable];
    if (text !== undefined && text !== '') {
      setAt((config[leaf.section] ??= {}), leaf.name.split('.'), parseText(leaf, text));
    }
  }
  return config;
}
