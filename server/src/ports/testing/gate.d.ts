/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
/** A point that a test can wait at: work stops here until the test opens it. */
export declare class Gate {
    #private;
    readonly opened: Promise<void>;
    constructor();
    open(): void;
    /** Waits, or rejects with the signal's reason. */
    pass(signal?: AbortSignal): Promise<void>;
}
