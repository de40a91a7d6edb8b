import { LatchkeyError } from '../../errors.ts';
import type { Provider } from '../provider.ts';
import { createFakeClient } from './client.ts';
import { readEntries } from './entries.ts';

/** External Secrets' fake: values stand in the store itself. For trying things out and for tests; whoever reads the store reads them. */
export const fake: Provider = {
  name: 'fake',

  configure(block) {
    const entries = readEntries(block);
    const validationResult = block.integer('validationResult') ?? READY;
    return {
      needs: { who: 'none', audiences: [], credentials: [], caBundles: [] },
      property: 'path',
      async connect() {
        return { ...createFakeClient(entries), validate: async () => validate(validationResult) };
      },
    };
  },
};

const READY = 0;
const UNKNOWN = 1; // External Secrets leaves such a store Ready

function validate(result: number): void {
  if (result === READY || result === UNKNOWN) return;
  throw new LatchkeyError(
    'STORE_INVALID',
    `the store says of itself that it is not valid (validationResult: ${result})`,
    {
      hint: 'Set validationResult to 0, or remove it',
    },
  );
}
