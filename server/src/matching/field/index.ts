export { matchField } from './matchField.ts';
export { prepareField } from './prepareField.ts';
