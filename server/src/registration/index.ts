/** Local registration of the images around a point. @module */
export { LocalRegistration, startAt } from './local/registration.ts';
export type { Registered, Stage } from './local/registration.ts';
export { linearOf, voxelPolynomials } from './local/warp.ts';
export type { Prior, Linear } from './local/prior.ts';
export { TERMS } from './layout.ts';
export { AFFINE_TERMS, rescaled } from './polynomials.ts';
