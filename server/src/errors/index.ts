export { catalogue } from './catalogue.ts';
export type { ErrorCode, ErrorFields } from './catalogue.ts';
export { errorFrom } from './errorFrom.ts';
export { isSamepointError, SamepointError } from './samepointError.ts';
export type { ErrorBody } from './samepointError.ts';
export { problemOf } from './problem.ts';
export { remadeError } from './remade.ts';
