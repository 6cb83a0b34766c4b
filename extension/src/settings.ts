import { CONFIG_KEY } from './ids.ts';

/** Settings under the key `samepoint` of app-config.js. */
export interface Settings {
  /** Base URL of the companion server's API; a path is relative to the viewer's origin. */
  readonly serverUrl: string;
  /** Model to match with; the server's default where omitted. */
  readonly model?: string;
  /** Days that unsaved work is kept in the browser; 0 keeps none. */
  readonly keepUnsavedDays: number;
}

export interface ReadSettings {
  readonly settings: Settings;
  /** What was wrong, one sentence each; the default was used instead. */
  readonly problems: readonly string[];
}

/** A week: a study is finished by then. */
const KEEP_UNSAVED_DAYS = 7;
const MAX_DAYS = 365;

const DEFAULTS: Settings = Object.freeze({
  serverUrl: '/samepoint/api',
  keepUnsavedDays: KEEP_UNSAVED_DAYS,
});
const KNOWN = ['serverUrl', 'model', 'keepUnsavedDays'] as const;

function isUrl(value: string): boolean {
  return URL.canParse(value, 'http://viewer.invalid/');
}

/** What is wrong with a value; undefined where nothing is. */
function problemOf(name: (typeof KNOWN)[number], value: unknown): string | undefined {
  const key = `${CONFIG_KEY}.${name}`;
  if (name === 'keepUnsavedDays') {
    const isDays = typeof value === 'number' && value >= 0 && value <= MAX_DAYS;
    return isDays ? undefined : `${key} must be a number from 0 to ${MAX_DAYS}, got ${String(value)}`;
  }
  if (typeof value !== 'string' || value === '')
    return `${key} must be a non-empty string, got ${typeof value}`;
  if (name === 'serverUrl' && !isUrl(value)) return `${key} must be a URL or a path, got "${value}"`;
  return undefined;
}

/**
 * Reads the extension's settings. A mistake does not keep the viewer from starting: it is named, shown to the user and
 * the default is used.
 */
export function readSettings(appConfig: Readonly<Record<string, unknown>> | undefined): ReadSettings {
  const given = appConfig?.[CONFIG_KEY];
  if (given === undefined) return { settings: DEFAULTS, problems: [] };
  if (typeof given !== 'object' || given === null || Array.isArray(given)) {
    return { settings: DEFAULTS, problems: [`${CONFIG_KEY} must be an object, got ${typeof given}`] };
  }
  const problems: string[] = [];
  const accepted: Record<string, unknown> = { ...DEFAULTS };
  for (const [key, value] of Object.entries(given)) {
    const name = KNOWN.find((known) => known === key);
    const problem =
      name === undefined
        ? `${CONFIG_KEY}.${key} is not a setting; known settings: ${KNOWN.join(', ')}`
        : problemOf(name, value);
    if (problem === undefined) accepted[key] = value;
    else problems.push(problem);
  }
  return { settings: Object.freeze(accepted) as unknown as Settings, problems };
}
