// Unit tests: beside the code, Sources are TypeScript with native ESM; swc strips the types.
import { resolve } from 'node:path';

const transform = {
  '^.+\\.ts$': [
    '@swc/jest',
    { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
  ],
  '^.+\\.tsx$': [
    '@swc/jest',
    {
      jsc: {
        target: 'es2023',
        parser: { syntax: 'typescript', tsx: true },
        transform: { react: { runtime: 'automatic', importSource: 'preact' } },
      },
      module: { type: 'es6' },
    },
  ],
};

/** @type {import('jest').Config} */
export default {
  rootDir: resolve(import.meta.dirname, '..'),
  // Threads that read files start in a second, and on a busy machine in five. A project's own value would not count.
  testTimeout: 60_000,
  // Jest's own value is one core fewer: half of a machine with two.
  maxWorkers: '100%',
  projects: ['server', 'extension'].map((name) => ({
    displayName: name,
    rootDir: resolve(import.meta.dirname, '..', name),
    testMatch: ['<rootDir>/**/*.test.{ts,tsx}'],
    testPathIgnorePatterns: ['/node_modules/', '/dist/'],
    modulePathIgnorePatterns: ['/dist/'],
    extensionsToTreatAsEsm: ['.ts', '.tsx'],
    testEnvironment: 'node',
    setupFiles: [resolve(import.meta.dirname, 'jest.setup.mjs')],
    transform,
  })),
};
