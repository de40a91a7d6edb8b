import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import type { IdentityNeed, Provider, SecretKeySelector } from '../provider.ts';
import type { Azure } from './azure.ts';
import { azurekvGrants } from './grants.ts';
import { principalOf } from './principal.ts';
import { type AzurekvSettings, readSettings } from './settings.ts';

/** Azure Key Vault, read with the application or managed identity of the Pod's own ServiceAccount. */
export const azurekv: Provider = createAzurekv({ now: Date.now });

export interface AzurekvDeps {
  readonly now: () => number;
  /** Certificates to trust instead of the system's and NODE_EXTRA_CA_CERTS. */
  readonly ca?: string;
}

export function createAzurekv({ now, ca }: AzurekvDeps): Provider {
  let loading: Promise<Azure> | undefined;

  return {
    name: 'azurekv',

    configure(block, limits) {
      const settings = readSettings(block, limits);
      const { maxResponseBytes } = limits;
      return {
        needs: needsOf(settings),
        property: 'path-first',
        grants: (asked, reader) => azurekvGrants(settings, asked, reader),
        async connect(identity, call) {
          refuseMistakes(block);
          const azure = await load();
          return azure.connect(settings, { identity, maxResponseBytes, now }, call);
        },
      };
    },

    async warm() {
      await load();
    },
  };

  function load(): Promise<Azure> {
    loading ??= import('./azure.ts').then(({ createAzure }) => createAzure(ca === undefined ? {} : { ca }));
    return loading;
  }
}

function needsOf({ auth, tenantId }: AzurekvSettings): IdentityNeed {
  const named = { audiences: [], credentials: [], caBundles: [] };
  switch (auth.method) {
    // As with a store's own keys, nothing of whoever asks counts.
    case 'managedIdentity':
      return { ...named, who: 'credentials' };
    case 'servicePrincipal':
      return {
        ...named,
        who: 'credentials',
        credentials: present(auth.clientId, tenantOf(auth.tenantId, tenantId), auth.proof.selector),
      };
    case 'workloadIdentity':
      return {
        ...named,
        ...(auth.serviceAccount === undefined
          ? { who: 'pod' }
          : { who: 'serviceAccount', serviceAccount: auth.serviceAccount }),
        audiences: [auth.audience],
        credentials: present(auth.clientId, tenantOf(auth.tenantId, tenantId)),
        check(serviceAccount) {
          const principal = principalOf(serviceAccount, auth, tenantId);
          return principal instanceof LatchkeyError ? principal : undefined;
        },
      };
  }
}

/** The store's own tenantId holds, so that one in a Secret is not even read. */
function tenantOf(
  selector: SecretKeySelector | undefined,
  tenantId: string | undefined,
): SecretKeySelector | undefined {
  return tenantId === undefined ? selector : undefined;
}

function present(...selectors: readonly (SecretKeySelector | undefined)[]): readonly SecretKeySelector[] {
  return selectors.filter((selector) => selector !== undefined);
}

/** A store with mistakes is refused before; should one come through, no token leaves for it. */
function refuseMistakes(block: Fields): void {
  const mistakes = block.problems.map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length === 0) return;
  throw new LatchkeyError('STORE_INVALID', `the store has mistakes: ${mistakes.join('; ')}`, {
    hint: 'Correct the store',
  });
}
