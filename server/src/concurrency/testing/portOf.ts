/** Of servers that tests start. @module */
import type { AddressInfo } from 'node:net';

/** The TCP or UDP port that a server listens on. */
export function portOf(server: { address(): AddressInfo | string | null }): number {
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the server listens on no port');
  return address.port;
}
