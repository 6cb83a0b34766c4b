import { rm } from 'node:fs/promises';
import { startDemo } from './demo.ts';
import type { Demo } from './demo.ts';
import { Dicomweb } from './dicomweb.ts';
import { FaultProxy } from './faultProxy.ts';
import { temporaryFolder, viewerVersions } from './paths.ts';
import { ALL_RIGHTS, RightsProxy } from './rightsProxy.ts';
import { startSamepoint, withViewer } from './samepointServer.ts';
import type { SamepointServer, ServerSettings } from './samepointServer.ts';

/** The phantom in voxels twice as large: three scans that are made and analysed in seconds. */
const COARSENESS = 2;
/** Longest silence of the PACS before a request is aborted, ms. */
const TIMEOUT_MS = 10_000;

/**
 * A place of work with one patient: a PACS that requires a login, a network between that can be broken, and the companion server with the
 * viewer, which can be killed and started again at the same address.
 */
export class ReadingSite {
  readonly demo: Demo;
  readonly network: FaultProxy;
  readonly pacs: Dicomweb;
  server: SamepointServer;
  readonly #login: RightsProxy;
  readonly #cache: string;
  readonly #settings: ServerSettings;

  private constructor(
    parts: Pick<ReadingSite, 'demo' | 'network' | 'server'>,
    login: RightsProxy,
    settings: ServerSettings,
    cache: string,
  ) {
    this.demo = parts.demo;
    this.network = parts.network;
    this.server = parts.server;
    this.pacs = new Dicomweb(`${parts.demo.url}/dicom-web`);
    this.#login = login;
    this.#cache = cache;
    const { port } = new URL(parts.server.url);
    this.#settings = { ...settings, http: { port: Number(port), requestsPerMinute: 100_000 } };
  }

  static async open(): Promise<ReadingSite> {
    const demo = await startDemo('reading-site', { coarseness: COARSENESS });
    const login = await RightsProxy.start(`${demo.url}/dicom-web`);
    const network = await FaultProxy.start(login.root);
    const cache = temporaryFolder('reading-site-cache');
    const settings: ServerSettings = {
      ...withViewer(viewerVersions()[0] ?? ''),
      dicomweb: { root: network.root, timeoutMs: TIMEOUT_MS, retries: 0 },
      access: { memoMs: 0 },
      embedding: { cacheDirectory: cache },
    };
    const server = await startSamepoint(settings);
    return new ReadingSite({ demo, network, server }, login, settings, cache);
  }

  async close(): Promise<void> {
    await this.server.stop();
    await this.network.stop();
    await this.#login.stop();
    await this.demo.stop();
    await rm(this.#cache, { recursive: true, force: true });
  }

  /** From now on the PACS accepts this Authorization header, and no other. */
  setLogin(authorization: string): void {
    this.#login.rights.clear();
    this.#login.rights.set(authorization, ALL_RIGHTS);
  }

  /** The power of the companion server is cut. */
  async killServer(): Promise<void> {
    this.server.background.process.kill('SIGKILL');
    await this.server.stop();
  }

  /** A new companion server, with an empty memory, at the address of the old one. */
  async startServer(): Promise<void> {
    this.server = await startSamepoint(this.#settings);
  }

  /** Reports that the PACS holds of a study. */
  async reportsOf(studyInstanceUid: string): Promise<number> {
    return (await this.pacs.instancesOf(studyInstanceUid, 'SR')).length;
  }
}
