/**
 * A bucket of S3, or of what speaks its protocol. An object is replaced as a whole, so that a reader sees the old one, the new one or
 * none. Nothing is removed for its age here: that is for a lifecycle rule of the bucket.
 * @module
 */
import { Readable } from 'node:stream';
import { setTimeout as pause } from 'node:timers/promises';
import type * as AwsSdk from '@aws-sdk/client-s3';
import { SamepointError } from '../errors/index.ts';
import { isEntryName } from './store.ts';
import type { PutOutcome, Store, StoredFile } from './store.ts';

/** Where the bucket is. */
export interface BucketSettings {
  readonly bucket: string;
  /** Begins the name of every object. */
  readonly keyPrefix: string;
  readonly region: string;
  /** Root of the server; that of AWS for the region where absent. */
  readonly endpoint?: string | undefined;
  /** The bucket is part of the path, not of the host name: most servers that are not AWS need it. */
  readonly forcePathStyle: boolean;
  /** Those of the environment (AWS_ACCESS_KEY_ID, role of the machine) where absent. */
  readonly credentials?: { readonly accessKeyId: string; readonly secretAccessKey: string } | undefined;
}

type Sdk = typeof AwsSdk;

const CONNECT_TIMEOUT_MS = 5_000;
/** Pause of the server within an answer, ms. */
const SOCKET_TIMEOUT_MS = 30_000;
/** The SDK waits longer between them, up to 20 s. */
const ATTEMPTS = 3;
/** Pause before a file is written again, ms; twice as long before the third attempt. */
const PAUSE_MS = 500;

function silent(): void {
  // What the client of S3 says of its attempts.
}
/** Errors are ours to report. */
const SILENT = { trace: silent, debug: silent, info: silent, warn: silent, error: silent };

const SYSTEM_CODE = /\bE[A-Z]{4,}\b/;
/** Names of errors that say nothing. */
const NAMELESS: ReadonlySet<string> = new Set(['Unknown', 'UnknownError', '400', '403']);

/** What is wrong, in the words of the server or of the system; no address, no credentials. */
function wordsFor(cause: unknown): string {
  if (!(cause instanceof Error)) return 'unknown';
  // The SDK wraps errors of the system; their messages hold addresses, their codes do not.
  const code = SYSTEM_CODE.exec(cause.message)?.[0];
  if (code !== undefined) return code;
  if (cause.name === 'Error') return cause.message.split('\n', 1)[0] ?? '';
  if (!NAMELESS.has(cause.name)) return cause.name;
  // The answer to a HEAD request has no body.
  const { $metadata } = cause as { $metadata?: { httpStatusCode?: number } };
  return `HTTP ${$metadata?.httpStatusCode ?? 'error'}`;
}

function isAbsent(cause: unknown): boolean {
  return cause instanceof Error && ['NoSuchKey', 'NotFound'].includes(cause.name);
}

function notStored(bytes: number, cause: unknown): PutOutcome {
  const fields = { bytes, problem: wordsFor(cause) };
  return { stored: false, warning: new SamepointError('embedding/cache-write-failed', fields, { cause }) };
}

/** The bytes of an answer, from its beginning. */
function fillFrom(body: Readable): StoredFile['fill'] {
  const pieces = body[Symbol.asyncIterator]() as AsyncIterator<Uint8Array>;
  let rest: Uint8Array = new Uint8Array();
  return async (part) => {
    for (let done = 0; done < part.length;) {
      if (rest.length === 0) {
        const next = await pieces.next();
        if (next.done === true) throw new RangeError('the object has become shorter');
        rest = next.value;
      }
      const count = Math.min(rest.length, part.length - done);
      part.set(rest.subarray(0, count), done);
      rest = rest.subarray(count);
      done += count;
    }
  };
}

/** Objects by name. */
export class Bucket implements Store {
  readonly #settings: BucketSettings;
  #open: { readonly sdk: Sdk; readonly client: AwsSdk.S3Client } | undefined;

  constructor(settings: BucketSettings) {
    this.#settings = settings;
  }

