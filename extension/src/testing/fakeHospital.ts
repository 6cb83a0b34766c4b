/**
 * A companion server before a PACS that keeps reports, for tests of what a fault may not lose: it can be killed, its PACS can fail, and
 * the reader's login can expire.
 * @module
 */
import type { ErrorBody, Finding, MatchOutcome, MatchRequest, TimePointReportRequest } from '../wire.ts';
import { CT_MODEL, findingIn, matchBetween, uidOf } from './examples.ts';
import type { Routes, SeenRequest } from './fakeServer.ts';
import { json } from './fakeServer.ts';

/** What goes wrong. `lost`: a report is stored, and the answer does not arrive. */
export const FAULTS = ['killed', 'bad gateway', 'PACS fails', 'PACS cut', 'login expired', 'lost'] as const;
export type FaultName = (typeof FAULTS)[number];

/** Lesions of the prior. */
export const FINDINGS = ['a', 'b', 'c'] as const;

const STUDIES = ['current', 'prior'] as const;

const ERRORS: Readonly<Partial<Record<FaultName, ErrorBody>>> = {
  'PACS fails': {
    code: 'dicomweb/server-error',
    status: 502,
    message: 'the PACS answered 503 to QIDO-RS search studies',
    remedy: 'Look into the log of the PACS.',
    fields: {},
  },
  'PACS cut': {
    code: 'dicomweb/truncated',
    status: 502,
    message: 'the PACS ended WADO-RS before all images were there',
    remedy: 'Look into the log of the PACS.',
    fields: {},
  },
  'login expired': {
    code: 'dicomweb/unauthorized',
    status: 401,
    message: 'the PACS answered 401',
    remedy: 'set dicomweb.authorization',
    fields: {},
  },
};

interface StoredReport {
  readonly sopInstanceUid: string;
  readonly request: TimePointReportRequest;
}

function studyOf(name: string, date: string): object {
  const series = {
    seriesInstanceUid: `1.2.${name}.9`,
    ...{ description: '', modality: 'CT', images: 40, isComparable: true, reasons: [] },
  };
  return {
    studyInstanceUid: `1.2.${name}`,
    ...{ date, description: '', modalities: ['CT'], series: [series], hasReports: true },
  };
}

/** What a report says of a lesion, as it is read again. */
function findingOf(
  { sopInstanceUid }: StoredReport,
  observation: TimePointReportRequest['observations'][number],
  number: number,
): Finding {
  const { place, trackingUid, label, role, status, longAxis, shortAxis, carriedOver } = observation;
  const { document, ...common } = findingIn('current', 'a');
  return {
    ...common,
    ...{ document: { ...document, sopInstanceUid }, number, trackingUid, label, role, status },
    ...(place === undefined ? {} : { lps: place.lps }),
    ...(longAxis === undefined ? {} : { longAxis }),
    ...(shortAxis === undefined ? {} : { shortAxis }),
    ...(carriedOver === undefined ? {} : { carriedOver }),
  };
}

/** The server, and what its PACS holds. */
export class FakeHospital {
  fault: FaultName | undefined;
  /** The reports of the current study by the key of the request; the last one counts. */
  readonly reports = new Map<string, StoredReport>();

  get routes(): Routes {
    const routes: Routes = {
      'GET /models': () => json(200, { models: [CT_MODEL] }),
      'GET /priors?studyInstanceUid=1.2.current': () =>
        json(200, {
          current: studyOf('current', '2024-03-01'),
          priors: [studyOf('prior', '2023-02-11')],
          warnings: [],
        }),
      'POST /series-embeddings': () => json(200, { state: 'ready' }),
      'POST /matches': ({ body }) => json(200, { matches: this.#matches(body as MatchRequest) }),
      'POST /time-point-reports': (request) => this.#store(request),
      ...Object.fromEntries(
        STUDIES.flatMap((study) => [
          [`GET /findings?studyInstanceUid=1.2.${study}`, () => json(200, this.#findings(study))],
          [`GET /reports?studyInstanceUid=1.2.${study}`, () => json(200, { reports: [] })],
        ]),
      ),
    };
    return Object.fromEntries(
      Object.entries(routes).map(([path, answer]) => [
        path,
        (request: SeenRequest, signal: AbortSignal | null | undefined) =>
          this.#failure() ?? answer(request, signal),
      ]),
    );
  }

  #failure(): Response | undefined {
    const { fault } = this;
    if (fault === undefined || fault === 'lost') return undefined;
    if (fault === 'killed') throw new TypeError('fetch failed');
    const error = ERRORS[fault];
    return error === undefined ? new Response('Bad Gateway', { status: 502 }) : json(error.status, { error });
  }

  #findings(study: (typeof STUDIES)[number]): object {
    if (study === 'prior') {
      const findings = FINDINGS.map((id, k) => findingIn('prior', id, { number: k + 1 }));
      return { findings, total: findings.length, warnings: [], reports: [] };
    }
    const last = [...this.reports.values()].at(-1);
    const findings = last?.request.observations.map((one, k) => findingOf(last, one, k + 1)) ?? [];
    const reports = last === undefined ? [] : [{ sopInstanceUid: last.sopInstanceUid }];
    return { findings, total: findings.length, warnings: [], reports };
  }

  #matches({ points }: MatchRequest): readonly MatchOutcome[] {
    return points.map(({ id }) => {
      const k = FINDINGS.findIndex((one) => uidOf(one) === id);
      const match = matchBetween('prior', 'current');
      const target = { ...match.target, lps: [20 * k, 0, 40] as const };
      const { studyInstanceUid, seriesInstanceUid } = target;
      return {
        ...{ pointId: id, ok: true, target: { studyInstanceUid, seriesInstanceUid } },
        match: { ...match, target },
      };
    });
  }

  #store({ headers, body }: SeenRequest): Response {
    const key = headers['idempotency-key'] ?? '';
    const known = this.reports.get(key);
    const stored = known ?? {
      sopInstanceUid: `9.${this.reports.size + 1}`,
      request: body as TimePointReportRequest,
    };
    this.reports.set(key, stored);
    if (this.fault === 'lost') throw new TypeError('fetch failed');
    const { studyInstanceUid } = stored.request;
    return json(201, {
      studyInstanceUid,
      seriesInstanceUid: '9',
      sopInstanceUid: stored.sopInstanceUid,
    });
  }
}
