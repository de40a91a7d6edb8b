import { BaseSequencer, type TestSpecification } from 'vitest/node';
import { defineConfig } from 'vitest/config';

const RUN = String(process.pid);
process.env['E2E_RUN'] = RUN;

/** The leak test comes last, when everything has run that might have leaked. */
class ByName extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return files.toSorted((a, b) => a.moduleId.localeCompare(b.moduleId));
  }
}

export default defineConfig({
  root: new URL('../..', import.meta.url).pathname,
  test: {
    name: 'e2e',
    include: ['test/e2e/**/*.test.ts'],
    // One stage for all files: one worker runs them, one after the other.
    fileParallelism: false,
    isolate: false,
    maxWorkers: 1,
    sequence: { sequencer: ByName },
    globalSetup: ['test/e2e/plane-directory.ts'],
    env: { E2E_RUN: RUN },
    testTimeout: 300_000,
    hookTimeout: 180_000,
  },
});
