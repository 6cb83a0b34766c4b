import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { DicomJson } from '../../server/src/dicom/index.ts';
import { readInstance } from '../../server/src/archive/dataset.ts';
import { portOf } from '../../server/src/concurrency/testing/portOf.ts';

/** Which optional parts of DICOMweb (PS3.18) a PACS has, and how it answers. */
export interface PacsBehaviour {
  /** Status of a retrieval whose Accept header names a transfer syntax; undefined: it is served. */
  readonly transferSyntax?: 400 | 406 | 500 | undefined;
  /** Status of a search with `includefield`. */
  readonly includefield?: 400 | 500 | undefined;
  /** Status of a search with `limit` or `offset`. */
  readonly paging?: 400 | undefined;
  readonly metadata: 'none' | 'xml' | 'json';
  /** Answer to a store: 202 without a body, or the response of the standard. */
  readonly stored: 'nothing' | 'reference';
  /** Time until what was stored is found, ms. */
  readonly storesAfterMs: number;
  /** Behind each UID and code of an answer. */
  readonly padding: '' | ' ' | '\0';
  /** Of a multipart answer. */
  readonly lineBreak: '\r\n' | '\n';
  /** A part that is no instance behind the instances, and an empty one. */
  readonly extraParts: boolean;
  /** Status of a whole retrieval. */
  readonly retrieved: 200 | 206;
  /** SOP Instance UIDs in the file headers are others than in the data sets (coercion). */
  readonly changesHeaders: boolean;
}

/** Refuses everything that is optional, and writes the rest as oddly as some do. */
export const STRICT: PacsBehaviour = {
  transferSyntax: 406,
  includefield: 400,
  paging: 400,
  metadata: 'none',
  stored: 'nothing',
  storesAfterMs: 300,
  padding: ' ',
  lineBreak: '\n',
  extraParts: true,
  retrieved: 206,
  changesHeaders: true,
};

/** dcm4chee-arc-light as its issues describe it: no transfer syntax in Accept (#1715); metadata and answers of the standard. */
export const DCM4CHEE: PacsBehaviour = {
  transferSyntax: 406,
  metadata: 'json',
  stored: 'reference',
  storesAfterMs: 0,
  padding: '',
  lineBreak: '\r\n',
  extraParts: false,
  retrieved: 200,
  changesHeaders: false,
};

/** What the PACS holds of one instance. */
interface Held {
  readonly part10: Buffer;
  readonly study: string;
  readonly series: string;
  readonly sop: string;
  readonly metadata: DicomJson;
}

const BOUNDARY = 'strict-pacs';
const TAGS = { sopClass: '00080016', sop: '00080018', modality: '00080060', study: '0020000D' } as const;
const SERIES = '0020000E';
const PATIENT_ID = '00100020';
const INSTANCES_IN_SERIES = '00201209';
/** Attributes of a search answer (PS3.18 10.6.3.3) by level. */
const ANSWERED = {
  studies: [TAGS.study, PATIENT_ID, '00100010', '00080020'],
  series: [TAGS.study, SERIES, TAGS.modality],
  instances: [TAGS.study, SERIES, TAGS.sop, TAGS.sopClass, '00200013'],
} as const;

/** A PACS for tests that has QIDO-RS, WADO-RS and STOW-RS below roots of their own, and as little as a behaviour says. */
export class StrictPacs {
  readonly #behaviour: PacsBehaviour;
  readonly #server: Server;
  readonly #held: Held[] = [];
  /** Path and query of every request, and the status of its answer. */
  readonly requests: { readonly url: string; readonly status: number }[] = [];

