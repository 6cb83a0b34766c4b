// Type-aware lint of the whole repository. The room rule of docs/architecture.md is a gate here: a folder of
// server/src may import its predecessor in the flow and the foundations, nothing else.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import importX, { createNodeResolver } from 'eslint-plugin-import-x';
import jsdoc from 'eslint-plugin-jsdoc';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Rooms in the order of the flow; each may import the one before it. */
const FLOW = ['dicomweb', 'volume', 'embedding', 'matching', 'report'];
/** What every room may import. */
const FOUNDATIONS = ['errors', 'geometry', 'wasm', 'dicom', 'threads'];

const roomZones = FLOW.map((room, index) => ({
  target: `./server/src/${room}`,
  from: './server/src',
  except: [room, ...FLOW.slice(Math.max(0, index - 1), index), ...FOUNDATIONS].map((name) => `./${name}`),
  message: `${room}/ may import only ${FLOW[index - 1] ?? 'the foundations'} and the foundations (docs/architecture.md)`,
}));

/**
 * Text of the PACS, of browsers and of files may be chosen by an attacker: an expression that needs quadratic time for it
 * freezes the server for everybody (a value of 60 kB: seconds).
 */
const linearExpressions = {
  plugins: { regexp },
  rules: {
    'regexp/no-super-linear-backtracking': ['error', { report: 'potential' }],
    'regexp/no-super-linear-move': ['error', { ignoreSticky: false, report: 'potential' }],
  },
};

export default tseslint.config(
  {
    ignores: [
      '**/dist/**',
      '**/node_modules/**',
      '.cache/**',
      '.viewers/**',
      '.demo/**',
      'test/output/**',
      'models/training/**',
      // AssemblyScript, and what is made of it.
      'server/assembly/*.ts',
      'server/src/*/generated/**',
    ],
  },
  js.configs.recommended,
  linearExpressions,
  {
    files: ['**/*.ts'],
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { 'import-x': importX, jsdoc },
    // By instance: the default resolver's name, `node`, would load the npm package `node`.
    settings: {
      'import-x/resolver-next': [createNodeResolver({ extensions: ['.ts', '.js', '.mjs', '.json'] })],
    },
    rules: {
      'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
      complexity: ['error', 12],
      'no-console': 'error',
      eqeqeq: 'error',
      'import-x/no-cycle': 'error',
      'import-x/no-restricted-paths': ['error', { basePath: root, zones: roomZones }],
      'jsdoc/require-jsdoc': [
        'error',
        { publicOnly: true, require: { FunctionDeclaration: true, ClassDeclaration: true } },
      ],
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ['**/*.test.ts', 'test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs', 'config/*.js'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly' } },
  },
);
