const shared = {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  transform: { '\\.ts$': '<rootDir>/test/strip-types.mjs' },
  moduleFileExtensions: ['ts', 'mjs', 'js', 'json'],
};

/** `npm test` runs the first project; `npm run test:cluster` the second, which needs a real API server; benches in its lab are the third. */
export default {
  // Cases that wait do so beside each other where a file says that they may.
  maxConcurrency: 20,
  testSequencer: '<rootDir>/test/cluster/last.mjs',
  projects: [
    {
      ...shared,
      displayName: 'fast',
      testMatch: ['<rootDir>/test/**/*.test.ts'],
      testPathIgnorePatterns: ['<rootDir>/test/cluster/'],
      setupFilesAfterEnv: ['<rootDir>/test/setup.ts'],
    },
    {
      ...shared,
      displayName: 'cluster',
      testMatch: ['<rootDir>/test/cluster/**/*.test.ts'],
      setupFilesAfterEnv: ['<rootDir>/test/cluster/setup.ts'],
    },
    {
      ...shared,
      displayName: 'bench',
      testMatch: ['<rootDir>/test/cluster/bench/*.bench.ts'],
    },
  ],
};
