/**
 * Who saw, matched and saved what, recorded in the audit trail. It is a layer around the application: what the application does is not
 * changed by being recorded, and whoever adds a method has to say here what it is.
 * @module
 */
import { AsyncLocalStorage } from 'node:async_hooks';
import type { SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import { DEFORMABLE_REGISTRATION, SPATIAL_REGISTRATION } from '../registrationObject/index.ts';
import type { Access, Caller, GrantedSeries } from '../access/index.ts';
import { hashCredentials, subjectOf } from '../access/index.ts';
import type { AuditedStudy, Audit, AuditEvent, AuditPurpose, AuditUser } from '../ports/index.ts';
import type { PriorList } from '../priors/types.ts';
import type { TimePointSave } from '../studyDocuments/index.ts';
import type { Samepoint, ReportRef } from './types.ts';

/** What the PACS has granted within the request that is being recorded, by Series Instance UID. */
const grants = new AsyncLocalStorage<Map<string, GrantedSeries>>();

/** Access that gives the recorder the patient of each granted series. */
export function recordingGrants(access: Access): Access {
  return {
    ...access,
    async grant(...args) {
      const granted = await access.grant(...args);
      grants.getStore()?.set(granted.series.seriesInstanceUid, granted);
      return granted;
    },
  };
}

function userOf(caller: Caller): AuditUser {
  const { authorization, address } = caller;
  const subject = subjectOf(caller);
  return {
    ...(address === undefined ? {} : { address }),
    ...(subject === undefined ? {} : { subject }),
    ...(authorization === undefined ? {} : { credentials: hashCredentials(caller) }),
  };
}

/** The grant of a series; of a whole study that of any series of it. */
function grantIn(
  { studyInstanceUid, seriesInstanceUid }: SeriesRef,
  granted: ReadonlyMap<string, GrantedSeries>,
): GrantedSeries | undefined {
  if (seriesInstanceUid !== '') return granted.get(seriesInstanceUid);
  return [...granted.values()].find(({ series }) => series.studyInstanceUid === studyInstanceUid);
}

/** The studies of the series, with the patient where the PACS has named one. */
function studiesOf(
  series: readonly SeriesRef[],
  granted: ReadonlyMap<string, GrantedSeries>,
): AuditedStudy[] {
  const studies = new Map<string, AuditedStudy>();
  for (const { studyInstanceUid, seriesInstanceUid } of series) {
    const { patientId, issuer } = grantIn({ studyInstanceUid, seriesInstanceUid }, granted)?.patient ?? {};
    const known = studies.get(studyInstanceUid);
    const all = new Set(
      [...(known?.seriesInstanceUids ?? []), seriesInstanceUid].filter((uid) => uid !== ''),
    );
    studies.set(studyInstanceUid, {
      ...(patientId === undefined ? {} : { patientId }),
      ...(issuer === undefined ? {} : { issuer }),
      ...known,
      studyInstanceUid,
      seriesInstanceUids: [...all],
    });
  }
  return [...studies.values()];
}

function isRefusal(status: number): boolean {
  return status < 500;
}

/** A reader who disconnected before the answer has seen nothing. */
function isDisconnect(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'name' in error && error.name === 'AbortError';
}

/** Runs the work and records it, whether it succeeds or fails. */
async function recorded<T>(
  audit: Audit,
  { purpose, caller, series }: { purpose: AuditPurpose; caller: Caller; series: readonly SeriesRef[] },
  work: () => Promise<T>,
  whatElse: (result: T) => Partial<AuditEvent> = () => ({}),
): Promise<T> {
  const granted = new Map<string, GrantedSeries>();
  const event = (): AuditEvent => ({ purpose, user: userOf(caller), studies: studiesOf(series, granted) });
  try {
    const result = await grants.run(granted, work);
    audit.record({ ...event(), ...whatElse(result) });
    return result;
  } catch (error) {
    if (!isDisconnect(error)) {
      const { code, status } = isSamepointError(error) ? error : { code: 'http/internal', status: 500 };
      audit.record({ ...event(), failure: { code, isRefusal: isRefusal(status) } });
    }
    throw error;
  }
}

/** A study of which no series is named. */
function wholeStudy(studyInstanceUid: string): readonly SeriesRef[] {
  return [{ studyInstanceUid, seriesInstanceUid: '' }];
}

/** The study, and the series that the observations lie in. */
function seriesOf({ studyInstanceUid, observations }: TimePointSave): readonly SeriesRef[] {
  return [...wholeStudy(studyInstanceUid), ...observations.flatMap(({ place }) => place ?? [])];
}

function storedReport({
  studyInstanceUid,
  seriesInstanceUid,
  sopInstanceUid,
}: ReportRef): Partial<AuditEvent> {
  return { report: { studyInstanceUid, seriesInstanceUid, sopInstanceUid } };
}

/** The studies of a list of which more was read than that they exist. */
function studiesIn({ current, priors, patient: { patientId, issuer } }: PriorList): AuditedStudy[] {
  const read = [current, ...priors.filter(({ series }) => series.length > 0)];
  return read.map(({ studyInstanceUid }) => ({
    ...(patientId === undefined ? {} : { patientId }),
    ...(issuer === undefined ? {} : { issuer }),
    studyInstanceUid,
    seriesInstanceUids: [],
  }));
}

/** What is only read, recorded. */
function auditingLists(
  inner: Samepoint,
  audit: Audit,
): Pick<Samepoint, 'listReports' | 'listRegistrations' | 'listFindings' | 'listPriors'> {
  return {
    listReports(...args) {
      const [studyInstanceUid, caller] = args;
      const what = { purpose: 'reports', caller, series: wholeStudy(studyInstanceUid) } as const;
      return recorded(audit, what, () => inner.listReports(...args));
    },
    listRegistrations(...args) {
      const [{ query, target }, caller] = args;
      const what = { purpose: 'registrations', caller, series: [query, target] } as const;
      return recorded(audit, what, () => inner.listRegistrations(...args));
    },
    listFindings(...args) {
      const [{ studyInstanceUid }, caller] = args;
      const what = { purpose: 'findings', caller, series: wholeStudy(studyInstanceUid) } as const;
      return recorded(audit, what, () => inner.listFindings(...args));
    },
    listPriors(...args) {
      const [{ studyInstanceUid }, caller] = args;
      const what = { purpose: 'priors', caller, series: wholeStudy(studyInstanceUid) } as const;
      return recorded(
        audit,
        what,
        () => inner.listPriors(...args),
        (list) => ({ studies: studiesIn(list) }),
      );
    },
  };
}

/** What is stored, recorded. */
function auditingStores(
  inner: Samepoint,
  audit: Audit,
): Pick<Samepoint, 'storeReport' | 'storeRegistration' | 'storeTimePointReport'> {
  return {
    storeReport(...args) {
      const [pairs, caller] = args;
      const series = pairs.flatMap(({ current, prior }) => [current, prior]);
      const what = { purpose: 'store', caller, series } as const;
      return recorded(audit, what, () => inner.storeReport(...args), storedReport);
    },
    storeRegistration(...args) {
      const [{ query, target, kind }, caller] = args;
      const what = { purpose: 'store', caller, series: [query, target] } as const;
      const sopClassUid = kind === 'affine' ? SPATIAL_REGISTRATION : DEFORMABLE_REGISTRATION;
      const stored = (ref: ReportRef): Partial<AuditEvent> => ({ report: { ...ref, sopClassUid } });
      return recorded(audit, what, () => inner.storeRegistration(...args), stored);
    },
    storeTimePointReport(...args) {
      const [save, caller] = args;
      const what = { purpose: 'store', caller, series: seriesOf(save) } as const;
      return recorded(audit, what, () => inner.storeTimePointReport(...args), storedReport);
    },
  };
}

/** What is made of a pair of series, recorded. */
function auditingPairs(
  inner: Samepoint,
  audit: Audit,
): Pick<Samepoint, 'planField' | 'planPairRegistration' | 'planSimilarity' | 'sendWarped'> {
  return {
    planField(...args) {
      const [{ query, target }, caller] = args;
      const what = { purpose: 'field', caller, series: [query, target] } as const;
      return recorded(audit, what, () => inner.planField(...args));
    },
    planPairRegistration(...args) {
      const [{ query, target }, caller] = args;
      const what = { purpose: 'field', caller, series: [query, target] } as const;
      return recorded(audit, what, () => inner.planPairRegistration(...args));
    },
    sendWarped(...args) {
      const [{ query, target }, caller] = args;
      const what = { purpose: 'result', caller, series: [query, target] } as const;
      return recorded(audit, what, () => inner.sendWarped(...args));
    },
    planSimilarity(...args) {
      const [{ query, target }, caller] = args;
      const what = { purpose: 'match', caller, series: [query, target] } as const;
      return recorded(audit, what, () => inner.planSimilarity(...args));
    },
  };
}

/** The same application, recorded. */
export function auditing(inner: Samepoint, audit: Audit): Samepoint {
  return {
    health() {
      const { problem } = audit;
      return { ...inner.health(), warnings: problem === undefined ? [] : [problem] };
    },
    load: () => inner.load(),
    sources: () => inner.sources(),
    models: () => inner.models(),
    planEmbedding(...args) {
      const [series, , caller] = args;
      const what = { purpose: 'embed', caller, series: [series] } as const;
      return recorded(audit, what, () => inner.planEmbedding(...args));
    },
    planMatch(...args) {
      const [{ query, targets }, caller] = args;
      const what = { purpose: 'match', caller, series: [query, ...targets] } as const;
      return recorded(audit, what, () => inner.planMatch(...args));
    },
    makeTemplate(...args) {
      const [{ series }, caller] = args;
      const what = { purpose: 'match', caller, series: [series] } as const;
      return recorded(audit, what, () => inner.makeTemplate(...args));
    },
    findLandmarks(...args) {
      const [{ series }, caller] = args;
      const what = { purpose: 'match', caller, series: [series] } as const;
      return recorded(audit, what, () => inner.findLandmarks(...args));
    },
    authorize(...args) {
      const [series, caller] = args;
      return recorded(audit, { purpose: 'result', caller, series }, () => inner.authorize(...args));
    },
    ...auditingPairs(inner, audit),
    ...auditingStores(inner, audit),
    ...auditingLists(inner, audit),
  };
}
