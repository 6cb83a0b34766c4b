import { setImmediate as nextTurn } from 'node:timers/promises';
import { SamepointError } from '../errors/index.ts';
import { lpsPoint } from '../geometry/index.ts';
import { createSamepoint } from '../application/samepoint.ts';
import type { Samepoint, MatchRequest } from '../application/types.ts';
import { CURRENT, fakePorts, PRIOR, PRIOR_2, refOf, OTHER_PATIENT } from '../ports/testing/index.ts';
import type { FakePorts, FakeSeries } from '../ports/testing/index.ts';

const REQUEST: MatchRequest = {
  query: refOf(CURRENT),
  targets: [refOf(PRIOR)],
  points: [{ id: 'a', lps: lpsPoint(1, 2, 3) }],
};

function uids(count: number): string[] {
  return Array.from({ length: count }, (_, index) => `1.2.3.4.2.1.${1000 + index}`);
}

async function settle(): Promise<void> {
  for (let turn = 0; turn < 50; turn += 1) await nextTurn();
}

/** A pair that was answered once. */
async function answered({
  memoMs = 0,
  prior = PRIOR,
}: { readonly memoMs?: number; readonly prior?: FakeSeries } = {}): Promise<{
  readonly ports: FakePorts;
  readonly samepoint: Samepoint;
  readonly become: (prior: FakeSeries) => void;
}> {
  const ports = fakePorts([CURRENT, prior, OTHER_PATIENT]);
  const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs });
  await (await samepoint.planMatch(REQUEST, {})).run();
  const become = (changed: FakeSeries): void => {
    ports.source.series[1] = changed;
  };
  return { ports, samepoint, become };
}

describe('images that have changed under the same UIDs', () => {
  it('are embedded again, and the points searched in what is there now', async () => {
    const { ports, samepoint, become } = await answered();
    become({ ...PRIOR, pixels: 'others' });
    const plan = await samepoint.planMatch(REQUEST, {});
    expect(plan.ready).toBe(false);
    expect((await plan.run()).matches.map(({ ok }) => ok)).toEqual([true]);
    expect(ports.control.embedded).toBe(3);
    expect((await samepoint.planMatch(REQUEST, {})).ready).toBe(true);
    expect(ports.control.embedded).toBe(3);
    expect(JSON.stringify(ports.logged)).toContain('other images under the same UIDs');
    expect(JSON.stringify(ports.logged)).not.toContain(PRIOR.seriesInstanceUid);
  });

  it('are noticed while the grant is remembered, once a second at the latest', async () => {
    const { ports, samepoint, become } = await answered({ memoMs: 5_000 });
    become({ ...PRIOR, pixels: 'others' });
    ports.control.monotonic += 1_001;
    expect((await samepoint.planMatch(REQUEST, {})).ready).toBe(false);
  });

  it('are looked at once a second and series, however often a cursor requests matches', async () => {
    const { ports, samepoint } = await answered({ memoMs: 5_000 });
    const looks = (): number => ports.source.requests.filter((request) => request === 'instance').length;
    for (let click = 0; click < 20; click += 1, ports.control.monotonic += 50)
      await (await samepoint.planMatch(REQUEST, {})).run();
    await settle();
    const first = looks();
    for (let click = 0; click < 20; click += 1, ports.control.monotonic += 50)
      await (await samepoint.planMatch(REQUEST, {})).run();
    await settle();
    // Two instances each, before and after the answer, for two series.
    expect(looks() - first).toBeLessThanOrEqual(8);
  });

  it('are looked at once for all requests of the same moment', async () => {
    const { ports, samepoint } = await answered({ memoMs: 5_000 });
    const looks = (): number => ports.source.requests.filter((request) => request === 'instance').length;
    const readers = Array.from({ length: 10 }, (_, reader) => ({ authorization: `Bearer ${reader}` }));
    for (const reader of readers) await (await samepoint.planMatch(REQUEST, reader)).run();
    await settle();
    ports.control.monotonic += 1_001;
    const first = looks();
    await Promise.all(
      readers.map(async (reader) => await (await samepoint.planMatch(REQUEST, reader)).run()),
    );
    await settle();
    expect(looks() - first).toBeLessThanOrEqual(8);
  });

  it('are found in any of many instances after some answers', async () => {
    const many = { ...PRIOR, sopInstanceUids: uids(100) };
    const { ports, samepoint } = await answered({ prior: many });
    const changed = uids(100)[37];
    ports.source.swap = (one) => (one.uid === changed ? { ...one, pixels: 'others' } : one);
    let answers = 0;
    for (; answers < 20 && ports.control.embedded < 3; answers += 1) {
      ports.control.monotonic += 50;
      await (await samepoint.planMatch(REQUEST, {})).run();
      await settle();
    }
    expect(ports.control.embedded).toBe(3);
    // Eight of a hundred at each answer.
    expect(answers).toBeLessThanOrEqual(13);
  });

  it('are found where an instance was exchanged for another one and the number is the same', async () => {
    const { samepoint, become, ports } = await answered();
    become({ ...PRIOR, sopInstanceUids: [PRIOR.sopInstanceUids[0] ?? '', '1.2.3.4.2.1.9'] });
    const plan = await samepoint.planMatch(REQUEST, {});
    expect(plan.ready).toBe(false);
    await plan.run();
    expect(ports.control.embedded).toBe(3);
  });

  it('are looked for in the whole series where the PACS gives no single instance, not at every click', async () => {
    const { ports, samepoint, become } = await answered();
    ports.source.retrieveInstance = () =>
      Promise.reject(new SamepointError('dicomweb/instance-not-found', { operation: 'instance' }));
    const retrieved = (): number => ports.source.requests.filter((request) => request === 'retrieve').length;
    for (let click = 0; click < 3; click += 1)
      expect((await samepoint.planMatch(REQUEST, {})).ready).toBe(true);
    expect(retrieved()).toBe(4);
    become({ ...PRIOR, pixels: 'others' });
    ports.control.monotonic += 60_001;
    expect((await samepoint.planMatch(REQUEST, {})).ready).toBe(false);
  });

  it('do not spoil what another request has put there meanwhile', async () => {
    const { ports, samepoint, become } = await answered();
    become({ ...PRIOR, pixels: 'others' });
    const plans = await Promise.all([samepoint.planMatch(REQUEST, {}), samepoint.planMatch(REQUEST, {})]);
    await Promise.all(plans.map((plan) => plan.run()));
    expect(ports.control.embedded).toBe(3);
  });

  it('are not looked for on behalf of somebody who may not retrieve them', async () => {
    const { ports, samepoint } = await answered();
    ports.source.retrieveInstance = () =>
      Promise.reject(new SamepointError('dicomweb/forbidden', { operation: 'WADO-RS retrieve instance' }));
    await expect(samepoint.planMatch(REQUEST, {})).rejects.toMatchObject({ code: 'dicomweb/forbidden' });
    expect(ports.stored.size).toBe(2);
  });
});

