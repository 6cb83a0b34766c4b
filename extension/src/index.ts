/**
 * The OHIF extension of Samepoint. The default export is loaded by URL (`extensions: ['/samepoint/extension.js']`) or as
 * an npm package named in pluginConfig.json.
 * @module
 */
import { createExtension } from './extension.ts';

export default createExtension();
