import { onTestFinished } from 'vitest';
import { Fields } from '../../src/fields.ts';
import type { Call, SecretsClient } from '../../src/providers/provider.ts';
import { createVault } from '../../src/providers/vault/index.ts';
import type { KvEngine } from './loopback-kv.ts';
import { type LoopbackVault, startLoopbackVault, type VaultContents, type VaultRole } from './loopback-vault.ts';
import type { ProviderServerSettings } from './provider-server.ts';
import { LEAK_MARKER, subjectOf, type TestIdentity, testIdentity } from './test-identity.ts';

export const CALL: Call = { signal: new AbortController().signal };

/** One secret at `secret/app`, KV version 2. */
export const ENGINE: KvEngine = {
  version: 2,
  secrets: new Map([['app', { versions: [{ json: `{"password":"${LEAK_MARKER}"}` }] }]]),
};

/** Lets payments/api in, and lets it read everything. */
export const ROLE: VaultRole = {
  audience: 'vault',
  subjects: [subjectOf({ namespace: 'payments', name: 'api' })],
  rules: [{ path: '*', capabilities: ['read', 'list'] }],
};

export interface OpenVaultSettings {
  readonly contents?: Partial<VaultContents>;
  /** Beside the server, which is the loopback's. */
  readonly block?: object;
  readonly identity?: TestIdentity;
  readonly now?: () => number;
  readonly server?: ProviderServerSettings;
}

export interface OpenVault {
  readonly server: LoopbackVault;
  readonly identity: TestIdentity;
  readonly connect: () => Promise<SecretsClient>;
}

/** A loopback Vault with a store on it; both are closed when the test ends. */
export async function openVault(settings: OpenVaultSettings = {}): Promise<OpenVault> {
  const { contents, block = {}, identity = testIdentity(), now = Date.now } = settings;
  const server = await startLoopbackVault(
    { engines: { secret: ENGINE }, roles: { 'kubernetes/api': ROLE }, ...contents },
    settings.server,
  );
  const clients: SecretsClient[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map(async (client) => client.close?.()));
    await server.close();
  });
  const fields = Fields.of(
    { server: server.url, path: 'secret', auth: { kubernetes: { role: 'api' } }, ...block },
    'spec.provider.vault',
  );
  const store = createVault({ now }).configure(fields, {
    audiences: ['vault', 'vault-eu'],
    endpoints: [],
    maxResponseBytes: 64 * 1024,
  });
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  return {
    server,
    identity,
    async connect() {
      const client = await store.connect(identity, CALL);
      clients.push(client);
      return client;
    },
  };
}
