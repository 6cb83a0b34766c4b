import { spawnSync } from 'node:child_process';
import type { AuditEvent } from '../ports/index.ts';
import { serverMessage, userMessage } from './message.ts';
import type { MessageSettings } from './message.ts';

const AT = new Date('2026-11-29T10:00:00.000Z');
const SETTINGS: MessageSettings = {
  sourceId: 'samepoint',
  siteId: 'St Mary',
  version: '1.2.3',
  hostName: 'reading-server',
  processId: 42,
  account: 'samepoint',
  pacs: 'pacs.example',
};
const MATCH: AuditEvent = {
  purpose: 'match',
  user: { subject: { id: 'alice', issuer: 'https://idp' }, address: '10.0.0.7' },
  studies: [
    { studyInstanceUid: '1.2.3', seriesInstanceUids: ['1.2.3.1'], patientId: 'P1', issuer: 'HOSPITAL' },
    {
      studyInstanceUid: '1.2.4',
      seriesInstanceUids: ['1.2.4.1', '1.2.4.2'],
      patientId: 'P1',
      issuer: 'HOSPITAL',
    },
  ],
};

/** Names of the elements below the root, in their order. */
function outline(xml: string): string[] {
  let depth = 0;
  const names: string[] = [];
  for (const [, closing, name = '', empty] of xml.matchAll(/<(\/?)([A-Za-z]+)(?:\s[^>]*?)?(\/?)>/g)) {
    if (closing === '/') depth -= 1;
    else {
      if (depth === 1) names.push(name);
      if (empty !== '/') depth += 1;
    }
  }
  expect(depth).toBe(0);
  return names;
}

describe('audit messages', () => {
  it('say who matched points in which studies, in the order of the schema', () => {
    const { xml, outcome } = userMessage(MATCH, SETTINGS, AT);
    expect(outcome).toBe('0');
    expect(outline(xml)).toEqual([
      'EventIdentification',
      'ActiveParticipant',
      'ActiveParticipant',
      'AuditSourceIdentification',
      'ParticipantObjectIdentification',
      'ParticipantObjectIdentification',
      'ParticipantObjectIdentification',
    ]);
    expect(xml).toContain(
      '<EventIdentification EventActionCode="R" EventDateTime="2026-11-29T10:00:00.000Z" EventOutcomeIndicator="0">' +
        '<EventID csd-code="110103" codeSystemName="DCM" originalText="DICOM Instances Accessed"/>' +
        '<EventTypeCode csd-code="match" codeSystemName="99SAMEPOINT" originalText="Match points"/></EventIdentification>',
    );
    expect(xml).toContain(
      '<ActiveParticipant UserID="alice" AlternativeUserID="alice@https://idp" UserIsRequestor="true" ' +
        'NetworkAccessPointID="10.0.0.7" NetworkAccessPointTypeCode="2"/>',
    );
    expect(xml).toContain('AuditEnterpriseSiteID="St Mary" AuditSourceID="samepoint"');
    expect(xml).toContain(
      'ParticipantObjectID="1.2.3" ParticipantObjectTypeCode="2" ParticipantObjectTypeCodeRole="3"',
    );
    expect(xml).toContain(`value="${Buffer.from('1.2.4.2').toString('base64')}"`);
    expect(xml.split('ParticipantObjectID="P1^^^HOSPITAL"')).toHaveLength(2);
  });

  it('say who stored which report where', () => {
    const report = { studyInstanceUid: '1.2.3', seriesInstanceUid: '1.2.3.9', sopInstanceUid: '1.2.3.9.1' };
    const { xml } = userMessage({ ...MATCH, purpose: 'store', report }, SETTINGS, AT);
    expect(xml).toContain('EventActionCode="C"');
    expect(xml).toContain('csd-code="110104"');
    expect(xml).toContain(
      '<ActiveParticipant UserID="pacs.example" UserIsRequestor="false"><RoleIDCode csd-code="110152"',
    );
    expect(xml.split('<Instance UID="1.2.3.9.1"/>')).toHaveLength(2);
  });

  it('say what was refused and what failed, and why', () => {
    const of = (code: string, isRefusal: boolean) =>
      userMessage({ ...MATCH, failure: { code, isRefusal } }, SETTINGS, AT);
    const refused = of('dicomweb/forbidden', true);
    expect(refused.outcome).toBe('4');
    expect(refused.xml).toContain('<EventOutcomeDescription>dicomweb/forbidden</EventOutcomeDescription>');
    expect(of('dicomweb/unreachable', false).outcome).toBe('8');
  });

  it('say start, stop and loss', () => {
    expect(serverMessage({ server: 'started' }, SETTINGS, AT).xml).toContain('csd-code="110120"');
    expect(serverMessage({ server: 'stopped' }, SETTINGS, AT).xml).toContain('csd-code="110121"');
    const lost = serverMessage({ server: 'lost', entries: 7 }, SETTINGS, AT);
    expect([lost.outcome, lost.xml.includes('7 entries')]).toEqual(['8', true]);
  });

  it('hash users where configured, the same way each time', () => {
    const hidden = { ...SETTINGS, hashKey: 'a key of the unit tests' };
    const { xml } = userMessage(MATCH, hidden, AT);
    expect(xml).not.toContain('alice');
    expect(xml).toMatch(/UserID="hmac:[\w-]{43}"/);
    expect(userMessage(MATCH, hidden, AT).xml).toBe(xml);
    expect(userMessage(MATCH, { ...hidden, hashKey: 'another key of the tests' }, AT).xml).not.toBe(xml);
  });

  it('name what is known of a user without a name', () => {
    const of = (user: AuditEvent['user']): string => userMessage({ ...MATCH, user }, SETTINGS, AT).xml;
    expect(of({ address: '10.0.0.7' })).toContain('UserID="unknown"');
    expect(of({})).not.toContain('NetworkAccessPointTypeCode="2"');
  });

  it('are one line of well-formed XML whatever a token or a PACS says', () => {
    const nasty = 'x"/><AuditMessage>\n&<!--\u0000\u001b[31m\ud800\r\t\ufffe' + 'y'.repeat(5000);
    const [first] = MATCH.studies;
    const studies = [{ ...first!, patientId: nasty, issuer: nasty }];
    const { xml } = userMessage({ ...MATCH, user: { subject: { id: nasty } }, studies }, SETTINGS, AT);
    expect(xml).not.toMatch(/[\n\r\t\0]/);
    expect(xml.length).toBeLessThan(8_000);
    expect(outline(xml).filter((name) => name === 'ActiveParticipant')).toHaveLength(2);
    // The parser of another language.
    const parse = 'import sys, xml.dom.minidom as m; m.parseString(sys.stdin.buffer.read())';
    const python = spawnSync('/usr/bin/python3', ['-c', parse], { input: xml, encoding: 'utf8' });
    if (python.error === undefined) expect([python.status, python.stderr]).toEqual([0, '']);
  });
});
