/**
 * The module boundaries of server/src as a gate (dependency-cruiser): who may import whom, through which files, and no cycles, types
 * included.
 */
import { MODULES } from './modules.js';

const SRC = '^server/src/';
/** Code that only tests run; it may look behind the public face of a module. */
const TEST_CODE = String.raw`\.test\.tsx?$|/testing/`;
const PUBLIC_FACE = String.raw`/(index|types|layout)\.ts$|/wasm/assembly/lanes\.ts$`;

const imports = Object.entries(MODULES).map(([name, may]) => ({
  name: `imports-of-${name}`,
  comment: `${name}/ may import ${may.join(', ') || 'nothing of the other modules'} (config/modules.js)`,
  severity: 'error',
  from: { path: `${SRC}${name}/`, pathNot: TEST_CODE },
  to: { path: SRC, pathNot: `${SRC}(${[name, ...may].join('|')})/` },
}));

export default {
  forbidden: [
    ...imports,
    {
      name: 'unknown-module',
      comment: 'a folder of server/src that config/modules.js does not name',
      severity: 'error',
      from: { path: `${SRC}[^/]+/`, pathNot: `${SRC}(${Object.keys(MODULES).join('|')}|types)/` },
      to: {},
    },
    {
      name: 'public-face',
      comment:
        'only index.ts and types.ts of a module, and the constants of layout.ts, are imported from outside',
      severity: 'error',
      from: { path: `${SRC}([^/]+)/`, pathNot: TEST_CODE },
      to: { path: `${SRC}[^/]+/`, pathNot: [`${SRC}$1/`, PUBLIC_FACE] },
    },
    {
      name: 'no-test-code',
      comment: 'only tests import code of tests',
      severity: 'error',
      from: { path: '^(server|extension)/src/', pathNot: TEST_CODE },
      to: { path: TEST_CODE },
    },
    {
      name: 'no-cycles',
      comment: 'types count as well',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '/generated/|/dist/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { extensions: ['.ts', '.tsx', '.js', '.mjs'] },
  },
};
