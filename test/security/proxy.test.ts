/**
 * The proxy at /dicom-web is only a proxy for DICOMweb: an attack list, written to the socket byte by byte, against a PACS that writes
 * down its requests, against Orthanc, through nginx, and against the embedded archive. The requests of stock OHIF still arrive.
 */
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { Dicomweb, uidOf } from '../support/dicomweb.ts';
import { SNIPPET_FOR_ALL, startNginx } from '../support/nginx.ts';
import type { Nginx } from '../support/nginx.ts';
import { startOrthanc } from '../support/orthanc.ts';
import type { Orthanc } from '../support/orthanc.ts';
import { temporaryFolder, viewerVersions } from '../support/paths.ts';
import { RecordingPacs, sendRaw } from '../support/rawHttp.ts';
import { describeWith } from '../support/requirements.ts';
import { startSamepoint, withViewer } from '../support/samepointServer.ts';
import type { SamepointServer } from '../support/samepointServer.ts';
import { SmallPatient } from '../support/smallPatient.ts';
import type { Attack } from './attack.ts';
import { proxyAttacks } from './proxyAttacks.ts';
import { LEGITIMATE } from './viewerRequests.ts';

const GROUPS = proxyAttacks(process.env['SAMEPOINT_SECURITY'] === 'full' ? 'full' : 'short');
const NAMED = GROUPS.map(({ reason, attacks }) => [reason, attacks] as const);
/** Connections that are open at a time. */
const AT_A_TIME = 8;
/** What the reverse proxy may make of an attack: a request like any other. Nginx removes the host from absolute forms. */
const HARMLESS = 'GET /dicom-web/studies';

function portOf(server: SamepointServer): number {
  return Number(new URL(server.url).port);
}

function settings(root: string): Parameters<typeof startSamepoint>[0] {
  const [version = ''] = viewerVersions();
  return { dicomweb: { root }, http: { trustProxyHops: 1, port: 0 }, ...withViewer(version) };
}

/** The attacks that got an answer which a request to /dicom-web must not get. */
async function answered(port: number, attacks: readonly Attack[]): Promise<string[]> {
  const wrong: string[] = [];
  for (let first = 0; first < attacks.length; first += AT_A_TIME) {
    const batch = attacks.slice(first, first + AT_A_TIME);
    await Promise.all(
      batch.map(async (attack) => {
        const { status, text } = await sendRaw(port, attack);
        const isRefused = status === 0 || status >= 400;
        // Another spelling of the path is a page of the viewer.
        const isPage = status === 200 && text.includes('<title>OHIF Viewer</title>');
        const mayBePage = !/^\/dicom-web(?:[/?]|$)/.test(attack.target);
        if (!isRefused && !(mayBePage && isPage)) wrong.push(`${attack.method} ${attack.target}: ${status}`);
      }),
    );
  }
  return wrong;
}

test('the list is long enough', () => {
  const targets = GROUPS.flatMap(({ attacks }) => attacks.map(({ target }) => target));
  expect(new Set(targets).size).toBeGreaterThanOrEqual(200);
});

describe('a PACS that records its requests', () => {
  let pacs: RecordingPacs;
  let server: SamepointServer;

  beforeAll(async () => {
    pacs = await RecordingPacs.start();
    server = await startSamepoint(settings(pacs.root));
  });
  beforeEach(() => {
    pacs.requests = [];
  });
  afterAll(async () => {
    await server.stop();
    await pacs.stop();
  });

  test.each(NAMED)('is not reached by %s', async (_reason, attacks) => {
    expect(await answered(portOf(server), attacks)).toEqual([]);
    expect(pacs.requests).toEqual([]);
  });

  test.each(LEGITIMATE)('receives %s unchanged', async (target) => {
    const raw = { method: 'GET', target: `/dicom-web${target}`, headers: [], body: '' };
    const { status, text } = await sendRaw(portOf(server), raw);
    expect(status).toBe(200);
    expect(text).toContain('["PACS"]');
    expect(pacs.requests).toEqual([`GET /dicom-web${target}`]);
  });

  describeWith(['nginx'], 'behind nginx', () => {
    let nginx: Nginx;
    beforeAll(async () => {
      nginx = await startNginx(server.url, SNIPPET_FOR_ALL);
    });
    afterAll(() => nginx.stop());

    test.each(NAMED)('is not reached by %s', async (reason, attacks) => {
      const wrong = await answered(nginx.port, attacks);
      const isOfForm = reason.startsWith('targets in absolute form');
      expect(wrong.filter((attack) => !(isOfForm && attack.endsWith('/dicom-web/studies: 200')))).toEqual([]);
      expect(pacs.requests.filter((request) => !(isOfForm && request === HARMLESS))).toEqual([]);
    });

    test.each(LEGITIMATE)('receives %s unchanged', async (target) => {
      const raw = { method: 'GET', target: `/dicom-web${target}`, headers: [], body: '' };
      expect((await sendRaw(nginx.port, raw)).status).toBe(200);
      expect(pacs.requests).toEqual([`GET /dicom-web${target}`]);
    });
  });
});

