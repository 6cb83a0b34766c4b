// Tests that cross packages: real Orthanc, real Chromium, real CT. They run against the built packages, one after another;
// test/run.ts runs those of test/browser/ beside the others.
/** @type {import('jest').Config} */
export default {
  rootDir: '../test',
  testMatch: ['<rootDir>/**/*.test.ts'],
  testPathIgnorePatterns: ['/node_modules/', '/output/'],
  extensionsToTreatAsEsm: ['.ts'],
  testEnvironment: 'node',
  setupFiles: ['<rootDir>/../config/jest.setup.mjs'],
  testTimeout: 300_000,
  maxWorkers: 1,
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { target: 'es2023', parser: { syntax: 'typescript' } }, module: { type: 'es6' } },
    ],
  },
};