  private constructor(behaviour: PacsBehaviour) {
    this.#behaviour = behaviour;
    this.#server = createServer((request, response) => {
      this.#serve(request, response);
    });
  }

  static async start(behaviour: PacsBehaviour = STRICT): Promise<StrictPacs> {
    const pacs = new StrictPacs(behaviour);
    pacs.#server.listen(0, '127.0.0.1');
    await new Promise((resolve) => pacs.#server.once('listening', resolve));
    return pacs;
  }

  /** Keys of the section `dicomweb` of the server's configuration. */
  get roots(): { readonly qidoRoot: string; readonly wadoRoot: string; readonly stowRoot: string } {
    const origin = `http://127.0.0.1:${portOf(this.#server)}`;
    return { qidoRoot: `${origin}/qido-rs`, wadoRoot: `${origin}/wado-rs`, stowRoot: `${origin}/stow-rs` };
  }

  /** Puts files into the archive, as a modality does: not over DICOMweb. */
  store(files: Iterable<Uint8Array>): Promise<void> {
    for (const file of files) this.#keep(Buffer.from(file));
    return Promise.resolve();
  }

  /** The files of a modality in a study. */
  filesOf(study: string, modality: string): readonly Uint8Array[] {
    return this.#held
      .filter((one) => one.study === study && textOf(one.metadata, TAGS.modality) === modality)
      .map(({ part10 }) => part10);
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #keep(part10: Buffer): void {
    const { studyInstanceUid, seriesInstanceUid, sopInstanceUid, metadata } = readInstance(part10);
    const held = { study: studyInstanceUid, series: seriesInstanceUid, sop: sopInstanceUid };
    this.#held.push({ part10, ...held, metadata });
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    response.once('finish', () => {
      this.requests.push({ url: request.url ?? '', status: response.statusCode });
    });
    const { pathname, searchParams } = new URL(request.url ?? '', 'http://pacs');
    const [, service = '', ...path] = pathname.split('/');
    const { method } = request;
    if (service === 'qido-rs' && method === 'GET') this.#search(path, searchParams, response);
    else if (service === 'wado-rs' && method === 'GET') this.#retrieve(path, request, response);
    else if (service === 'stow-rs' && method === 'POST') this.#receive(request, response);
    else response.writeHead(400).end('Bad Request');
  }

  #search(path: readonly string[], query: URLSearchParams, response: ServerResponse): void {
    const { includefield, paging } = this.#behaviour;
    const level = path.at(-1);
    if (includefield !== undefined && query.has('includefield')) response.writeHead(includefield).end();
    else if (paging !== undefined && (query.has('limit') || query.has('offset')))
      response.writeHead(paging).end();
    else if (level !== 'studies' && level !== 'series' && level !== 'instances')
      response.writeHead(400).end('Bad Request');
    else {
      const rows = this.#rows(path, level, query).slice(Number(query.get('offset') ?? 0));
      if (rows.length === 0) response.writeHead(204).end();
      else json(response, rows.slice(0, Number(query.get('limit') ?? rows.length)));
    }
  }

  #rows(path: readonly string[], level: keyof typeof ANSWERED, query: URLSearchParams): DicomJson[] {
    const [, study = query.get('StudyInstanceUID'), , series = query.get('SeriesInstanceUID')] = path;
    const modality = query.get('Modality');
    const found = this.#held.filter(
      (one) =>
        (study === null || one.study === study) &&
        (series === null || one.series === series) &&
        (modality === null || textOf(one.metadata, TAGS.modality) === modality),
    );
    const key = { studies: 'study', series: 'series', instances: 'sop' } as const;
    return [...new Map(found.map((one) => [one[key[level]], one])).values()].map(({ metadata, ...of }) => {
      const wanted = ANSWERED[level].flatMap((tag) => {
        const element = metadata[tag];
        return element === undefined ? [] : [[tag, element] as const];
      });
      const count = found.filter((one) => one.series === of.series).length;
      const row = {
        ...Object.fromEntries(wanted),
        ...(level === 'series' ? { [INSTANCES_IN_SERIES]: { vr: 'IS', Value: [count] } } : {}),
      };
      return this.#padded(row);
    });
  }

  /** UIDs and codes with their padding (PS3.5 6.2), as in a file. */
  #padded(json: DicomJson): DicomJson {
    const { padding } = this.#behaviour;
    return Object.fromEntries(
      Object.entries(json).map(([tag, { vr, Value, ...others }]) => {
        const isPadded = (vr === 'UI' || vr === 'CS') && Value !== undefined;
        const values = isPadded ? Value.map((value) => `${String(value)}${padding}`) : Value;
        return [tag, { vr, ...others, ...(values === undefined ? {} : { Value: values }) }];
      }),
    );
  }

  #retrieve(path: readonly string[], { headers }: IncomingMessage, response: ServerResponse): void {
    const { transferSyntax, metadata } = this.#behaviour;
    const isMetadata = path.at(-1) === 'metadata';
    const [, study, , series, , sop] = isMetadata ? path.slice(0, -1) : path;
    const found = this.#held.filter(
      (one) => one.study === study && one.series === series && (sop === undefined || one.sop === sop),
    );
    const named = (headers.accept ?? '').includes('transfer-syntax');
    if (found.length === 0 || (isMetadata && metadata === 'none')) response.writeHead(404).end();
    else if (isMetadata && metadata === 'xml')
      response
        .writeHead(200, { 'content-type': `multipart/related; type="application/dicom+xml"; boundary=x` })
        .end('--x\r\n\r\n<NativeDicomModel/>\r\n--x--');
    else if (isMetadata)
      json(
        response,
        found.map((one) => this.#padded(one.metadata)),
      );
    else if (named && transferSyntax !== undefined) response.writeHead(transferSyntax).end();
    else this.#send(found, response);
  }

  #send(found: readonly Held[], response: ServerResponse): void {
    const { lineBreak, extraParts, retrieved, changesHeaders } = this.#behaviour;
    const part = (type: string, body: Buffer | string): (Buffer | string)[] => [
      `--${BOUNDARY}${lineBreak}Content-Type: ${type}${lineBreak}${lineBreak}`,
      body,
      lineBreak,
    ];
    const parts = found.flatMap(({ part10 }) =>
      part('application/dicom', changesHeaders ? withOtherHeader(part10) : part10),
    );
    const extra = extraParts ? [...part('application/dicom', ''), ...part('application/json', '{}')] : [];
    const all = [...parts, ...extra, `--${BOUNDARY}--${lineBreak}`].map((one) => Buffer.from(one));
    const type = `multipart/related; start="<1>"; boundary="${BOUNDARY}"; type=application/dicom`;
    response.writeHead(retrieved, { 'content-type': type }).end(Buffer.concat(all));
  }

  #receive(request: IncomingMessage, response: ServerResponse): void {
    const { stored, storesAfterMs } = this.#behaviour;
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const part10 = onlyPart(Buffer.concat(chunks));
      setTimeout(() => {
        this.#keep(part10);
      }, storesAfterMs).unref();
      const { sopClassUid, sopInstanceUid } = readInstance(part10);
      const item = {
        '00081150': { vr: 'UI', Value: [sopClassUid] },
        '00081155': { vr: 'UI', Value: [sopInstanceUid] },
      };
      if (stored === 'nothing') response.writeHead(202).end();
      else json(response, { '00081199': { vr: 'SQ', Value: [this.#padded(item)] } });
    });
  }
}

