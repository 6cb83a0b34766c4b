import type { InstanceIdentity } from '../volume/index.ts';
import type { GrantedSeries, PatientIdentity } from './access.ts';
import { assertIdentity, patientDigest, ReceivedInstances } from './identity.ts';

const SERIES = { studyInstanceUid: '1.1', seriesInstanceUid: '1.1.1' };
function granted(
  patient: Partial<PatientIdentity> = { patientId: 'P1' },
  uids = ['1.1.1.1', '1.1.1.2'],
): GrantedSeries {
  return {
    series: SERIES,
    sopInstanceUids: uids,
    patient: { patientId: undefined, issuer: undefined, ...patient },
  };
}
function instance(changes: Partial<InstanceIdentity> = {}): InstanceIdentity {
  return { ...SERIES, sopInstanceUid: '1.1.1.1', patientId: 'P1', ...changes };
}

describe('identity of what the PACS sends', () => {
  it.each([
    ['StudyInstanceUID', { studyInstanceUid: '1.2' }],
    ['SeriesInstanceUID', { seriesInstanceUid: '1.1.2' }],
    ['PatientID', { patientId: 'P2' }],
    ['PatientID', { patientId: 'p1' }],
    ['PatientID', { patientId: 'P10' }],
    ['PatientID', { patientId: '' }],
    ['IssuerOfPatientID', { issuer: 'OTHER' }],
  ])('refuses another %s, without saying which', (attribute, changes) => {
    const expected = granted({ patientId: 'P1', issuer: 'HERE' });
    let message = '';
    try {
      assertIdentity(instance(changes), expected);
    } catch (error) {
      expect(error).toMatchObject({
        code: 'application/identity-mismatch',
        fields: { seriesInstanceUid: '1.1.1', attribute },
      });
      message = JSON.stringify(error) + String(error);
    }
    expect(message).toContain(attribute);
    expect(message).not.toMatch(/P1|P2|p1|OTHER|HERE/);
  });

  it('refuses images that name no patient where the PACS names one', () => {
    const { patientId, ...nameless } = instance();
    expect(patientId).toBe('P1');
    expect(() => {
      assertIdentity(nameless, granted());
    }).toThrow(/PatientID/);
  });

  it.each([
    ['a patient that the PACS does not name', instance(), granted({})],
    ['padding', instance({ patientId: ' P1 ' }), granted({ patientId: 'P1  ' })],
    ['an issuer that one of both omits', instance({ issuer: 'HERE' }), granted()],
    [
      'another Unicode form',
      instance({ patientId: 'Mu\u0308ller-1' }),
      granted({ patientId: 'M\u00fcller-1' }),
    ],
  ])('accepts %s', (_, identity, expected) => {
    expect(() => {
      assertIdentity(identity, expected);
    }).not.toThrow();
  });

  it('refuses an instance that comes twice, and a set that is not the listed one', () => {
    const twice = new ReceivedInstances(granted());
    twice.add(instance());
    expect(() => {
      twice.add(instance());
    }).toThrow(/SOPInstanceUID/);
    const swapped = new ReceivedInstances(granted());
    swapped.add(instance());
    swapped.add(instance({ sopInstanceUid: '1.1.1.3' }));
    expect(() => {
      swapped.requireComplete();
    }).toThrow(/lists 2 instances of series 1\.1\.1 and sent 1/);
  });

  it('makes digests that say nothing and compare within a study only', () => {
    const digest = patientDigest(granted({ patientId: 'P1', issuer: 'HERE' }));
    expect(digest).toMatch(/^[0-9a-f]{32} [0-9a-f]{32}$/);
    expect(patientDigest(granted({ patientId: 'P1 ', issuer: 'HERE' }))).toBe(digest);
    const elsewhere = {
      ...granted({ patientId: 'P1', issuer: 'HERE' }),
      series: { ...SERIES, studyInstanceUid: '1.9' },
    };
    expect(patientDigest(elsewhere)).not.toBe(digest);
    expect(patientDigest(granted({}))).toBeUndefined();
  });
});
