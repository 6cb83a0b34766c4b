/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
import type { SeriesRef } from '../../dicomweb/index.ts';
import type { ConfirmedPair } from '../../report/index.ts';
import type { FakeSeries } from './fakePacs.ts';
/** Current, prior and a second series of the prior study of one patient; a study of another patient; one without. */
export declare const CURRENT: FakeSeries;
export declare const PRIOR: FakeSeries;
export declare const PRIOR_2: FakeSeries;
export declare const OTHER_PATIENT: FakeSeries;
export declare const NAMELESS: FakeSeries;
/** Every series of the fake PACS. */
export declare const ALL_SERIES: FakeSeries[];
/** The two UIDs that name a series. */
export declare function refOf({ studyInstanceUid, seriesInstanceUid }: SeriesRef): SeriesRef;
/** A confirmed pair between the first images of two series. */
export declare function fakePair(current?: FakeSeries, prior?: FakeSeries): ConfirmedPair;
