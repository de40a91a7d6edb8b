import type { SecretsClient } from '../providers/provider.ts';

/** A client that several reads use at once. Retired, it is closed when the last of them has ended. */
export interface SharedClient {
  readonly client: SecretsClient;
  readonly isIdle: boolean;
  /** Counts a user in; the answer counts it out, once. */
  use(): () => void;
  retire(): void;
}

export function createSharedClient(client: SecretsClient, close: (client: SecretsClient) => void): SharedClient {
  let users = 0;
  let isRetired = false;
  let isClosed = false;

  return {
    client,

    get isIdle() {
      return users === 0;
    },

    use() {
      let isUsing = true;
      users += 1;
      return () => {
        if (!isUsing) return;
        isUsing = false;
        users -= 1;
        closeUnused();
      };
    },

    retire() {
      isRetired = true;
      closeUnused();
    },
  };

  function closeUnused(): void {
    if (!isRetired || users > 0 || isClosed) return;
    isClosed = true;
    close(client);
  }
}