describe('images of another patient', () => {
  it.each([
    ['PatientID', { patientId: 'P2' }],
    ['StudyInstanceUID', { studyInstanceUid: OTHER_PATIENT.studyInstanceUid }],
    ['SeriesInstanceUID', { seriesInstanceUid: OTHER_PATIENT.seriesInstanceUid }],
    ['IssuerOfPatientID', { issuer: 'ELSEWHERE' }],
  ])('are neither answered nor kept nor named (%s)', async (attribute, strange) => {
    const ports = fakePorts([CURRENT, { ...PRIOR, issuer: 'HERE' }]);
    const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
    // The last one only: one foreign instance among a thousand.
    ports.source.swap = (one) => (one.uid === PRIOR.sopInstanceUids[1] ? { ...one, ...strange } : one);
    const plan = await samepoint.planMatch(REQUEST, {});
    await expect(plan.run()).rejects.toMatchObject({
      code: 'application/identity-mismatch',
      fields: { attribute },
    });
    expect([...ports.stored.values()].map(({ volume }) => volume.seriesInstanceUid)).not.toContain(
      PRIOR.seriesInstanceUid,
    );
    const log = JSON.stringify(ports.logged.filter(({ level }) => level === 'error'));
    expect(log).toContain(attribute);
    expect(log).not.toMatch(/P1|P2|HERE|1\.2\.3\.4/);
    ports.source.swap = (one) => one;
    expect((await (await samepoint.planMatch(REQUEST, {})).run()).matches.map(({ ok }) => ok)).toEqual([
      true,
    ]);
  });

  it('are refused where they come for an embedding at hand, which stays', async () => {
    const { ports, samepoint } = await answered();
    ports.source.swap = (one) => ({ ...one, patientId: 'P2' });
    await expect(samepoint.planMatch(REQUEST, {})).rejects.toMatchObject({
      code: 'application/identity-mismatch',
    });
    ports.source.swap = (one) => one;
    expect((await samepoint.planMatch(REQUEST, {})).ready).toBe(true);
  });

  it('do not answer for a study that has the same instances', async () => {
    const copy: FakeSeries = { ...OTHER_PATIENT, sopInstanceUids: PRIOR.sopInstanceUids };
    const ports = fakePorts([CURRENT, PRIOR, copy, { ...copy, seriesInstanceUid: '1.2.3.4.3.9' }]);
    const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
    await (await samepoint.planMatch(REQUEST, {})).run();
    expect((await samepoint.planEmbedding(refOf(copy), undefined, {})).ready).toBe(false);
    await (await samepoint.planEmbedding(refOf(copy), undefined, {})).run();
    const { matches } = await (await samepoint.planMatch(REQUEST, {})).run();
    expect(matches[0]?.ok === true && matches[0].match.target.studyInstanceUid).toBe(PRIOR.studyInstanceUid);
  });

  it('are not answered any more when the PACS corrects the patient of a study', async () => {
    const { samepoint, become } = await answered();
    become({ ...PRIOR, patientId: 'P2' });
    await expect(samepoint.planMatch(REQUEST, {})).rejects.toMatchObject({
      code: 'application/different-patients',
    });
  });

  it('are refused where a study that names no patient mixes two', async () => {
    const { patientId, ...nameless } = PRIOR;
    expect(patientId).toBe('P1');
    const sibling = {
      ...nameless,
      seriesInstanceUid: PRIOR_2.seriesInstanceUid,
      sopInstanceUids: ['1.2.3.4.2.2.1'],
    };
    const ports = fakePorts([nameless, sibling]);
    ports.source.swap = (one) => ({
      ...one,
      patientId: one.seriesInstanceUid === sibling.seriesInstanceUid ? 'P2' : 'P1',
    });
    const samepoint = createSamepoint(ports, { version: '1.2.3', queueLimit: 16, memoMs: 0 });
    const request = { ...REQUEST, query: refOf(nameless), targets: [refOf(sibling)] };
    const { matches } = await (await samepoint.planMatch(request, {})).run();
    expect(matches[0]).toMatchObject({ ok: false, error: { code: 'application/different-patients' } });
  });
});
