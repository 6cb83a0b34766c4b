import type { Config } from './schema.ts';
import { configuredSources } from './sources.ts';
import type { ConfiguredSource } from './sources.ts';

/** Something in a valid configuration that is not safe in a hospital. The message names keys, never their values. */
export interface ConfigWarning {
  readonly code: 'config/shared-authorization' | 'config/plain-http-pacs';
  readonly message: string;
}

function sharedAuthorization(section: string): ConfigWarning {
  return {
    code: 'config/shared-authorization',
    message: `${section}.authorization is set: whoever reaches this server without a login of their own has its rights in the PACS. Let a login stand before the server, or remove the key where viewers send their own Authorization header.`,
  };
}

function plainHttpPacs(section: string): ConfigWarning {
  return {
    code: 'config/plain-http-pacs',
    message: `${section}.root (or qidoRoot, wadoRoot, stowRoot) is http:// and not on this machine: images and the credentials of users can be read and changed on the way. Use https://.`,
  };
}

/** True where a host name means this machine, whatever the name service says (RFC 6761 6.3, RFC 1122 3.2.1.3). */
function isThisMachine(hostname: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    hostname,
  );
}

function warningsOf({ section, settings, roots }: ConfiguredSource): readonly ConfigWarning[] {
  const isPlain = Object.values(roots).some((root: string) => {
    const { protocol, hostname } = new URL(root);
    return protocol === 'http:' && !isThisMachine(hostname);
  });
  return [
    ...(settings.authorization === undefined ? [] : [sharedAuthorization(section)]),
    ...(isPlain ? [plainHttpPacs(section)] : []),
  ];
}

/** What the server says about its configuration at the start and in /health. */
export function configWarnings(config: Pick<Config, 'dicomweb' | 'sources'>): readonly ConfigWarning[] {
  return configuredSources(config).flatMap(warningsOf);
}
