import { pacsRoots } from './pacsRoots.ts';
import type { Config } from './schema.ts';

/** Something in a valid configuration that is not safe in a hospital. The message names keys, never their values. */
export interface ConfigWarning {
  readonly code: 'config/shared-authorization' | 'config/plain-http-pacs';
  readonly message: string;
}

const SHARED_AUTHORIZATION: ConfigWarning = {
  code: 'config/shared-authorization',
  message:
    'dicomweb.authorization is set: whoever reaches this server without a login of their own has its rights in the PACS. Let a login stand before the server, or remove the key where viewers send their own Authorization header.',
};

const PLAIN_HTTP_PACS: ConfigWarning = {
  code: 'config/plain-http-pacs',
  message:
    'dicomweb.root (or qidoRoot, wadoRoot, stowRoot) is http:// and not on this machine: images and the credentials of users can be read and changed on the way. Use https://.',
};

/** True where a host name means this machine, whatever the name service says (RFC 6761 6.3, RFC 1122 3.2.1.3). */
function isThisMachine(hostname: string): boolean {
  return /^(?:(?:[\w-]+\.)*localhost\.?|127(?:\.\d+){3}|\[::1\]|\[::ffff:7f[\da-f]{2}:[\da-f]{1,4}\])$/.test(
    hostname,
  );
}

/** What the server says about its configuration at the start and in /health. */
export function configWarnings({ dicomweb }: Pick<Config, 'dicomweb'>): readonly ConfigWarning[] {
  const warnings: ConfigWarning[] = [];
  if (dicomweb.authorization !== undefined) warnings.push(SHARED_AUTHORIZATION);
  const isPlain = Object.values(pacsRoots(dicomweb) ?? {}).some((root: string) => {
    const { protocol, hostname } = new URL(root);
    return protocol === 'http:' && !isThisMachine(hostname);
  });
  if (isPlain) warnings.push(PLAIN_HTTP_PACS);
  return warnings;
}
