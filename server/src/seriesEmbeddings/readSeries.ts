/**
 * A granted series, read from the PACS as a volume.
 * @module
 */
import { ReceivedInstances, requestOptions } from '../access/index.ts';
import type { Caller, GrantedSeries } from '../access/index.ts';
import type { Model } from '../model/index.ts';
import type { InstanceIdentity, Volume } from '../volume/index.ts';
import type { Ports } from '../ports/index.ts';
import type { Progress } from './types.ts';

/** Share of the fetch in the progress of one series; measured on a chest CT: about a third of the time on a CPU. */
export const FETCH_SHARE = 0.3;

/** Passes the instances on and counts them. */
async function* counted(
  instances: AsyncIterable<Uint8Array>,
  onCount: (received: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  let count = 0;
  for await (const instance of instances) {
    onCount((count += 1));
    yield instance;
  }
}

/** How reading is followed. */
interface Reading {
  readonly signal: AbortSignal;
  readonly report: (progress: Progress) => void;
  /** Called with the bytes of the volume as soon as they are known. */
  readonly onSize: (bytes: number) => void;
}

/** A series as it was read. */
interface ReadSeries {
  readonly volume: Volume;
  readonly received: ReceivedInstances;
}

/**
 * Reads a series.
 * @throws SamepointError `application/identity-mismatch`, `application/series-incomplete`, and those of `dicomweb/` and `volume/`
 */
export async function readSeries(
  { source, modules }: Pick<Ports, 'source' | 'modules'>,
  granted: GrantedSeries,
  { manifest: { input } }: Model,
  caller: Caller,
  { signal, report, onSize }: Reading,
): Promise<ReadSeries> {
  const listed = granted.sopInstanceUids.length;
  const received = new ReceivedInstances(granted);
  report({ stage: 'fetch', fraction: 0, message: 'Requesting the images from the PACS' });
  const instances = source.retrieveSeries(granted.series, requestOptions(caller, signal));
  const onCount = (count: number): void => {
    const fraction = FETCH_SHARE * Math.min(1, count / listed);
    report({ stage: 'fetch', fraction, message: `Reading image ${count} of ${Math.max(count, listed)}` });
  };
  const onInstance = (identity: InstanceIdentity): void => {
    received.add(identity);
  };
  const volume = await modules.readVolume(counted(instances, onCount), {
    signal,
    onInstance,
    onComplete: () => {
      received.requireComplete();
    },
    expectedInstances: listed,
    consumeInstances: true,
    sampling: input,
    onSize,
  });
  return { volume, received };
}
