export type { Role } from './roles.ts';
export { createVerifier } from './verifier.ts';
export type { Verifier } from './verifier.ts';
export { createOwnCredentials } from './ownCredentials.ts';
