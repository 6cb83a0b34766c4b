/**
 * A server of the S3 protocol for tests: s3rver, which keeps objects in a folder. It knows the access key; it computes other signatures
 * than S3 for the bucket itself, whose path ends with a slash.
 * @module
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import S3rver from '@20minutes/s3rver';
import type { BucketSettings } from '../bucket.ts';

export const BUCKET = 'embeddings';

/** A server that can be stopped and started again with what it holds. */
export interface S3Server {
  readonly settings: BucketSettings;
  stop(): Promise<void>;
  start(): Promise<void>;
  close(): Promise<void>;
}

/** Starts a server with one bucket. */
export async function startS3(): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'samepoint-s3-'));
  const launch = async (port: number): Promise<{ readonly server: S3rver; readonly port: number }> => {
    const server = new S3rver({
      ...{ address: '127.0.0.1', port, silent: true, directory },
      allowMismatchedSignatures: true,
      configureBuckets: [{ name: BUCKET, configs: [] }],
    });
    return { server, port: (await server.run()).port };
  };
  let running: Awaited<ReturnType<typeof launch>> | undefined = await launch(0);
  const { port } = running;
  const stop = async (): Promise<void> => {
    await running?.server.close();
    running = undefined;
  };
  return {
    settings: {
      ...{ bucket: BUCKET, keyPrefix: 'samepoint/', region: 'us-east-1', forcePathStyle: true },
      endpoint: `http://127.0.0.1:${port}`,
      credentials: { accessKeyId: 'S3RVER', secretAccessKey: 'S3RVER' },
    },
    stop,
    async start() {
      running = await launch(port);
    },
    async close() {
      await stop();
      await rm(directory, { recursive: true, force: true });
    },
  };
}
