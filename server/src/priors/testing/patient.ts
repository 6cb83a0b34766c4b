/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import { fakePorts } from '../../ports/testing/index.ts';
import { listPriors } from '../priorList.ts';
import type { PriorList, PriorsRequest } from '../types.ts';
import { PriorsPacs } from './priorsPacs.ts';
import type { FakePriorSeries, FakePriorStudy } from './priorsPacs.ts';

const CALLER = { authorization: 'Bearer alice' };

/** A series of axial slices. */
export function series(uid: string, traits: Partial<FakePriorSeries> = {}): FakePriorSeries {
  return { uid, ...traits };
}

/** A study of a day in January. */
export function study(n: number, changes: Partial<FakePriorStudy> = {}): FakePriorStudy {
  const uid = `1.2.${n}`;
  return {
    uid,
    date: `202601${String(n).padStart(2, '0')}`,
    patientId: 'P1',
    series: [series(`${uid}.1`)],
    ...changes,
  };
}

/** The study that is read, of 20 January. */
export const CURRENT = study(20);

/** A PACS with the study that is read and others, and the list that is made of it. */
export function setUp(
  studies: readonly FakePriorStudy[],
  current: FakePriorStudy = CURRENT,
): { pacs: PriorsPacs; list: (request?: Partial<PriorsRequest>) => Promise<PriorList>; logged: object[] } {
  const pacs = new PriorsPacs([current, ...studies]);
  const { logger, logged } = fakePorts([]);
  const parts = { source: pacs, modalities: ['CT'], logger, studyTimeoutMs: 300 };
  return {
    pacs,
    logged,
    list: (request = {}) => listPriors({ studyInstanceUid: current.uid, ...request }, CALLER, parts),
  };
}

/** Studies of a list, in its order. */
export function uids({ priors }: PriorList): readonly string[] {
  return priors.map(({ studyInstanceUid }) => studyInstanceUid);
}
