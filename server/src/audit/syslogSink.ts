/**
 * Audit messages to an audit record repository by syslog, as IHE ATNA and PS3.15 A.6 and A.7 want them: RFC 5424 over TLS
 * (RFC 5425), over UDP (RFC 5426), or over TCP without encryption (RFC 6587, octet counting).
 * @module
 */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect as connectTcp, isIPv6 } from 'node:net';
import type { Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { AuditMessage } from './message.ts';
import type { AuditSink } from './sink.ts';

/** Where the repository is, and who speaks. */
export interface SyslogOptions {
  readonly host: string;
  readonly port: number;
  readonly transport: 'tls' | 'tcp' | 'udp';
  /** PEM; the certificates of the system where absent. */
  readonly ca?: string | undefined;
  readonly hostName: string;
  readonly processId: number;
}

/** RFC 5424 6.2.1: security and authorization messages. */
const FACILITY = 10;
/** RFC 5424 6.2.1: notice, warning, error. */
const SEVERITIES = { '0': 5, '4': 4, '8': 3 } as const;
/** PS3.15 A.6. */
const MESSAGE_ID = 'DICOM+RFC3881';
const BYTE_ORDER_MARK = '\ufeff';
/** Time for a connection or a write, ms. */
const TIMEOUT_MS = 10_000;

/** One message in the form of RFC 5424; the host name must be visible ASCII. */
export function syslogLine(
  { xml, outcome, at }: AuditMessage,
  { hostName, processId }: Pick<SyslogOptions, 'hostName' | 'processId'>,
): string {
  const priority = FACILITY * 8 + SEVERITIES[outcome];
  const host = hostName.replaceAll(/[^!-~]/g, '').slice(0, 255) || '-';
  return `<${priority}>1 ${at.toISOString()} ${host} samepoint ${processId} ${MESSAGE_ID} - ${BYTE_ORDER_MARK}${xml}`;
}

/** Datagrams: their arrival is not confirmed. */
class UdpSyslog implements AuditSink {
  readonly name = 'syslog over udp';
  readonly #options: SyslogOptions;

  constructor(options: SyslogOptions) {
    this.#options = options;
  }

  async write(messages: readonly AuditMessage[]): Promise<void> {
    const { host, port } = this.#options;
    const socket = createSocket(isIPv6(host) ? 'udp6' : 'udp4');
    try {
      for (const message of messages) {
        const line = Buffer.from(syslogLine(message, this.#options));
        await new Promise<void>((resolve, reject) => {
          socket.send(line, port, host, (error) => {
            if (error === null) resolve();
            else reject(error);
          });
        });
      }
    } finally {
      socket.close();
    }
  }

  async close(): Promise<void> {
    // Nothing is kept open.
  }
}

/** A connection that is opened when it is needed, and again after it broke. */
class StreamSyslog implements AuditSink {
  readonly name: string;
  readonly #options: SyslogOptions;
  #socket: Socket | undefined;

  constructor(options: SyslogOptions) {
    this.name = `syslog over ${options.transport}`;
    this.#options = options;
  }

  async write(messages: readonly AuditMessage[]): Promise<void> {
    const socket = await this.#connected();
    const frames = messages.map((message) => {
      const line = Buffer.from(syslogLine(message, this.#options));
      return Buffer.concat([Buffer.from(`${line.byteLength} `), line]);
    });
    const timeout = AbortSignal.timeout(TIMEOUT_MS);
    try {
      await new Promise<void>((resolve, reject) => {
        const fail = (error?: Error): void => {
          reject(error ?? new Error('the connection was closed'));
        };
        timeout.addEventListener('abort', () => {
          fail(new Error('the write timed out'));
        });
        socket.once('error', fail).once('close', () => {
          fail();
        });
        socket.write(Buffer.concat(frames), (error) => {
          if (error) fail(error);
          else resolve();
        });
      });
    } catch (error) {
      this.#drop();
      throw error;
    }
  }

  async close(): Promise<void> {
    const socket = this.#socket;
    this.#socket = undefined;
    if (socket === undefined || socket.destroyed) return;
    socket.end();
    await once(socket, 'close', { signal: AbortSignal.timeout(TIMEOUT_MS / 10) }).catch(() => undefined);
    socket.destroy();
  }

  async #connected(): Promise<Socket> {
    if (this.#socket?.writable === true && !this.#socket.destroyed) return this.#socket;
    this.#drop();
    const { host, port, transport, ca } = this.#options;
    const isTls = transport === 'tls';
    const socket = isTls
      ? connectTls({
          host,
          port,
          ...(isIPv6(host) ? {} : { servername: host }),
          ...(ca === undefined ? {} : { ca }),
        })
      : connectTcp({ host, port });
    // It must not end the process between two writes; the next write finds it closed.
    socket.on('error', () => undefined);
    // What the repository says is not read, but its end of the connection is noticed.
    socket.resume();
    try {
      await once(socket, isTls ? 'secureConnect' : 'connect', { signal: AbortSignal.timeout(TIMEOUT_MS) });
    } catch (error) {
      socket.destroy();
      throw error;
    }
    socket.setKeepAlive(true).unref();
    this.#socket = socket;
    return socket;
  }

  #drop(): void {
    this.#socket?.destroy();
    this.#socket = undefined;
  }
}

/** The sink for the given transport. */
export function createSyslogSink(options: SyslogOptions): AuditSink {
  return options.transport === 'udp' ? new UdpSyslog(options) : new StreamSyslog(options);
}
