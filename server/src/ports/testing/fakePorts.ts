/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import { MemoryBudget } from '../../admission/index.ts';
import { createRegistry } from '../../model/registry.ts';
import type { Embedding, PreviewImage } from '../../embedding/index.ts';
import type { EmbeddingKey, PutOutcome } from '../../embeddingCache/index.ts';
import type { Model } from '../../model/registry.ts';
import { SamepointError } from '../../errors/index.ts';
import type { VolumeWarning } from '../../volume/index.ts';
import type { AuditEvent, Ports } from '../ports.ts';
import type { Logger } from '../../access/index.ts';
import { FakePacs } from './fakePacs.ts';
import type { FakeSeries } from './fakePacs.ts';
import { fakeModules } from './fakeModules.ts';
import type { Gate } from './gate.ts';

function fakeModel(id: string): Model {
  const version = '1.0.0';
  const text = { title: `Model ${id}`, version, region: 'trunk', directory: `/models/${id}` };
  // Only the embedding module reads the rest of the manifest.
  return {
    id,
    ...text,
    kind: 'descriptor',
    modalities: ['CT'],
    manifest: { id, version, matching: { weights: { fine: 0.5, coarse: 0.5 } } } as Model['manifest'],
  };
}

/** What was requested of the fakes, and how to hold or break them. */
export interface FakePorts extends Ports {
  readonly source: FakePacs;
  readonly stored: Map<string, Embedding>;
  readonly fields: Map<string, Uint8Array>;
  readonly logged: { readonly level: string; readonly fields: object; readonly message: string }[];
  readonly audited: AuditEvent[];
  readonly control: {
    embedded: number;
    gate?: Gate;
    failure?: Error;
    diskFull?: boolean;
    /** By Series Instance UID. */
    warnings?: Readonly<Record<string, readonly VolumeWarning[]>>;
    /** The wall clock, ms since the epoch. */
    now: number;
    /** The monotonic clock, ms. */
    monotonic: number;
  };
}

function fakeEmbedder(control: FakePorts['control']): Ports['embedder'] {
  return {
    executionProvider: { running: 'cpu', refused: [] },
    async embed(volume, modelId = 'm1', { signal, onProgress } = {}) {
      control.embedded += 1;
      onProgress?.({ fraction: 0.5 });
      await control.gate?.pass(signal);
      if (control.failure !== undefined) throw control.failure;
      onProgress?.({ fraction: 1 });
      const { dims, voxelToLps } = volume;
      const image = {
        grid: { dims, voxelToLps },
        values: new Int16Array(dims[0] * dims[1] * dims[2]),
        scale: 1,
      };
      const warnings = control.warnings?.[volume.seriesInstanceUid] ?? [];
      return { modelId, volume: { ...volume, warnings }, maps: [], bodyMask: new Uint8Array(1), image };
    },
    embedTurned(embedding) {
      control.embedded += 1;
      return Promise.resolve({ ...embedding });
    },
  };
}

function fakeCache(
  control: FakePorts['control'],
  stored: Map<string, Embedding>,
  fields: Map<string, Uint8Array>,
): Ports['cache'] {
  const previews = new Map<string, PreviewImage>();
  return {
    get: (key) => Promise.resolve(stored.get(key)),
    put: (key, embedding) => {
      if (control.diskFull === true) {
        const fields = { problem: 'ENOSPC', bytes: 1 };
        const warning = new SamepointError('embedding/cache-write-failed', fields);
        return Promise.resolve({ stored: false, warning });
      }
      stored.set(key, embedding);
      return Promise.resolve({ stored: true });
    },
    getField: (key) => Promise.resolve(fields.get(JSON.stringify(key))),
    putField: (key, bytes) => {
      fields.set(JSON.stringify(key), bytes);
      return Promise.resolve({ stored: true });
    },
    drop: (key) => {
      stored.delete(key);
      return Promise.resolve();
    },
    getPreview: (key) => Promise.resolve(previews.get(key)),
    putPreview: (key, image) => {
      previews.set(key, image);
      return Promise.resolve({ stored: true });
    },
    keyOf: (embedding) => [...stored].find(([, one]) => one === embedding)?.[0] as EmbeddingKey | undefined,
    persist: (key) => Promise.resolve(kept(stored.has(key))),
    persistField: (key) => Promise.resolve(kept(fields.has(JSON.stringify(key)))),
  };
}

function kept(isKept: boolean): PutOutcome {
  const fields = { problem: 'ENOSPC', bytes: 1 };
  if (isKept) return { stored: true };
  return { stored: false, warning: new SamepointError('embedding/cache-write-failed', fields) };
}

/** Ports over fakes, with two models "m1" (the default) and "m2". */
export function fakePorts(series: FakeSeries[]): FakePorts {
  const control: FakePorts['control'] = { embedded: 0, now: Date.UTC(2026, 10, 23, 9), monotonic: 1_000 };
  const stored = new Map<string, Embedding>();
  const fields = new Map<string, Uint8Array>();
  const logged: { level: string; fields: object; message: string }[] = [];
  const log =
    (level: string) =>
    (fields: object, message: string): void => {
      logged.push({ level, fields, message });
    };
  const audited: AuditEvent[] = [];
  const logger: Logger = { info: log('info'), warn: log('warn'), error: log('error') };
  return {
    source: new FakePacs(series),
    models: createRegistry([fakeModel('m1'), fakeModel('m2')]),
    embedder: fakeEmbedder(control),
    memory: new MemoryBudget(Infinity),
    cache: fakeCache(control, stored, fields),
    modules: fakeModules(),
    logger,
    audit: { record: (event) => audited.push(event), problem: undefined },
    audited,
    clock: () => control.now,
    monotonic: () => control.monotonic,
    stored,
    fields,
    logged,
    control,
  };
}
