import { createOwnerLookup, type OwnerLookup } from '../admission/owner-lookup.ts';
import { createSyncWaits, type DefinitionFeed, type SyncWaits } from '../admission/sync-waits.ts';
import { type Config, durationMs } from '../config.ts';
import type { DefinitionSource } from '../delivery/render-copy.ts';
import { createFiller, type Filler } from '../delivery/fill.ts';
import { createSecretWriter, type SecretWriter } from '../delivery/secret-writer.ts';
import { createSharedFiller } from '../delivery/shared-fill.ts';
import { createRequestToken } from '../identity/request-token.ts';
import { createServiceAccountIndex, type ServiceAccountIndex } from '../identity/service-account-index.ts';
import { createStoreCredentials } from '../identity/store-credentials.ts';
import { createIdentityFactory, type IdentityFactory } from '../identity/store-identity-factory.ts';
import { createTokenIssuer } from '../identity/token-issuer.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { DefinitionIndex } from '../planning/definition.ts';
import type { PlanSettings } from '../planning/plan-pod.ts';
import type { StoreName } from '../references/reference.ts';
import { createResolver } from '../resolve/resolver.ts';
import { toResolveSettings } from '../resolve/settings.ts';
import { createNamespaceIndex, type NamespaceIndex } from '../stores/namespace-index.ts';
import { createStoreIndex, type WatchedStoreIndex } from '../stores/store-index.ts';
import type { Check } from '../server/probe-routes.ts';
import { observeResolver } from './observe-resolver.ts';

/** What webhook and controller both stand on: what the cluster says, and the way from references to Secrets. */
export interface Foundation {
  readonly namespaces: NamespaceIndex;
  readonly serviceAccounts: ServiceAccountIndex;
  readonly stores: WatchedStoreIndex;
  readonly definitions: DefinitionIndex;
  readonly syncs: SyncWaits;
  readonly owners: OwnerLookup;
  readonly identityOf: IdentityFactory;
  readonly writer: SecretWriter;
  readonly filler: Filler;
  readonly planSettings: PlanSettings;
  /** Resolves when every watch was complete once. */
  readonly synced: Promise<unknown>;
  /** The same for probes, by name. */
  readonly checks: readonly Check[];
  stop(): Promise<void>;
}

export interface FoundationDeps {
  readonly config: Config;
  readonly client: KubeClient;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock?: Clock;
}

export function startFoundation({ config, client, log, metrics, clock = systemClock }: FoundationDeps): Foundation {
  const namespaces = createNamespaceIndex({ client, log, clock });
  const serviceAccounts = createServiceAccountIndex({ client, log, clock });
  const stores = createStoreIndex({ client, config, log, clock });
  const now = () => clock.date().getTime();

  const tokens = createTokenIssuer({
    requestToken: createRequestToken(client),
    audiences: config.identity.audiences,
    now,
    lifetimeSeconds: durationMs(config.identity.tokenLifetime) / 1000,
  });
  const credentials = createStoreCredentials({ kube: client, now: () => clock.now() });
  const identityOf = createIdentityFactory({ tokens, credentials, serviceAccounts });
  const settings = toResolveSettings(config);
  const resolver = createResolver({ identityOf, settings, clock, observer: observeResolver(metrics) });
  const copies = { definitions: NO_DEFINITIONS, produce: () => Promise.reject(new Error('not served yet')) };
  const writer = createSecretWriter({ client, leaseDurationMs: durationMs(config.delivery.leaseDuration), clock });
  const filler = createSharedFiller({
    filler: createFiller({ resolver, stores, ...copies, writer, staleIfError: config.delivery.staleIfError, log }),
    writer,
    isRandom: () => false,
    fillsPerNamespace: config.webhook.coldFillsPerNamespace,
    timeoutMs: FILL_MS,
  });

  return {
    namespaces,
    serviceAccounts,
    stores,
    definitions: NO_DEFINITIONS,
    syncs: createSyncWaits({ feed: NO_DEFINITIONS, syncedVersion: () => '' }),
    identityOf,
    writer,
    filler,
    owners: createOwnerLookup({ client, ttlMs: durationMs(config.webhook.ownerCacheTtl), now: () => clock.now() }),
    planSettings: toPlanSettings(config),
    synced: Promise.all([namespaces.synced, serviceAccounts.synced, stores.synced]),
    checks: [
      { name: 'namespaces', holds: () => namespaces.isSynced() || 'not listed yet' },
      { name: 'serviceaccounts', holds: () => serviceAccounts.isSynced() || 'not listed yet' },
      { name: 'stores', holds: () => stores.isSynced() || 'not listed yet' },
    ],
    async stop() {
      await Promise.all([namespaces.stop(), serviceAccounts.stop(), stores.stop(), resolver.close()]);
    },
  };
}

const NO_DEFINITIONS: DefinitionIndex & DefinitionFeed & DefinitionSource = {
  get: () => undefined,
  making: () => undefined,
  names: () => [],
  definition: () => undefined,
  onChange: () => () => {},
};

/** The API server waits 30 s at most for a webhook; a fill that takes longer serves the next Pod. */
const FILL_MS = 30_000;

function toPlanSettings({ stores, delivery }: Config): PlanSettings {
  return {
    controllerClass: stores.controllerClass,
    claimUnclassed: stores.claimUnclassed,
    defaultStore: toStoreName(stores.defaultStore),
    deliveries: delivery.allowed,
  };
}

function toStoreName(text: string | undefined): StoreName | undefined {
  if (text === undefined) return undefined;
  const isCluster = text.startsWith('cluster/');
  return isCluster
    ? { kind: 'ClusterSecretStore', name: text.slice('cluster/'.length) }
    : { kind: 'SecretStore', name: text };
}
