export { failed } from './check.ts';
export type { Check } from './check.ts';
export { checksOf } from './checks.ts';
