import { SamepointError } from '../errors/index.ts';

/** Refuses a file of points with the reason. @throws SamepointError points/unreadable */
export function unreadable(file: string, reason: string): never {
  throw new SamepointError('points/unreadable', { file, reason });
}
