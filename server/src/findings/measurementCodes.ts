/** Names of measurements and places in structured reports, in today's codes and in those of older programs. @module */
import type { Code } from '../contentTree/index.ts';

export const LONG_AXIS: readonly Code[] = [
  ['103339001', 'SCT', 'Long axis'],
  ['G-A185', 'SRT', 'Long Axis'],
  ['131187009', 'SCT', 'Major axis'],
  ['G-A193', 'SRT', 'Major Axis'],
];
export const SHORT_AXIS: readonly Code[] = [
  ['103340004', 'SCT', 'Short axis'],
  ['G-A186', 'SRT', 'Short Axis'],
  ['131188004', 'SCT', 'Minor axis'],
  ['G-A194', 'SRT', 'Minor Axis'],
];
export const LENGTH: readonly Code[] = [
  ['410668003', 'SCT', 'Length'],
  ['G-D7FE', 'SRT', 'Length'],
  ['81827009', 'SCT', 'Diameter'],
  ['M-02550', 'SRT', 'Diameter'],
];
export const FINDING_SITES: readonly Code[] = [
  ['363698007', 'SCT', 'Finding Site'],
  ['G-C0E3', 'SRT', 'Finding Site'],
];
export const REFERENCED_SEGMENT: Code = ['121191', 'DCM', 'Referenced Segment'];
