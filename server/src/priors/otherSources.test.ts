import type { DicomwebSource } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import { fakePorts } from '../ports/testing/index.ts';
import { listPriors } from './priorList.ts';
import type { PriorList } from './types.ts';
import { PriorsPacs } from './testing/priorsPacs.ts';
import type { FakePriorStudy } from './testing/priorsPacs.ts';
import { study, uids } from './testing/patient.ts';

const ISSUED = { issuer: 'HOSPITAL' };

function inSources(priors: readonly FakePriorStudy[], current = study(20, ISSUED)) {
  const main = new PriorsPacs([current, ...priors]);
  return async (others: Readonly<Record<string, DicomwebSource>>): Promise<PriorList> =>
    await listPriors(
      { studyInstanceUid: current.uid },
      { authorization: 'Bearer alice' },
      {
        source: main,
        sourceName: 'main',
        otherSources: Object.entries(others).map(([name, client]) => ({ name, client })),
        modalities: ['CT'],
        logger: fakePorts([]).logger,
        studyTimeoutMs: 300,
      },
    );
}

function failing(error: Error): DicomwebSource {
  return Object.assign(new PriorsPacs([]), { searchStudies: () => Promise.reject(error) });
}

/** A PACS that never answers, until the request is given up. */
function silent(): DicomwebSource {
  const searchStudies: DicomwebSource['searchStudies'] = (_query, { signal } = {}) =>
    new Promise((_resolve, reject) => {
      signal?.addEventListener('abort', () => {
        reject(signal.reason as Error);
      });
    });
  return Object.assign(new PriorsPacs([]), { searchStudies });
}

describe('priors in other PACS', () => {
  it('are listed with those of the same one, newest first, each with its source', async () => {
    const list = await inSources([study(3, ISSUED)])({
      archive: new PriorsPacs([study(1, ISSUED), study(7, ISSUED)]),
    });
    expect(list.priors.map(({ studyInstanceUid, source }) => [studyInstanceUid, source])).toEqual([
      ['1.2.7', 'archive'],
      ['1.2.3', 'main'],
      ['1.2.1', 'archive'],
    ]);
    expect(list.priors.every(({ series }) => series.length === 1)).toBe(true);
    expect(list.current.source).toBe('main');
    expect(list.omitted.sources).toEqual([]);
  });

  it('are not those of another issuer, nor of an unknown one', async () => {
    const list = await inSources([])({
      foreign: new PriorsPacs([study(1, { issuer: 'CLINIC' })]),
      nameless: new PriorsPacs([study(2)]),
    });
    expect(uids(list)).toEqual([]);
    expect(list.omitted.sources).toEqual([{ name: 'nameless', reason: 'issuer-unknown' }]);
  });

  it('are not looked for where the study itself has no issuer', async () => {
    const archive = new PriorsPacs([study(1, ISSUED)]);
    const list = await inSources([], study(20))({ archive });
    expect(uids(list)).toEqual([]);
    expect(list.omitted.sources).toEqual([{ name: 'archive', reason: 'issuer-unknown' }]);
  });

  it('are missing where a PACS fails, is silent or refuses; the others go on and each is named', async () => {
    const list = await inSources([study(3, ISSUED)])({
      down: failing(new SamepointError('dicomweb/unreachable', { operation: 'o', reason: 'r' })),
      mute: silent(),
      closed: failing(new SamepointError('dicomweb/forbidden', { operation: 'o' })),
      archive: new PriorsPacs([study(7, ISSUED)]),
    });
    expect(uids(list)).toEqual(['1.2.7', '1.2.3']);
    expect(list.omitted.sources).toEqual([
      { name: 'down', reason: 'unanswered' },
      { name: 'mute', reason: 'unanswered' },
      { name: 'closed', reason: 'hidden' },
    ]);
  });

  it('count once where two PACS have the study', async () => {
    const copy = study(3, ISSUED);
    const list = await inSources([copy])({ archive: new PriorsPacs([copy, study(20, ISSUED)]) });
    expect(list.priors.map(({ studyInstanceUid, source }) => [studyInstanceUid, source])).toEqual([
      ['1.2.3', 'main'],
    ]);
  });
});
