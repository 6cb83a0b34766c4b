import type { Server } from 'node:net';
import { addressKey, Places } from '../exchange/index.ts';

function isThisMachine(address: string): boolean {
  return address === '::1' || /^(?:::ffff:)?127\./.test(address);
}

/** Bounds the connections of one address. Behind a proxy all are the proxy's, and so may be those of this machine. */
export function limitPerAddress(server: Pick<Server, 'on'>, limit: number, onRefused: () => void): void {
  const places = new Places({ total: Infinity, perKey: limit });
  server.on('connection', (socket) => {
    const { remoteAddress } = socket;
    if (remoteAddress !== undefined && isThisMachine(remoteAddress)) return;
    const release = places.acquire([addressKey(remoteAddress)]);
    if (release === undefined) {
      onRefused();
      socket.destroy();
      return;
    }
    socket.once('close', release);
  });
}
