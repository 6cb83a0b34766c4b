import { fetch as fetchOfPackage } from 'undici';

/**
 * `fetch` towards the PACS, from the package undici. The one inside Node 24.21 (undici 7.29) ends the whole process with an assertion when
 * a PACS closes its connection while an answer waits to be read, which cannot be caught.
 *
 * The package declares the same interfaces as the platform under names of its own.
 */
export const pacsFetch = fetchOfPackage as unknown as typeof globalThis.fetch;
