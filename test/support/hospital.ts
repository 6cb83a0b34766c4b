import { readdirSync } from 'node:fs';
import type { ErrorBody, MatchOutcome, MatchRequest, SeriesRef } from './api.ts';
import { FaultProxy } from './faultProxy.ts';
import { startOrthanc } from './orthanc.ts';
import type { Orthanc } from './orthanc.ts';
import { startSamepoint } from './samepointServer.ts';
import type { SamepointServer, ServerSettings, StartLimits } from './samepointServer.ts';
import { SmallPatient } from './smallPatient.ts';

/** Bytes after which the PACS breaks off: a few of the small series' instances. */
export const CUT_BYTES = 20_000;
/** Longest silence of the PACS before a request is aborted, ms. */
const TIMEOUT_MS = 1500;

/** A PACS, a network between that can be broken, a Samepoint server, and a patient with two studies. */
export class Hospital {
  readonly orthanc: Orthanc;
  readonly proxy: FaultProxy;
  readonly patient: SmallPatient;
  /** A request that is answered well. */
  readonly request: MatchRequest;
  server: SamepointServer;

  private constructor(parts: Pick<Hospital, 'orthanc' | 'proxy' | 'patient' | 'request' | 'server'>) {
    this.orthanc = parts.orthanc;
    this.proxy = parts.proxy;
    this.patient = parts.patient;
    this.request = parts.request;
    this.server = parts.server;
  }

  static async open(): Promise<Hospital> {
    const orthanc = await startOrthanc();
    const proxy = await FaultProxy.start(orthanc.dicomweb.root);
    const patient = new SmallPatient(orthanc.dicomweb);
    const request = {
      query: await patient.storeCurrent(),
      targets: [await patient.storePrior()],
      points: [{ id: 'a', lps: patient.point }],
    };
    const server = await startSamepoint(settingsFor(proxy));
    return new Hospital({ orthanc, proxy, patient, request, server });
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.proxy.stop();
    await this.orthanc.stop();
  }

  get prior(): SeriesRef {
    return this.request.targets[0]!;
  }

  /** The code that a match with the given target ends with; "matched" when it is answered. */
  async codeOfMatchTo(target: SeriesRef): Promise<string> {
    return codeOf(await this.server.api.match({ ...this.request, targets: [target] }));
  }

  /** What must hold after every fault: the same valid request is served, and nothing unfinished lies in the cache. */
  async recovers(): Promise<void> {
    this.proxy.heal();
    expect(codeOf(await this.server.api.match(this.request))).toBe('matched');
    expect(unfinishedFiles(this.server.cacheDirectory)).toEqual([]);
  }

  /** The server's power is cut; a new one, with an empty memory, replaces it. */
  async serverDies(): Promise<void> {
    this.server.background.process.kill('SIGKILL');
    await this.server.stop();
    this.server = await startSamepoint(settingsFor(this.proxy));
  }

  /** Runs another server in the place of the usual one, which is started again afterwards. */
  async withServer(
    settings: ServerSettings,
    use: (server: SamepointServer) => Promise<void>,
    limits: StartLimits = {},
  ): Promise<void> {
    await this.server.stop();
    const other = await startSamepoint({ ...settingsFor(this.proxy), ...settings }, limits);
    try {
      await use(other);
    } finally {
      await other.stop();
      this.server = await startSamepoint(settingsFor(this.proxy));
    }
  }
}

function settingsFor(proxy: FaultProxy): ServerSettings {
  return { dicomweb: { root: proxy.root, timeoutMs: TIMEOUT_MS, retries: 1 }, access: { memoMs: 0 } };
}

/** The embeddings in a cache folder. */
export function embeddingFiles(folder: string): string[] {
  return readdirSync(folder).filter((name) => /^[0-9a-f]{64}\.embedding$/u.test(name));
}

/** Files that an interrupted write would create. */
function unfinishedFiles(folder: string): string[] {
  const known = new Set([...embeddingFiles(folder), 'server.lock']);
  return readdirSync(folder).filter((name) => !known.has(name));
}

/** The code of the error that a match ends with, wherever it is said: answer, job or outcome. */
export function codeOf(answer: MatchOutcome[] | ErrorBody): string {
  if (!Array.isArray(answer)) return answer.code;
  const [first] = answer;
  if (first === undefined) return 'no outcome';
  return first.ok ? 'matched' : first.error.code;
}

/** The outcomes of a match that must not fail as a whole. */
export function outcomesOf(answer: MatchOutcome[] | ErrorBody): MatchOutcome[] {
  if (!Array.isArray(answer)) throw new Error(`${answer.code}: ${answer.message}`);
  return answer;
}

/** The error of an answer's body. */
export function errorOf(body: unknown): ErrorBody {
  return (body as { error: ErrorBody }).error;
}

/** Requests for the images of one series. */
export function wadoOf({ seriesInstanceUid }: SeriesRef): RegExp {
  return new RegExp(`/series/${seriesInstanceUid.replaceAll('.', '\\.')}($|\\?|/instances/|/frames)`, 'u');
}