function json(response: ServerResponse, body: unknown): void {
  response.writeHead(200, { 'content-type': 'application/dicom+json' }).end(JSON.stringify(body));
}

function textOf(metadata: DicomJson, tag: string): string {
  const [value] = metadata[tag]?.Value ?? [];
  return typeof value === 'string' ? value : '';
}

/** Media Storage SOP Instance UID (0002,0003) with its VR; then two bytes of length. */
const HEADER_UID = Buffer.from('\x02\x00\x03\x00UI', 'latin1');

/** The same UID in the header of every file: what an archive keeps there when it gives its instances new ones. */
function withOtherHeader(part10: Buffer): Buffer {
  const changed = Buffer.from(part10);
  const at = changed.indexOf(HEADER_UID) + HEADER_UID.length;
  const length = changed.readUInt16LE(at);
  changed.fill('1', at + 2, at + 2 + length);
  changed.write('1.2.', at + 2, 'latin1');
  return changed;
}

/** The only part of a request to store. */
function onlyPart(body: Buffer): Buffer {
  const start = body.indexOf('\r\n\r\n') + 4;
  const boundary = body.subarray(body.indexOf('--'), body.indexOf('\r\n', body.indexOf('--')));
  return Buffer.from(
    body.subarray(start, body.indexOf(Buffer.concat([Buffer.from('\r\n'), boundary]), start)),
  );
}
