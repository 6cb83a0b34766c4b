import type { Embedding } from '../../embedding/index.ts';
import type { VolumeWarning } from '../../volume/index.ts';
import type { AuditEvent, Ports } from '../ports.ts';
import { FakePacs } from './fakePacs.ts';
import type { FakeSeries } from './fakePacs.ts';
import type { Gate } from './gate.ts';
/** What was requested of the fakes, and how to hold or break them. */
export interface FakePorts extends Ports {
    readonly source: FakePacs;
    readonly stored: Map<string, Embedding>;
    readonly fields: Map<string, Uint8Array>;
    readonly logged: {
        readonly level: string;
        readonly fields: object;
        readonly message: string;
    }[];
    readonly audited: AuditEvent[];
    readonly control: {
        embedded: number;
        gate?: Gate;
        failure?: Error;
        diskFull?: boolean;
        /** By Series Instance UID. */
        warnings?: Readonly<Record<string, readonly VolumeWarning[]>>;
        /** The wall clock, ms since the epoch. */
        now: number;
        /** The monotonic clock, ms. */
        monotonic: number;
    };
}
/** Ports over fakes, with two models "m1" (the default) and "m2". */
export declare function fakePorts(series: FakeSeries[]): FakePorts;
