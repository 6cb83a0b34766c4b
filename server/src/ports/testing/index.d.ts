/** Stand-ins for tests of the application and of what calls it; nothing of the product imports them. @module */
export { FakePacs, readFakeReport } from './fakePacs.ts';
export type { FakeSeries } from './fakePacs.ts';
export { fakePorts } from './fakePorts.ts';
export type { FakePorts } from './fakePorts.ts';
export { Gate } from './gate.ts';
export { ALL_SERIES, CURRENT, fakePair, NAMELESS, PRIOR, PRIOR_2, refOf, OTHER_PATIENT } from './series.ts';
export { tokenOf } from './token.ts';
