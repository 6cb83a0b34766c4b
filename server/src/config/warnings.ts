import type { Config } from './schema.ts';
import { configuredSources } from './sources.ts';
import type { ConfiguredSource } from './sources.ts';

/** Something in a valid configuration that is not safe in a hospital. The message names keys, never their values. */
export interface ConfigWarning {
  readonly code:
    'config/shared-authorization' | 'config/plain-http-pacs' | 'config/plain-queue' | 'config/plain-store';
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
    message: `${section}.root (or qidoRoot, wadoRoot, stowRoot, orthancRoot) is http:// and not on this machine: images and the credentials of users can be read and changed on the way. Use https://.`,
  };
}

/** True where a host name means this machine, whatever the name service says (RFC 6761 6.3, RFC 1122 3.2.1.3). */
function isThisMachine(hostname: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    hostname,
  );
}

function warningsOf({ section, settings, roots }: ConfiguredSource): readonly ConfigWarning[] {
  const isPlainPacs = [...Object.values<string>({ ...roots }), settings.orthancRoot].some((root) =>
    isPlain(root, 'http:'),
  );
  return [
    ...(settings.authorization === undefined ? [] : [sharedAuthorization(section)]),
    ...(isPlainPacs ? [plainHttpPacs(section)] : []),
  ];
}

/** True where what goes to an address can be read on the way. */
function isPlain(address: string | undefined, plain: string): boolean {
  if (address === undefined) return false;
  const { protocol, hostname } = new URL(address);
  return protocol === plain && !isThisMachine(hostname);
}

function sharedPartWarnings({ queue, store }: Pick<Config, 'queue' | 'store'>): readonly ConfigWarning[] {
  const plainQueue: ConfigWarning = {
    code: 'config/plain-queue',
    message:
      'queue.redis is redis:// and not on this machine: its password can be read on the way. What lies in it is encrypted all the same. Use rediss://.',
  };
  const plainStore: ConfigWarning = {
    code: 'config/plain-store',
    message:
      'store.endpoint is http:// and not on this machine: embeddings can be read and changed on the way. Use https://.',
  };
  return [
    ...(isPlain(queue.redis, 'redis:') ? [plainQueue] : []),
    ...(store.type === 's3' && isPlain(store.endpoint, 'http:') ? [plainStore] : []),
  ];
}

/** What the server says about its configuration at the start and in /health. */
export function configWarnings(
  config: Pick<Config, 'dicomweb' | 'sources' | 'queue' | 'store'>,
): readonly ConfigWarning[] {
  return [...configuredSources(config).flatMap(warningsOf), ...sharedPartWarnings(config)];
}
