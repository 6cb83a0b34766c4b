import { LRUCache } from 'lru-cache';
import type { SeriesRef } from '../dicomweb/index.ts';
import { isSamepointError } from '../errors/index.ts';
import type { Access } from './access.ts';
import { hashCredentials } from './credentials.ts';
import { seriesKey } from './sources.ts';

/** Series that the PACS has granted to somebody, remembered at once. */
const REMEMBERED = 10_000;

/** A series that the PACS does not show to a caller. */
export interface MissingSeries {
  readonly series: SeriesRef;
  /** True where it has shown it to the same caller before. A PACS may hide what a caller must not see behind the same answer. */
  readonly wasGranted: boolean;
}

/** Access that reports series of which the PACS says that it does not hold them. */
export function noticingMissing(
  access: Access,
  onMissing: ((missing: MissingSeries) => void) | undefined,
): Access {
  if (onMissing === undefined) return access;
  const granted = new LRUCache<string, true>({ max: REMEMBERED });
  return {
    ...access,
    async grant(series, caller, ...rest) {
      const key = `${hashCredentials(caller)} ${seriesKey(series)}`;
      try {
        const grant = await access.grant(series, caller, ...rest);
        granted.set(key, true);
        return grant;
      } catch (error) {
        const isMissing =
          isSamepointError(error, 'dicomweb/series-not-found') ||
          isSamepointError(error, 'dicomweb/study-not-found');
        if (isMissing) onMissing({ series, wasGranted: granted.delete(key) });
        throw error;
      }
    },
  };
}
