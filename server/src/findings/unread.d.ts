import type { UnreadFindings } from './types.ts';
/** Counts findings that could not be read, by reason. */
export declare class UnreadCounter {
    #private;
    /** Counts one or more of a reason. */
    add(reason: string, count?: number): void;
    /** What the work gives; undefined, counted, where it raised {@link Unreadable}. */
    attempt<T>(work: () => T): T | undefined;
    /** The most frequent reason first. */
    get reasons(): readonly UnreadFindings[];
}
