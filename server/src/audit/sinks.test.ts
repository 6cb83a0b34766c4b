import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rename, rm, stat } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { FileSink } from './fileSink.ts';
import type { AuditMessage } from './message.ts';
import { createSyslogSink, syslogLine } from './syslogSink.ts';
import { textLike } from '../errors/testing/like.ts';
import { portOf } from '../concurrency/testing/portOf.ts';

const WHO = { hostName: 'reading server', processId: 42 };

function message(text: string, outcome: AuditMessage['outcome'] = '0'): AuditMessage {
  return { xml: `<AuditMessage>${text}</AuditMessage>`, outcome, at: new Date('2026-11-29T10:00:00.000Z') };
}

describe('the file of the trail', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'samepoint-audit-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  it('is readable by its owner only, and appended to', async () => {
    const path = join(folder, 'state', 'audit.log');
    for (const text of ['one', 'two']) {
      const sink = new FileSink(path);
      await sink.write([message(text)]);
      await sink.close();
    }
    expect(await readFile(path, 'utf8')).toBe(`${message('one').xml}\n${message('two').xml}\n`);
    const modes = await Promise.all([stat(path), stat(join(folder, 'state'))]);
    expect(modes.map(({ mode }) => mode & 0o777)).toEqual([0o600, 0o700]);
  });

  it('is a new one when it was renamed or deleted', async () => {
    const path = join(folder, 'audit.log');
    const sink = new FileSink(path);
    await sink.write([message('one')]);
    await rename(path, `${path}.1`);
    await sink.write([message('two')]);
    await rm(path);
    await sink.write([message('three')]);
    await sink.close();
    expect(await readFile(`${path}.1`, 'utf8')).toBe(`${message('one').xml}\n`);
    expect(await readFile(path, 'utf8')).toBe(`${message('three').xml}\n`);
  });

  it('fails where it cannot be written, and works when it can', async () => {
    const sink = new FileSink(join(folder, 'file', 'audit.log'));
    const blocker = new FileSink(join(folder, 'file'));
    await blocker.write([message('in the way')]);
    await blocker.close();
    await expect(sink.write([message('one')])).rejects.toMatchObject({ code: textLike('') });
    await chmod(join(folder, 'file'), 0o600);
    await rm(join(folder, 'file'));
    await sink.write([message('one')]);
    await sink.close();
  });
});

describe('syslog', () => {
  it('has the form of RFC 5424, with the message id of PS3.15', () => {
    expect(syslogLine(message('x'), WHO)).toBe(
      '<85>1 2026-11-29T10:00:00.000Z readingserver samepoint 42 DICOM+RFC3881 - \ufeff<AuditMessage>x</AuditMessage>',
    );
    expect(['4', '8'].map((outcome) => syslogLine(message('', outcome as '4'), WHO).slice(0, 4))).toEqual([
      '<84>',
      '<83>',
    ]);
  });

  it('goes over UDP, a message a datagram', async () => {
    const receiver = createSocket('udp4');
    receiver.bind(0, '127.0.0.1');
    await once(receiver, 'listening');
    const received = once(receiver, 'message') as Promise<[Buffer]>;
    const { port } = receiver.address();
    const sink = createSyslogSink({ host: '127.0.0.1', port, transport: 'udp', ...WHO });
    await sink.write([message('one')]);
    expect((await received)[0].toString()).toBe(syslogLine(message('one'), WHO));
    await sink.close();
    receiver.close();
  });

  it('goes over TCP with counted octets, and over a new connection when the first one broke', async () => {
    const chunks: Buffer[] = [];
    const sockets: Socket[] = [];
    const receiver = createServer((socket) => {
      sockets.push(socket.on('error', () => undefined));
      socket.on('data', (chunk) => chunks.push(chunk));
    }).listen(0, '127.0.0.1');
    await once(receiver, 'listening');
    const port = portOf(receiver);
    const sink = createSyslogSink({ host: '127.0.0.1', port, transport: 'tcp', ...WHO });
    await sink.write([message('ä'), message('two')]);
    const frames = ['ä', 'two'].map((text) => {
      const line = syslogLine(message(text), WHO);
      return `${Buffer.byteLength(line)} ${line}`;
    });
    const arrived = async (text: string): Promise<void> => {
      for (let wait = 0; wait < 200 && !Buffer.concat(chunks).toString().includes(text); wait += 1) {
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    await arrived('two');
    expect(Buffer.concat(chunks).toString()).toBe(frames.join(''));
    sockets[0]?.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await sink.write([message('three')]);
    await arrived('three');
    expect(sockets).toHaveLength(2);
    await sink.close();
    receiver.close();
    await expect(sink.write([message('four')])).rejects.toMatchObject({ code: 'ECONNREFUSED' });
  });
});
