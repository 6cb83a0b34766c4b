import { randomUUID } from 'node:crypto';

/** Elements of the DICOM JSON model that the tests read. */
export type DicomJson = Readonly<Record<string, { readonly Value?: readonly unknown[] } | undefined>>;

/** Files that are sent in one request: a request of some ten megabytes. */
const FILES_PER_REQUEST = 25;

/**
 * A DICOMweb client of the tests' own, deliberately not the server's: an independent client checks what the server wrote.
 */
export class Dicomweb {
  readonly root: string;

  constructor(root: string) {
    this.root = root;
  }

  /** Stores Part 10 files (STOW-RS, PS3.18 10.5). */
  async store(files: Iterable<Uint8Array>): Promise<void> {
    let batch: Uint8Array[] = [];
    for (const file of files) {
      batch.push(file);
      if (batch.length < FILES_PER_REQUEST) continue;
      await this.#storeBatch(batch);
      batch = [];
    }
    if (batch.length > 0) await this.#storeBatch(batch);
  }

  async #storeBatch(files: readonly Uint8Array[]): Promise<void> {
    const boundary = randomUUID();
    const parts = files.flatMap((file) => [
      Buffer.from(`--${boundary}\r\nContent-Type: application/dicom\r\n\r\n`),
      file,
      Buffer.from('\r\n'),
    ]);
    const response = await fetch(`${this.root}/studies`, {
      method: 'POST',
      headers: {
        'Content-Type': `multipart/related; type="application/dicom"; boundary=${boundary}`,
        Accept: 'application/dicom+json',
      },
      body: Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)]),
    });
    if (response.status !== 200)
      throw new Error(`STOW answered ${response.status}: ${await response.text()}`);
  }

  /** Searches (QIDO-RS), e.g. `search('studies/1.2/series', {Modality: 'SR'})`. */
  async search(path: string, query: Readonly<Record<string, string>> = {}): Promise<readonly DicomJson[]> {
    const response = await fetch(`${this.root}/${path}?${new URLSearchParams(query)}`, {
      headers: { Accept: 'application/dicom+json' },
    });
    if (response.status === 204) return [];
    if (response.status !== 200) throw new Error(`QIDO answered ${response.status} for ${path}`);
    return (await response.json()) as readonly DicomJson[];
  }

  /** Retrieves one Part 10 file (WADO-RS). */
  async instance(study: string, series: string, sopInstanceUid: string): Promise<Uint8Array> {
    const path = `studies/${study}/series/${series}/instances/${sopInstanceUid}`;
    const response = await fetch(`${this.root}/${path}`, {
      headers: { Accept: 'multipart/related; type="application/dicom"; transfer-syntax=*' },
    });
    if (response.status !== 200) throw new Error(`WADO answered ${response.status} for ${path}`);
    return onlyPart(Buffer.from(await response.arrayBuffer()));
  }

  /** Every instance of a modality in a study. */
  async instancesOf(study: string, modality: string): Promise<Uint8Array[]> {
    const series = await this.search(`studies/${study}/series`, { Modality: modality });
    const files: Uint8Array[] = [];
    for (const found of series) {
      const seriesUid = uidOf(found, '0020000E');
      for (const instance of await this.search(`studies/${study}/series/${seriesUid}/instances`)) {
        files.push(await this.instance(study, seriesUid, uidOf(instance, '00080018')));
      }
    }
    return files;
  }

  /** Number of instances in a study; 0 where it is unknown. */
  async countInstances(study: string): Promise<number> {
    return (await this.search(`studies/${study}/instances`)).length;
  }
}

/** The first value of an element as text. */
export function uidOf(dataset: DicomJson, tag: string): string {
  const [value] = dataset[tag]?.Value ?? [];
  return typeof value === 'string' ? value : '';
}

/** The body of the single part of a multipart answer. */
function onlyPart(body: Buffer): Uint8Array {
  const boundaryEnd = body.indexOf('\r\n');
  const boundary = body.subarray(0, boundaryEnd);
  const start = body.indexOf('\r\n\r\n') + 4;
  const end = body.indexOf(Buffer.concat([Buffer.from('\r\n'), boundary]), start);
  return body.subarray(start, end);
}
