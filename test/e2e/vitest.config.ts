import { defineConfig } from 'vitest/config';

const RUN = String(process.pid);
process.env['E2E_RUN'] = RUN;

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'e2e',
    include: ['test/e2e/**/*.test.ts'],
    // One stage for all files: the same worker runs them in the order of their names.
    fileParallelism: false,
    isolate: false,
    maxWorkers: 1,
    globalSetup: ['test/e2e/plane-directory.ts'],
    env: { E2E_RUN: RUN },
    testTimeout: 180_000,
    hookTimeout: 180_000,
  },
});
