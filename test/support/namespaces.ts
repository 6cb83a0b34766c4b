/**
 * Machines of a test: network namespaces of Linux (ip-netns(8)) behind one bridge, each with an address of its own. Needs root and `ip`.
 * @module
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createConnection, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';
import { promisify } from 'node:util';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

const run = promisify(execFile);
/** The second byte of all addresses; the third is of the process, so that two tests do not meet. */
const NET = 231;
const BYTES = 256;
/** The last byte of the first machine's address; 1 is the bridge. */
const FIRST = 10;

/** A machine with a network of its own. */
export interface Machine {
  readonly address: string;
  /** The command that runs another one there. */
  readonly prefix: readonly string[];
}

async function ip(...args: readonly string[]): Promise<void> {
  await run('ip', args);
}

/** Whether namespaces can be made here. */
export async function hasNamespaces(): Promise<boolean> {
  const name = `spt${process.pid}`;
  try {
    await ip('netns', 'add', name);
    await ip('netns', 'delete', name);
    return true;
  } catch {
    return false;
  }
}

/** A network of machines, and of the services of this one. */
export class MachineNetwork {
  readonly #machines: Machine[] = [];
  readonly #relays: Server[] = [];
  readonly #sockets = new Set<Socket>();
  readonly #bridge = `spb${process.pid}`;
  readonly #net = `10.${NET}.${process.pid % BYTES}`;

  /** The address of this machine for the others. */
  get address(): string {
    return `${this.#net}.1`;
  }

  static async open(): Promise<MachineNetwork> {
    const network = new MachineNetwork();
    await ip('link', 'add', network.#bridge, 'type', 'bridge');
    await ip('address', 'add', `${network.address}/24`, 'dev', network.#bridge);
    await ip('link', 'set', network.#bridge, 'up');
    return network;
  }

  /** A machine by its number; the next one is added. */
  async machine(number: number): Promise<Machine> {
    return this.#machines[number] ?? (await this.#addMachine(this.#machines.length));
  }

  async #addMachine(number: number): Promise<Machine> {
    const name = this.#nameOf(number);
    const [outer, inner] = [`spo${process.pid}-${number}`, `spi${process.pid}-${number}`];
    const address = `${this.#net}.${FIRST + number}`;
    await ip('netns', 'add', name);
    const machine = { address, prefix: ['ip', 'netns', 'exec', name] };
    this.#machines.push(machine);
    await ip('link', 'add', outer, 'type', 'veth', 'peer', 'name', inner, 'netns', name);
    await ip('link', 'set', outer, 'master', this.#bridge, 'up');
    await ip('-n', name, 'address', 'add', `${address}/24`, 'dev', inner);
    await ip('-n', name, 'link', 'set', inner, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    return machine;
  }

  /** Makes a service of this machine's loopback reachable; gives its port at {@link address}. */
  async relay(port: number): Promise<number> {
    const server = createServer((client) => {
      const service = createConnection({ host: '127.0.0.1', port });
      for (const [one, other] of [
        [client, service],
        [service, client],
      ] as const) {
        this.#sockets.add(one);
        one.on('error', () => undefined);
        one.once('close', () => {
          this.#sockets.delete(one);
          other.destroy();
        });
        one.pipe(other);
      }
    }).listen(0, this.address);
    await once(server, 'listening');
    this.#relays.push(server);
    return portOf(server);
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    for (const relay of this.#relays) relay.close();
    for (const number of this.#machines.keys()) await ip('netns', 'delete', this.#nameOf(number));
    await ip('link', 'delete', this.#bridge);
  }

  #nameOf(number: number): string {
    return `sp${process.pid}-${number}`;
  }
}
