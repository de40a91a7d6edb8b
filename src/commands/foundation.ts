import { createOwnerLookup, type OwnerLookup } from '../admission/owner-lookup.ts';
import type { SyncWaits } from '../admission/sync-waits.ts';
import { type Config, durationMs } from '../config.ts';
import { createFiller, type Filler } from '../delivery/fill.ts';
import { createSecretWriter, type SecretWriter } from '../delivery/secret-writer.ts';
import { createSharedFiller } from '../delivery/shared-fill.ts';
import type { WatchedDefinitionIndex } from '../externalsecrets/definition-index.ts';
import type { Produce } from '../externalsecrets/produced.ts';
import { createRequestToken } from '../identity/request-token.ts';
import { createServiceAccountIndex, type ServiceAccountIndex } from '../identity/service-account-index.ts';
import { createStoreCredentials } from '../identity/store-credentials.ts';
import { createIdentityFactory, type IdentityFactory } from '../identity/store-identity-factory.ts';
import { createTokenIssuer } from '../identity/token-issuer.ts';
import type { KubeClient } from '../kube/client.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { Log } from '../log.ts';
import type { Metrics } from '../metrics.ts';
import type { PlanSettings } from '../planning/plan-pod.ts';
import { type ProviderKind, providerKinds as allProviderKinds } from '../providers/registry.ts';
import type { StoreName } from '../references/reference.ts';
import { createResolver } from '../resolve/resolver.ts';
import { toResolveSettings } from '../resolve/settings.ts';
import { createNamespaceIndex, type NamespaceIndex } from '../stores/namespace-index.ts';
import { createStoreIndex, type WatchedStoreIndex } from '../stores/store-index.ts';
import type { Check } from '../server/probe-routes.ts';
import { startDefinitions } from './definitions.ts';
import { observeResolver } from './observe-resolver.ts';

/** What webhook and controller both stand on: what the cluster says, and the way from references to Secrets. */
export interface Foundation {
  readonly namespaces: NamespaceIndex;
  readonly serviceAccounts: ServiceAccountIndex;
  readonly stores: WatchedStoreIndex;
  readonly definitions: WatchedDefinitionIndex;
  /** Reads everything anew; for the controller. */
  readonly produceFresh: Produce;
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
  /** All that this build knows, unless told. */
  readonly providerKinds?: readonly ProviderKind[];
}

export function startFoundation(deps: FoundationDeps): Foundation {
  const { config, client, log, metrics, clock = systemClock, providerKinds = allProviderKinds } = deps;
  const namespaces = createNamespaceIndex({ client, log, clock });
  const serviceAccounts = createServiceAccountIndex({ client, log, clock });
  const stores = createStoreIndex({ client, config, log, clock, providerKinds });
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
  const observer = observeResolver(metrics);
  const resolver = createResolver({ identityOf, settings, clock, observer });
  // Nothing is kept: whoever refreshes wants to see what is there now. Equal reads at the same time are one still.
  const fresh = { ...settings, cacheTtlMs: 0, staleIfErrorMs: 0 };
  const freshResolver = createResolver({ identityOf, settings: fresh, clock, observer });
  const { definitions, produce, produceFresh, syncs, isRandom } = startDefinitions({
    config,
    client,
    log,
    clock,
    stores,
    namespaces,
    credentials,
    resolver,
    freshResolver,
  });
  const writer = createSecretWriter({ client, leaseDurationMs: durationMs(config.delivery.leaseDuration), clock });
  const filler = createSharedFiller({
    filler: createFiller({
      resolver,
      stores,
      definitions,
      produce,
      writer,
      staleIfError: config.delivery.staleIfError,
      log,
    }),
    writer,
    isRandom,
    fillsPerNamespace: config.webhook.coldFillsPerNamespace,
    timeoutMs: FILL_MS,
  });

  return {
    namespaces,
    serviceAccounts,
    stores,
    definitions,
    produceFresh,
    syncs,
    identityOf,
    writer,
    filler,
    owners: createOwnerLookup({ client, ttlMs: durationMs(config.webhook.ownerCacheTtl), now: () => clock.now() }),
    planSettings: toPlanSettings(config),
    synced: Promise.all([namespaces.synced, serviceAccounts.synced, stores.synced, definitions.synced]),
    checks: [
      { name: 'namespaces', holds: () => namespaces.isSynced() || 'not listed yet' },
      { name: 'serviceaccounts', holds: () => serviceAccounts.isSynced() || 'not listed yet' },
      { name: 'stores', holds: () => stores.isSynced() || 'not listed yet' },
      { name: 'externalsecrets', holds: () => definitions.isSynced() || 'not listed yet' },
    ],
    async stop() {
      await definitions.stop();
      await Promise.all([namespaces.stop(), serviceAccounts.stop(), stores.stop()]);
      await Promise.all([resolver.close(), freshResolver.close()]);
    },
  };
}

/** The API server waits 30 s at most for a webhook; a fill that takes longer serves the next Pod. */
const FILL_MS = 30_000;

function toPlanSettings({ stores, delivery, externalSecrets }: Config): PlanSettings {
  return {
    controllerClass: stores.controllerClass,
    externalSecrets: externalSecrets.enabled,
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
