import { Agent, fetch as fetchOfPackage } from 'undici';

/**
 * `fetch` towards the PACS, from the package undici. The one inside Node 24.21 (undici 7.29) ends the whole process with an assertion when
 * a PACS closes its connection while an answer waits to be read, which cannot be caught.
 *
 * Connections are its own: without that, the package uses those of the platform's fetch wherever that has been used before. The package
 * uses a connection again only where the PACS keeps it for more than two seconds. Orthanc keeps one for one second, and a thread with
 * each: if they were used again, a few readers would hold all its threads, and everybody else would wait.
 * @param ca certificates (PEM) by which the PACS is known, instead of those of the system
 */
export function createPacsFetch({ ca }: { readonly ca?: string } = {}): typeof globalThis.fetch {
  const dispatcher = new Agent(ca === undefined ? {} : { connect: { ca } });
  // The package declares the same interfaces as the platform under names of its own.
  return ((input: string | URL, init?: RequestInit) =>
    fetchOfPackage(input, { ...init, dispatcher } as Parameters<
      typeof fetchOfPackage
    >[1])) as unknown as typeof globalThis.fetch;
}

/** The one for a PACS that the system's certificates know. */
export const pacsFetch = createPacsFetch();
