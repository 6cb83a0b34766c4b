import { EventEmitter } from 'node:events';
import type { Server } from 'node:net';
import { limitPerAddress } from './connections.ts';

class FakeSocket extends EventEmitter {
  isDestroyed = false;
  readonly remoteAddress: string;

  constructor(remoteAddress: string) {
    super();
    this.remoteAddress = remoteAddress;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }
}

describe('connections', () => {
  const server = new EventEmitter();
  let refused = 0;
  limitPerAddress(server as unknown as Server, 2, () => (refused += 1));
  const open = (address: string): FakeSocket => {
    const socket = new FakeSocket(address);
    server.emit('connection', socket);
    return socket;
  };

  it('of one address are limited, those of others and of this machine are not', () => {
    const first = open('10.0.0.1');
    expect([first, open('::ffff:10.0.0.1')].map(({ isDestroyed }) => isDestroyed)).toEqual([false, false]);
    expect(open('10.0.0.1').isDestroyed).toBe(true);
    expect(refused).toBe(1);
    expect(open('10.0.0.2').isDestroyed).toBe(false);
    for (const own of ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::1', '::1', '::1', '::ffff:127.0.0.1']) {
      expect(open(own).isDestroyed).toBe(false);
    }
    first.destroy();
    expect(open('10.0.0.1').isDestroyed).toBe(false);
    expect(open('10.0.0.1').isDestroyed).toBe(true);
  });

  it('of one network of IPv6 are of one client', () => {
    open('2001:db8::1');
    open('2001:db8::2');
    expect(open('2001:db8::3').isDestroyed).toBe(true);
    expect(open('2001:db9::1').isDestroyed).toBe(false);
  });
});
