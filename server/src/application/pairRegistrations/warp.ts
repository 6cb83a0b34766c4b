/**
 * The moving series of a registered pair on the grid of the fixed one. Its voxels are retrieved with the caller's own credentials, and
 * nothing of them is kept.
 * @module
 */
import { ReceivedInstances, requestOptions } from '../../access/index.ts';
import type { Access, Caller, GrantedSeries } from '../../access/index.ts';
import type { Volume } from '../../volume/index.ts';
import { withVolumeMemory } from '../../admission/index.ts';
import type { Ports } from '../../ports/index.ts';
import type { PairRegistration, WarpOptions } from './types.ts';

/** What resampling needs of the rest of the application. */
export interface WarpParts extends Pick<Ports, 'source' | 'memory'> {
  readonly access: Access;
  readonly modules: Pick<Ports['modules'], 'readVolume' | 'warpSeries'>;
}

/** The voxels as they were read, and where threads share them. */
const COPIES = 2;

/**
 * Resamples the moving series while `send` sends it.
 * @throws SamepointError `application/series-needs-memory` where its voxels do not fit in the memory of the server, `volume/`, `dicomweb/`
 */
export async function sendWarped(
  { query, target, registration: { field }, fixed, moving }: PairRegistration,
  caller: Caller,
  { access, memory, modules, source }: WarpParts,
  { signal = new AbortController().signal, send }: WarpOptions,
): Promise<void> {
  const granted = await access.grant(target, caller, signal);
  const options = requestOptions(caller, signal);
  const [first] = fixed.slices;
  await withVolumeMemory(memory, granted.sopInstanceUids.length, signal, async (onSize) => {
    const volume = await readWhole(granted, caller, { modules, source }, signal, (bytes) => {
      onSize(COPIES * bytes);
    });
    await send({
      moving: volume,
      slices: modules.warpSeries({ fixed, moving: volume, field, signal }),
      headers: async () => ({
        fixedHeader: await source.retrieveInstanceMetadata(query, first?.sopInstanceUid ?? '', options),
        movingHeader: await source.retrieveInstanceMetadata(
          target,
          moving.slices[0]?.sopInstanceUid ?? '',
          options,
        ),
      }),
    });
  });
}

async function readWhole(
  granted: GrantedSeries,
  caller: Caller,
  { modules, source }: Pick<WarpParts, 'modules' | 'source'>,
  signal: AbortSignal,
  onSize: (bytes: number) => void,
): Promise<Volume> {
  const received = new ReceivedInstances(granted);
  return await modules.readVolume(source.retrieveSeries(granted.series, requestOptions(caller, signal)), {
    signal,
    onInstance: (identity) => {
      received.add(identity);
    },
    onComplete: () => {
      received.requireComplete();
    },
    expectedInstances: granted.sopInstanceUids.length,
    consumeInstances: true,
    onSize,
  });
}
