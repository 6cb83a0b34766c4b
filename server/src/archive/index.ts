export { createArchive } from './archive.ts';
export type { Archive, ArchiveOptions, ArchiveWarning, InstanceIdentity, StoredInstance } from './types.ts';
