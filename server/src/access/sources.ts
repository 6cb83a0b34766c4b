/**
 * The PACS by their names. A reference from outside names a source of the configuration, never an address; inside, each reference
 * names its source, and in a server with one PACS none does.
 * @module
 */
import type { DicomwebSource, SeriesRef } from '../dicomweb/index.ts';
import { SamepointError } from '../errors/index.ts';
import type { Caller } from './types.ts';

/** One of several PACS. */
export interface NamedSource {
  readonly name: string;
  readonly client: DicomwebSource;
  /** Names of the data sources of OHIF that show it. */
  readonly ohifDataSources: readonly string[];
}

/** The name of the only PACS: references inside do not carry it, so that keys of embeddings stay what they were. */
export const ONLY_SOURCE = 'default';

/** The PACS of an application. */
export interface Sources {
  /** Every source; the first one is that of references that name none. */
  readonly all: readonly NamedSource[];
  /**
   * The name that references inside carry; undefined for {@link ONLY_SOURCE}.
   * @param dataSource of the viewer, for references that name no source; one that no source shows counts as none
   * @throws SamepointError `application/unknown-source`
   */
  canonical(name: string | undefined, dataSource?: string): string | undefined;
  /** @param name a canonical one. @throws Error where it is none */
  client(name: string | undefined): DicomwebSource;
}

/** Sources in the order of the configuration. */
export function createSources(all: readonly NamedSource[]): Sources {
  const inside = (name: string): string | undefined => (name === ONLY_SOURCE ? undefined : name);
  const clients = new Map(all.map(({ name, client }) => [inside(name), client]));
  return {
    all,
    canonical(name, dataSource) {
      const found = name === undefined ? shownIn(all, dataSource) : all.find((one) => one.name === name);
      if (found === undefined)
        throw new SamepointError('application/unknown-source', { available: all.map((one) => one.name) });
      return inside(found.name);
    },
    client(name) {
      const found = clients.get(name);
      if (found === undefined) throw new Error('a reference names no configured source');
      return found;
    },
  };
}

/** The source that a data source of OHIF shows, else the first one. */
function shownIn(all: readonly NamedSource[], dataSource: string | undefined): NamedSource | undefined {
  const shown = all.find(
    ({ ohifDataSources }) => dataSource !== undefined && ohifDataSources.includes(dataSource),
  );
  return shown ?? all[0];
}

/** A reference whose source is named as references inside name it. */
export function canonicalRef<R extends Pick<SeriesRef, 'source'>>(
  { source, ...ref }: R,
  sources: Sources,
  { dataSource }: Pick<Caller, 'dataSource'> = {},
): R {
  const name = sources.canonical(source, dataSource);
  return { ...ref, ...(name === undefined ? {} : { source: name }) } as R;
}

/** Two UIDs and the source: what distinguishes series. */
export function seriesKey({ source = '', studyInstanceUid, seriesInstanceUid }: SeriesRef): string {
  return `${source} ${studyInstanceUid} ${seriesInstanceUid}`;
}
