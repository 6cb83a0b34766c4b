export type { Environment, RawConfig } from './environment.ts';
export { configLeaves } from './configLeaf.ts';
export type { ConfigLeaf } from './configLeaf.ts';
export { loadConfig, printConfig, SAMEPOINT_ROOT } from './load.ts';
export type { ConfigSources } from './load.ts';
export type { Config } from './schema.ts';
export { configWarnings } from './warnings.ts';
export type { ConfigWarning } from './warnings.ts';
