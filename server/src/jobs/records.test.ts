import fc from 'fast-check';
import { ownerOf } from '../access/index.ts';
import { CURRENT, PRIOR, refOf } from '../ports/testing/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { JobSnapshot } from './jobs.ts';
import { recordFromJson, recordToJson } from './records.ts';
import type { ServedRecord } from './records.ts';

const SNAPSHOT: JobSnapshot = {
  ...{ id: 'id', kind: 'match', state: 'running' },
  progress: { stage: 'match', fraction: 0.5, message: 'Matching' },
};
function recordWith(change: Partial<JobSnapshot>): ServedRecord {
  const series = [refOf(CURRENT), { ...refOf(PRIOR), source: 'main' }];
  return { server: 'a', owner: ownerOf({}), series, snapshot: { ...SNAPSHOT, ...change } };
}
/** What another process reads. */
function passed(record: unknown): unknown {
  return JSON.parse(JSON.stringify(record));
}

describe('the record of a job', () => {
  it('is the same in another process, whatever the job has found, its errors included', () => {
    const error = fc.constantFrom(
      new SamepointError('dicomweb/unreachable', { operation: 'QIDO', reason: 'ECONNREFUSED' }),
      new SamepointError('volume/mixed-matrix', { sizes: ['512 x 512', '256 x 256'] }),
    );
    const outcome = error.map((one) => ({
      pointId: 'p',
      target: refOf(PRIOR),
      ok: false as const,
      error: one,
    }));
    const result = fc.record({
      matches: fc.array(outcome),
      warnings: fc.array(
        fc.record({ series: fc.constant(refOf(CURRENT)), code: fc.string(), message: fc.string() }),
      ),
    });
    fc.assert(
      fc.property(result, fc.option(error, { nil: undefined }), (found, failure) => {
        const record = recordWith({ result: found, ...(failure !== undefined && { error: failure }) });
        expect(recordFromJson(passed(recordToJson(record)))).toEqual(record);
      }),
    );
  });

  it('names an error of another release as such', () => {
    const json = passed(recordToJson(recordWith({}))) as { snapshot: object };
    const strange = { ...json, snapshot: { ...json.snapshot, error: { errorCode: 'new/code', fields: {} } } };
    expect(recordFromJson(strange)?.snapshot.error).toMatchObject({ code: 'queue/worker-differs' });
  });

  it.each([undefined, null, 'text', {}, { server: 'a', owner: {}, series: [], snapshot: {} }])(
    'is not found in %j',
    (value) => {
      expect(recordFromJson(value)).toBeUndefined();
    },
  );
});