  /** What lies in the bucket is for the bucket to know. */
  get diskBytes(): number {
    return 0;
  }

  async open(): Promise<void> {
    // Half a second of a start, which only servers with a bucket need.
    const sdk = await import('@aws-sdk/client-s3');
    const { region, endpoint, forcePathStyle, credentials } = this.#settings;
    const client = new sdk.S3Client({
      ...{ region, forcePathStyle, maxAttempts: ATTEMPTS, logger: SILENT },
      ...(endpoint === undefined ? {} : { endpoint }),
      ...(credentials === undefined ? {} : { credentials }),
      requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SOCKET_TIMEOUT_MS },
      // Our files have a digest of their own; servers that are not AWS refuse the checksums of new clients.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    });
    this.#open = { sdk, client };
    await this.probe();
  }

  async probe(): Promise<void> {
    const { sdk, client } = this.#parts('');
    try {
      await client.send(new sdk.HeadBucketCommand({ Bucket: this.#settings.bucket }));
    } catch (cause) {
      throw new SamepointError('store/unusable', { problem: wordsFor(cause) }, { cause });
    }
  }

  #parts(name: string): {
    readonly sdk: Sdk;
    readonly client: AwsSdk.S3Client;
    readonly object: { readonly Bucket: string; readonly Key: string };
  } {
    if (this.#open === undefined) throw new Error('the bucket is not open');
    const { bucket, keyPrefix } = this.#settings;
    return { ...this.#open, object: { Bucket: bucket, Key: `${keyPrefix}${name}` } };
  }

  async touch(): Promise<void> {
    // Objects carry no time of their use.
  }

  async read<T>(name: string, use: (file: StoredFile) => Promise<T>): Promise<T | undefined> {
    const { sdk, client, object } = this.#parts(name);
    let body: Readable | undefined;
    try {
      const answer = await client.send(new sdk.GetObjectCommand(object));
      // In Node the body of an answer is a stream of Node.
      body = answer.Body as Readable;
      const file = {
        size: answer.ContentLength ?? 0,
        fill: fillFrom(body),
        discard: () => this.remove(name),
      };
      return await use(file);
    } catch (error) {
      if (isAbsent(error)) return undefined;
      throw error;
    } finally {
      body?.destroy();
    }
  }

  async has(name: string): Promise<boolean> {
    const { sdk, client, object } = this.#parts(name);
    try {
      await client.send(new sdk.HeadObjectCommand(object));
      return true;
    } catch (error) {
      if (isAbsent(error)) return false;
      throw error;
    }
  }

  async names(): Promise<readonly string[]> {
    const { sdk, client } = this.#parts('');
    const { bucket: Bucket, keyPrefix: Prefix } = this.#settings;
    const pages = sdk.paginateListObjectsV2({ client }, { Bucket, Prefix });
    const names: string[] = [];
    for await (const { Contents = [] } of pages)
      names.push(...Contents.map(({ Key = '' }) => Key.slice(Prefix.length)));
    return names.filter(isEntryName);
  }

  async write(name: string, parts: readonly Uint8Array[]): Promise<PutOutcome> {
    const bytes = parts.reduce((sum, part) => sum + part.length, 0);
    for (let attempt = 1; ; attempt += 1) {
      try {
        const { sdk, client, object } = this.#parts(name);
        // The SDK repeats no request whose body is a stream.
        const body = Readable.from(parts, { objectMode: false });
        await client.send(new sdk.PutObjectCommand({ ...object, Body: body, ContentLength: bytes }));
        return { stored: true };
      } catch (cause) {
        if (attempt === ATTEMPTS) return notStored(bytes, cause);
        await pause(attempt * PAUSE_MS);
      }
    }
  }

  async remove(name: string): Promise<void> {
    const { sdk, client, object } = this.#parts(name);
    await client.send(new sdk.DeleteObjectCommand(object)).catch(() => undefined);
  }

  close(): Promise<void> {
    this.#open?.client.destroy();
    return Promise.resolve();
  }
}
