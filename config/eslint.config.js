// Type-aware lint of the whole repository. What a module may import is in dependencies.mjs.
import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import js from '@eslint/js';
import jsdoc from 'eslint-plugin-jsdoc';
import regexp from 'eslint-plugin-regexp';
import tseslint from 'typescript-eslint';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

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

/** TypeScript, checked by its syntax only: asc checks its types. */
const ASSEMBLY_SCRIPT = [
  'server/src/*/wasm/*.ts',
  'server/src/*/*/wasm/*.ts',
  'server/src/wasm/assembly/*.ts',
];

/** How long code may be, and how many paths it may have. */
const sizeLimits = {
  'max-lines': ['error', { max: 300, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 45, skipBlankLines: true, skipComments: true }],
  complexity: ['error', 12],
};

const documented = [
  'error',
  { publicOnly: true, require: { FunctionDeclaration: true, ClassDeclaration: true } },
];

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
      'server/src/**/generated/**',
    ],
  },
  js.configs.recommended,
  linearExpressions,
  {
    files: ['**/*.{ts,tsx}'],
    ignores: ASSEMBLY_SCRIPT,
    extends: [...tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: root } },
    plugins: { jsdoc },
    rules: {
      ...sizeLimits,
      'no-console': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      eqeqeq: 'error',
      'jsdoc/require-jsdoc': documented,
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true },
      ],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
    },
  },
  {
    files: ASSEMBLY_SCRIPT,
    languageOptions: { parser: tseslint.parser },
    plugins: { jsdoc, '@typescript-eslint': tseslint.plugin },
    rules: {
      ...sizeLimits,
      'max-params': ['error', 7],
      'jsdoc/require-jsdoc': documented,
      '@typescript-eslint/no-unused-vars': 'error',
      // The built-in functions and types of AssemblyScript are no globals of JavaScript.
      'no-undef': 'off',
      'no-unused-vars': 'off',
    },
  },
  {
    files: ['**/*.test.{ts,tsx}', 'test/**/*.ts'],
    rules: { 'max-lines-per-function': 'off', '@typescript-eslint/no-non-null-assertion': 'off' },
  },
  {
    files: ['**/*.mjs', 'config/*.js', 'server/bin/*.js'],
    languageOptions: { globals: { process: 'readonly', URL: 'readonly', console: 'readonly' } },
  },
);
