import request from 'supertest';
import { createSamepoint } from '../application/index.ts';
import { fakePorts } from '../ports/testing/index.ts';
import { FindingsPacs } from '../ports/testing/findingsPacs.ts';
import { group, reportOf, scoord, STUDY } from '../findings/testing/documents.ts';
import { findingsAnswer } from '../apiSchemas/findingsSchemas.ts';
import { testApp } from '../http/testing/testServer.ts';

const PATH = '/samepoint/api/findings';
const point = group([scoord('POINT', [100.5, 50.5])]);

async function setUp(
  part10: Uint8Array,
): Promise<{ app: Awaited<ReturnType<typeof testApp>>['app']; ports: ReturnType<typeof fakePorts> }> {
  const source = new FindingsPacs();
  source.documents = [{ sopInstanceUid: '1.2.826.20.9.1', part10 }];
  const ports = { ...fakePorts([]), source };
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 1, memoMs: 0 });
  const { app } = await testApp({}, { samepoint });
  return { app, ports };
}

describe('findings', () => {
  it('are listed, and what is missing is said in words', async () => {
    const { app, ports } = await setUp(
      reportOf([point, group([]), point, group([scoord('POINT', [999, 1])])]),
    );
    const answer = await request(app).get(PATH).query({ studyInstanceUid: STUDY }).expect(200);
    const { findings, warnings, total, unread } = findingsAnswer.parse(answer.body);
    expect(findings).toHaveLength(2);
    expect(findings[0]).toMatchObject({ kind: 'point', lps: [-50, -40, 6], number: 1 });
    expect({ total, unread: unread.count }).toEqual({ total: 4, unread: 2 });
    expect(warnings).toEqual([
      {
        code: 'findings/unread',
        message:
          '2 of 4 findings could not be read: it has no coordinates in an image or in the patient (1); it lies outside its image (1)',
      },
    ]);
    expect(answer.headers['cache-control']).toBe('no-store');
    expect(ports.audited).toMatchObject([{ purpose: 'findings', studies: [{ studyInstanceUid: STUDY }] }]);
  });

  it('come in pages', async () => {
    const { app } = await setUp(reportOf([point, point, point]));
    const answer = await request(app)
      .get(PATH)
      .query({ studyInstanceUid: STUDY, limit: 1, offset: 1 })
      .expect(200);
    const { findings, next, warnings } = findingsAnswer.parse(answer.body);
    expect(findings.map(({ number }) => number)).toEqual([2]);
    expect(next).toBe(2);
    expect(warnings.map(({ message }) => message)).toEqual([
      'the answer holds 1 of 3 findings; the next ones begin at offset 2',
    ]);
  });

  it.each([
    ['another patient', reportOf([point], { patientId: 'P2' }), 'findings/foreign'],
    ['no patient: it is damaged', new Uint8Array(200), 'findings/unreadable'],
  ])('of a document of %s are omitted with a warning', async (_, part10, code) => {
    const { app } = await setUp(part10);
    const answer = await request(app).get(PATH).query({ studyInstanceUid: STUDY }).expect(200);
    expect(answer.body).toMatchObject({ findings: [], total: 0, warnings: [{ code }] });
  });

  it.each([
    [{}],
    [{ studyInstanceUid: 'x' }],
    [{ studyInstanceUid: STUDY, limit: 0 }],
    [{ studyInstanceUid: STUDY, limit: 1001 }],
    [{ studyInstanceUid: STUDY, offset: '-1' }],
    [{ studyInstanceUid: STUDY, offset: '1e3' }],
    [{ studyInstanceUid: STUDY, page: 1 }],
  ])('refuse %j', async (query) => {
    const { app } = await setUp(reportOf([point]));
    const answer = await request(app).get(PATH).query(query).expect(400);
    expect(answer.body).toMatchObject({ error: { code: 'http/invalid-request' } });
  });

  it('of a study that the PACS does not know are an error', async () => {
    const { app } = await setUp(reportOf([point]));
    const answer = await request(app).get(PATH).query({ studyInstanceUid: '1.2.3' }).expect(404);
    expect(answer.body).toMatchObject({ error: { code: 'dicomweb/study-not-found' } });
  });
});
