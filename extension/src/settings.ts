import { CONFIG_KEY } from './ids.ts';

/** Settings under the key `samepoint` of app-config.js. */
export interface Settings {
  /** Base URL of the companion server's API; a path is relative to the viewer's origin. */
  readonly serverUrl: string;
  /** Model to match with; the server's default where omitted. */
  readonly model?: string;
}

export interface ReadSettings {
  readonly settings: Settings;
  /** What was wrong, one sentence each; the default was used instead. */
  readonly problems: readonly string[];
}

const DEFAULTS: Settings = Object.freeze({ serverUrl: '/samepoint/api' });
const KNOWN = ['serverUrl', 'model'] as const;

function isUrl(value: string): boolean {
  return URL.canParse(value, 'http://viewer.invalid/');
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
  const accepted: { -readonly [Key in keyof Settings]: Settings[Key] } = { ...DEFAULTS };
  for (const [key, value] of Object.entries(given)) {
    const name = KNOWN.find((known) => known === key);
    if (name === undefined) {
      problems.push(`${CONFIG_KEY}.${key} is not a setting; known settings: ${KNOWN.join(', ')}`);
    } else if (typeof value !== 'string' || value === '') {
      problems.push(`${CONFIG_KEY}.${key} must be a non-empty string, got ${typeof value}`);
    } else if (name === 'serverUrl' && !isUrl(value)) {
      problems.push(`${CONFIG_KEY}.serverUrl must be a URL or a path, got "${value}"`);
    } else {
      accepted[name] = value;
    }
  }
  return { settings: Object.freeze(accepted), problems };
}
