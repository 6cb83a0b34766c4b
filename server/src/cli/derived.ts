import { VERSION } from '../composition/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Volume } from '../volume/index.ts';
import { derivedInstances, sourceSlices } from '../warp/index.ts';
import type { DerivedSeries, Registration } from '../warp/index.ts';
import type { EmbeddedPair, FilePair } from './embeddedPair.ts';
import type { FilesInput } from '../workbench/index.ts';
import { readHeaderOf } from '../workbench/index.ts';
import type { OutputFolder } from './outputFolder.ts';

/** Where derived instances are written. */
const FOLDER = 'dicom';

/**
 * The folders of both series.
 * @throws SamepointError register/needs-dicom
 */
export function requireDicom({ fixed, moving }: FilePair): readonly [fixed: string, moving: string] {
  return [folderOf(fixed), folderOf(moving)];
}

function folderOf(input: FilesInput): string {
  if (input.kind === 'folder') return input.path;
  throw new SamepointError('register/needs-dicom', { input: input.path });
}

/** What a series is derived from. */
export interface DerivedFrom {
  readonly pair: FilePair;
  readonly embedded: EmbeddedPair;
  readonly moving: Volume;
  readonly field: Registration['field'];
}

/** What a derived series says of itself. */
export type Description = Pick<
  DerivedSeries,
  'derivations' | 'imageType' | 'seriesDescription' | 'derivationDescription' | 'padding' | 'window'
>;

/** Writes a derived series, a file per slice. @returns the folder */
export async function writeDerived(
  output: OutputFolder,
  { pair, embedded, moving, field }: DerivedFrom,
  description: Description,
  slices: Iterable<Int16Array>,
): Promise<string> {
  const [fixedFolder, movingFolder] = requireDicom(pair);
  const fixed = embedded.query.volume;
  const series = {
    ...description,
    fixed,
    moving,
    fixedHeader: await readHeaderOf(fixedFolder, fixed.slices[0]?.sopInstanceUid ?? ''),
    movingHeader: await readHeaderOf(movingFolder, moving.slices[0]?.sopInstanceUid ?? ''),
    sourcesOf: sourceSlices(fixed, moving, field),
    softwareVersion: VERSION,
    now: new Date(),
  };
  let number = 0;
  for (const part10 of derivedInstances(series, slices)) {
    number++;
    await output.bytes(`${FOLDER}/${String(number).padStart(4, '0')}.dcm`, part10);
  }
  return FOLDER;
}
