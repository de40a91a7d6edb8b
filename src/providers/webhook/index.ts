import { createGuardedLookup } from '../address-guard.ts';
import { caBundlesOf, loadCa } from '../certificates.ts';
import { refuseMistakes } from '../mistakes.ts';
import type { Call, ConfiguredStore, IdentityNeed, Provider, StoreIdentity } from '../provider.ts';
import type { SecretValue } from '../../secret-value.ts';
import { PEER_NAME } from './errors.ts';
import { readSettings, type WebhookSettings } from './settings.ts';

/** Any service that answers an HTTP request with a value. */
export const webhook: Provider = createWebhook({ now: Date.now });

// Rotated credentials and authorities are seen after this at the latest.
const MAX_SESSION_MS = 15 * 60_000;

export function createWebhook({ now }: { readonly now: () => number }): Provider {
  return {
    name: 'webhook',

    configure(block, limits): ConfiguredStore {
      const settings = readSettings(block, limits);
      const { maxResponseBytes, endpoints } = limits;
      return {
        needs: needsOf(settings),
        property: settings.usesProperty ? 'provider' : 'literal-first',
        async connect(identity, call) {
          refuseMistakes(block);
          const [{ createHttp }, { createClient }] = await load();
          const { host } = settings.url;
          const [ca, credentials] = await Promise.all([
            loadCa(settings.ca, identity, call),
            readCredentials(settings, identity, call),
          ]);
          const http = createHttp({
            peer: peerAt(host),
            tls: ca === undefined ? {} : { ca },
            maxResponseBytes,
            ...(endpoints.length === 0 && { lookup: createGuardedLookup() }),
          });
          const scene = { host, caller: callerOf(settings) };
          return createClient({ settings, credentials, http, scene, expiresAt: new Date(now() + MAX_SESSION_MS) });
        },
      };
    },

    async warm() {
      await load();
    },
  };
}

function load() {
  return Promise.all([import('../http.ts'), import('./client.ts')]);
}

function needsOf({ credentials, ca }: WebhookSettings): IdentityNeed {
  const selectors = [...credentials.values()];
  return {
    who: selectors.length === 0 ? 'none' : 'credentials',
    audiences: [],
    credentials: selectors,
    caBundles: caBundlesOf(ca),
  };
}

async function readCredentials(
  { credentials }: WebhookSettings,
  identity: StoreIdentity,
  call: Call,
): Promise<ReadonlyMap<string, SecretValue>> {
  const values = [...credentials].map(
    async ([key, selector]) => [key, await identity.credential(selector, call)] as const,
  );
  return new Map(await Promise.all(values));
}

function callerOf({ credentials }: WebhookSettings): string {
  const names = new Set([...credentials.values()].map(({ name }) => name));
  return names.size === 0 ? 'a caller without credentials' : `the credentials in Secret ${[...names].join(' and ')}`;
}

function peerAt(host: string) {
  const block = 'spec.provider.webhook';
  return { name: PEER_NAME, host, addressField: `${block}.url`, caField: `${block}.caBundle` };
}
