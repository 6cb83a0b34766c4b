export { lookUpField, matchField } from './matchField.ts';
export { emptyField, fillField } from './prepareField.ts';
