/** The trail that a configuration describes. */
import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { networkInterfaces, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEvent } from '../ports/index.ts';
import { loadConfig } from '../config/index.ts';
import type { Config } from '../config/index.ts';
import { openAudit } from './index.ts';
import type { AuditTrail } from './index.ts';

const EVENT: AuditEvent = {
  purpose: 'match',
  user: { subject: { id: 'alice' }, address: '10.0.0.7' },
  studies: [{ studyInstanceUid: '1.2.3', seriesInstanceUids: ['1.2.3.1'], patientId: 'P1' }],
};

const hasIpv6 = Object.values(networkInterfaces()).some((list) =>
  list?.some(({ address }) => address === '::1'),
);
// Containers may have none.
const withIpv6 = hasIpv6 ? it : it.skip;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'samepoint-open-audit-'));
});
afterAll(() => rm(folder, { recursive: true }));

async function auditOf(keys: Record<string, unknown>): Promise<Config['audit']> {
  const file = join(folder, 'audit.log');
  return (await loadConfig({ overrides: { audit: { file, ...keys } }, needsPacs: false })).audit;
}

async function opened(keys: Record<string, unknown>): Promise<{ trail: AuditTrail; logged: string[] }> {
  const logged: string[] = [];
  const log = (_fields: object, message: string): void => void logged.push(message);
  const trail = await openAudit(await auditOf(keys), {
    version: '1.2.3',
    pacsRoot: 'https://pacs.hospital.example:8443/dicom-web',
    logger: { info: log, warn: log, error: log },
  });
  return { trail, logged };
}

describe('openAudit', () => {
  it('writes to the configured file who did what, from start to stop', async () => {
    const { trail } = await opened({ siteId: 'St Mary' });
    trail.started();
    trail.record(EVENT);
    await trail.close();
    const lines = (await readFile(join(folder, 'audit.log'), 'utf8')).trim().split('\n');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('csd-code="110120"');
    expect(lines[1]).toContain('UserID="alice"');
    expect(lines[1]).toContain('AuditEnterpriseSiteID="St Mary" AuditSourceID="samepoint"');
    expect(lines[1]).toContain('UserName="Samepoint 1.2.3"');
    expect(lines[2]).toContain('csd-code="110121"');
  });

  it('names the PACS by its host, port included, and by nothing else of its root', async () => {
    const file = join(folder, 'store.log');
    const { trail } = await opened({ file });
    trail.record({ ...EVENT, purpose: 'store' });
    await trail.close();
    const text = await readFile(file, 'utf8');
    expect(text).toContain('UserID="pacs.hospital.example:8443"');
    expect(text).not.toContain('dicom-web');
  });

  it('hides users on request, and needs the key for it', async () => {
    const file = join(folder, 'hashed.log');
    const { trail } = await opened({ file, hashUsers: true, hashKey: 'a key of the unit tests' });
    trail.record(EVENT);
    await trail.close();
    expect(await readFile(file, 'utf8')).not.toContain('alice');
    await expect(auditOf({ hashUsers: true })).rejects.toThrow(
      'audit.hashKey (or SAMEPOINT_AUDIT_HASH_KEY): is required when audit.hashUsers is set',
    );
  });

  it('writes names in clear with a key that is not to be used', async () => {
    const file = join(folder, 'plain.log');
    const { trail } = await opened({ file, hashKey: 'a key of the unit tests' });
    trail.record(EVENT);
    await trail.close();
    expect(await readFile(file, 'utf8')).toContain('UserID="alice"');
  });

  it('writes nothing without a destination', async () => {
    const file = join(folder, 'none.log');
    const { trail, logged } = await opened({ destination: 'none', file });
    trail.record(EVENT);
    await trail.close();
    expect([trail.problem, logged]).toEqual([undefined, []]);
    await expect(readFile(file)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  withIpv6('speaks to a repository at an IPv6 address, which a URL puts in brackets', async () => {
    const receiver = createSocket('udp6');
    receiver.bind(0, '::1');
    await once(receiver, 'listening');
    const received = once(receiver, 'message') as Promise<[Buffer]>;
    const { trail } = await opened({
      destination: 'syslog',
      syslogHost: '[::1]',
      syslogPort: receiver.address().port,
      syslogTransport: 'udp',
    });
    trail.record(EVENT);
    expect((await received)[0].toString()).toContain('DICOM+RFC3881');
    await trail.close();
    receiver.close();
  });

  it('needs the repository of its syslog, and says so by the key', async () => {
    await expect(auditOf({ destination: 'syslog' })).rejects.toThrow(
      'audit.syslogHost (or SAMEPOINT_AUDIT_SYSLOG_HOST): is required when audit.destination is syslog',
    );
  });

  it('does not start with certificates that it cannot read, and shows no path', async () => {
    const syslogCaFile = join(folder, 'secret-place', 'ca.pem');
    const opening = opened({ destination: 'syslog', syslogHost: 'localhost', syslogCaFile });
    await expect(opening).rejects.toMatchObject({
      code: 'config/invalid',
      fields: { problems: ['audit.syslogCaFile: ENOENT'] },
    });
    await expect(opening).rejects.not.toThrow('secret-place');
    const folderAsFile = opened({ destination: 'syslog', syslogHost: 'localhost', syslogCaFile: folder });
    await expect(folderAsFile).rejects.toMatchObject({
      fields: { problems: ['audit.syslogCaFile: EISDIR'] },
    });
  });

  it('starts although the sink does not work, and says what is wrong once it was tried', async () => {
    const blocker = join(folder, 'blocker');
    await writeFile(blocker, '');
    const { trail, logged } = await opened({ file: join(blocker, 'audit.log') });
    expect(trail.problem).toBeUndefined();
    trail.record(EVENT);
    await trail.close();
    expect(trail.problem).toMatchObject({ code: 'http/audit-not-written' });
    expect(trail.problem?.message).toMatch(/^the audit trail \(file\) cannot be written: E[A-Z]+$/);
    expect(logged).toEqual(['the audit trail cannot be written', 'entries of the audit trail are lost']);
  });
});
