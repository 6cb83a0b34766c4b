import { Agent, fetch as fetchOfPackage } from 'undici';

/** Connections of its own: without one, the package uses those of the platform's fetch wherever that has been used before. */
const dispatcher = new Agent();

/**
 * `fetch` towards the PACS, from the package undici. The one inside Node 24.21 (undici 7.29) ends the whole process with an assertion when
 * a PACS closes its connection while an answer waits to be read, which cannot be caught.
 *
 * The package declares the same interfaces as the platform under names of its own.
 */
export const pacsFetch = ((input: string | URL, init?: RequestInit) =>
  fetchOfPackage(input, { ...init, dispatcher } as Parameters<
    typeof fetchOfPackage
  >[1])) as unknown as typeof globalThis.fetch;
