export { openModules, threadsOf } from './modules.ts';
export type { OpenModules } from './modules.ts';
export { connect, fetchOf, openSources } from './pacs.ts';
export { backgroundAuthorization, orthancOf } from './arrival.ts';
export { VERSION } from './version.ts';
export { startServer } from './startServer.ts';
export type { RunningSamepoint, StartOptions } from './startServer.ts';
export { queueSettings, storeOf } from './shared.ts';
export { startWorkerProcess } from './startWorkerProcess.ts';
