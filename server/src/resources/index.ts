/**
 * The resources of the HTTP API, and the OpenAPI document of them.
 * @module
 */
export { apiResources } from './apiResources.ts';
export { extensionFileRouter } from './extensionFile.ts';
export { landmarksBodies } from './landmarks.ts';
export { apiPaths } from './openapiDocument.ts';
export { readinessRouter } from './readiness.ts';
