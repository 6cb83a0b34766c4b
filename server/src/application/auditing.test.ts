import { lpsPoint } from '../geometry/index.ts';
import { createSamepoint } from './samepoint.ts';
import {
  ALL_SERIES,
  CURRENT,
  fakePair,
  fakePorts,
  PRIOR,
  refOf,
  OTHER_PATIENT,
  tokenOf,
} from '../ports/testing/index.ts';
import type { FakePorts } from '../ports/testing/index.ts';
import type { Samepoint, MatchRequest } from './types.ts';
import type { Caller } from '../access/index.ts';
import { textLike } from '../errors/testing/like.ts';

const ALICE: Caller = { authorization: tokenOf({ iss: 'https://idp', sub: 'alice' }), address: '10.0.0.7' };
const USER = { subject: { id: 'alice', issuer: 'https://idp' }, address: '10.0.0.7' };

const REQUEST: MatchRequest = {
  query: refOf(CURRENT),
  targets: [refOf(PRIOR)],
  points: [{ id: 'a', lps: lpsPoint(1, 2, 3) }],
};
const [CURRENT_STUDY, PRIOR_STUDY] = [CURRENT, PRIOR].map(
  ({ studyInstanceUid, seriesInstanceUid, patientId }) => ({
    studyInstanceUid,
    seriesInstanceUids: [seriesInstanceUid],
    patientId,
  }),
);

function setUp(): { ports: FakePorts; samepoint: Samepoint } {
  const ports = fakePorts([...ALL_SERIES]);
  return { ports, samepoint: createSamepoint(ports, { version: '1', queueLimit: 16, memoMs: 5_000 }) };
}

describe('the audit trail of the application', () => {
  it('records who matched which studies of which patient, once a request, also from memory', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.planMatch(REQUEST, ALICE);
    await samepoint.planMatch(REQUEST, ALICE);
    const event = { purpose: 'match', user: USER, studies: [CURRENT_STUDY, PRIOR_STUDY] };
    expect(ports.audited).toMatchObject([event, event]);
    expect(ports.audited[0]).not.toHaveProperty('failure');
    // The trail names users; it never holds what they log in with.
    expect(JSON.stringify(ports.audited)).not.toContain((ALICE.authorization ?? '').slice(7));
  });

  it('records who had a series embedded, read a result, and read reports', async () => {
    const { ports, samepoint } = setUp();
    await samepoint.planEmbedding(refOf(CURRENT), undefined, ALICE);
    await samepoint.authorize([refOf(CURRENT), refOf(PRIOR)], ALICE);
    await samepoint.listReports(CURRENT.studyInstanceUid, ALICE);
    expect(ports.audited).toMatchObject([
      { purpose: 'embed', user: USER, studies: [CURRENT_STUDY] },
      { purpose: 'result', user: USER, studies: [CURRENT_STUDY, PRIOR_STUDY] },
      {
        purpose: 'reports',
        user: USER,
        studies: [{ studyInstanceUid: CURRENT.studyInstanceUid, seriesInstanceUids: [] }],
      },
    ]);
  });

  it('records who saved which report', async () => {
    const { ports, samepoint } = setUp();
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid } = await samepoint.storeReport(
      [fakePair()],
      ALICE,
    );
    expect(ports.audited).toMatchObject([
      {
        purpose: 'store',
        user: USER,
        studies: [CURRENT_STUDY, PRIOR_STUDY],
        report: { studyInstanceUid, seriesInstanceUid, sopInstanceUid },
      },
    ]);
  });

  it('records refusals: by the PACS, and of two patients', async () => {
    const { ports, samepoint } = setUp();
    await expect(
      samepoint.planMatch({ ...REQUEST, targets: [refOf(OTHER_PATIENT)] }, ALICE),
    ).rejects.toThrow();
    ports.source.allowed = [];
    const other = { address: '10.0.0.8', authorization: 'Bearer opaque' };
    await expect(samepoint.planMatch(REQUEST, other)).rejects.toThrow();
    expect(ports.audited).toMatchObject([
      {
        studies: [CURRENT_STUDY, { patientId: 'P2' }],
        failure: { code: 'application/different-patients', isRefusal: true },
      },
      {
        user: { address: '10.0.0.8', credentials: textLike(/^[\w-]{43}$/) },
        studies: [
          { studyInstanceUid: CURRENT.studyInstanceUid },
          { studyInstanceUid: PRIOR.studyInstanceUid },
        ],
        failure: { code: 'dicomweb/unauthorized', isRefusal: true },
      },
    ]);
    expect(ports.audited[1]?.studies[0]).not.toHaveProperty('patientId');
  });

  it('records nothing of a reader who disconnected before the answer', async () => {
    const { ports, samepoint } = setUp();
    await expect(samepoint.planMatch(REQUEST, ALICE, AbortSignal.abort())).rejects.toThrow();
    expect(ports.audited).toEqual([]);
  });

  it('is a warning of the health where it cannot be written', () => {
    const ports = fakePorts([]);
    const problem = { code: 'http/audit-not-written', message: 'disk full' };
    const broken = { ...ports, audit: { record: () => undefined, problem } };
    const samepoint = createSamepoint(broken, { version: '1', queueLimit: 1, memoMs: 0 });
    expect(samepoint.health()).toMatchObject({ status: 'ok', warnings: [problem] });
  });
});