describeWith(['orthanc', 'nginx'], 'Orthanc', () => {
  let orthanc: Orthanc;
  let server: SamepointServer;
  let nginx: Nginx;

  beforeAll(async () => {
    orthanc = await startOrthanc();
    server = await startSamepoint(settings(orthanc.dicomweb.root));
    nginx = await startNginx(server.url, SNIPPET_FOR_ALL);
  });
  afterAll(async () => {
    await nginx.stop();
    await server.stop();
    await orthanc.stop();
  });

  const statistics = async (): Promise<unknown> =>
    (await fetch(new URL('/statistics', orthanc.dicomweb.root))).json();

  test.each([
    ['the server', () => server.url],
    ['nginx', () => `http://127.0.0.1:${nginx.port}`],
  ])('is written, searched and read through %s like without it', async (_name, url) => {
    const through = new Dicomweb(`${url()}/dicom-web`);
    const series = await new SmallPatient(through).storeCurrent();
    const path = `studies/${series.studyInstanceUid}/series/${series.seriesInstanceUid}`;
    const instances = await through.search(`${path}/instances`);
    expect(instances).toEqual(await orthanc.dicomweb.search(`${path}/instances`));
    const sop = uidOf(instances[0]!, '00080018');
    const read = async (root: string, below: string, accept: string): Promise<Buffer> => {
      const response = await fetch(`${root}/${path}/${below}`, { headers: { accept } });
      expect(response.status).toBe(200);
      return Buffer.from(await response.arrayBuffer());
    };
    // Boundaries differ from answer to answer.
    const png = await read(through.root, `instances/${sop}/rendered`, 'image/png');
    expect(png.equals(await read(orthanc.dicomweb.root, `instances/${sop}/rendered`, 'image/png'))).toBe(
      true,
    );
    const frames = await read(
      through.root,
      `instances/${sop}/frames/1`,
      'multipart/related; type="application/octet-stream"',
    );
    expect(frames.length).toBeGreaterThan(1000);
    expect(
      JSON.parse((await read(through.root, 'metadata', 'application/dicom+json')).toString()),
    ).toHaveLength(instances.length);
    const { studyInstanceUid, seriesInstanceUid } = series;
    const file = await through.instance(studyInstanceUid, seriesInstanceUid, sop);
    expect(
      Buffer.from(file).equals(await orthanc.dicomweb.instance(studyInstanceUid, seriesInstanceUid, sop)),
    ).toBe(true);
  });

  test.each(NAMED)('keeps what it has under %s', async (reason, attacks) => {
    const before = await statistics();
    const isOfForm = reason.startsWith('targets in absolute form');
    expect(await answered(portOf(server), attacks)).toEqual([]);
    const wrong = await answered(nginx.port, attacks);
    expect(wrong.filter((attack) => !(isOfForm && attack.endsWith('/dicom-web/studies: 200')))).toEqual([]);
    expect(await statistics()).toEqual(before);
  });

  test('keeps the study that a GET of another page wants to delete', async () => {
    const series = await new SmallPatient(orthanc.dicomweb).storeCurrent();
    const target = `/dicom-web/studies/${series.studyInstanceUid}?_method=DELETE`;
    const { status } = await sendRaw(portOf(server), { method: 'GET', target, headers: [], body: '' });
    expect(status).toBe(404);
    expect(await orthanc.dicomweb.countInstances(series.studyInstanceUid)).toBeGreaterThan(0);
  });
});

describe('the embedded archive', () => {
  const folder = temporaryFolder('archive');
  let server: SamepointServer;

  beforeAll(async () => {
    server = await startSamepoint({ archive: { directory: join(folder, 'archive') } });
  });
  afterAll(async () => {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  test.each(NAMED)('is not reached by %s', async (_reason, attacks) => {
    expect(await answered(portOf(server), attacks)).toEqual([]);
  });

  test('answers searches with headers that keep its answers data', async () => {
    const response = await fetch(`${server.url}/dicom-web/studies`);
    expect(await response.json()).toEqual([]);
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(response.headers.get('cross-origin-resource-policy')).toBe('same-origin');
  });
});
