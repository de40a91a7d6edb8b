import type { Config } from '../config.ts';
import { createDefinitionIndex, type WatchedDefinitionIndex } from '../externalsecrets/definition-index.ts';
import { createFindStore } from '../externalsecrets/find-store.ts';
import { createGeneratorRunner } from '../externalsecrets/generators/run-generator.ts';
import { createProduce } from '../externalsecrets/produce.ts';
import type { Produce } from '../externalsecrets/produced.ts';
import { createTemplateSources } from '../externalsecrets/template-sources.ts';
import type { StoreCredentials } from '../identity/store-credentials.ts';
import type { IdentityFactory } from '../identity/store-identity-factory.ts';
import { type Clock, systemClock } from '../kube/clock.ts';
import type { WatchOptions } from '../kube/metadata-index.ts';
import type { ResolveObserver } from '../resolve/observer.ts';
import { createResolver, type Resolver } from '../resolve/resolver.ts';
import { toResolveSettings } from '../resolve/settings.ts';
import type { NamespaceIndex } from '../stores/namespace-index.ts';
import { createLimitsFor } from '../stores/provider-limits.ts';
import type { StoreIndex } from '../stores/store.ts';
import { loadTemplateEngine } from './template-engine.ts';

/** ExternalSecrets, and the ways from one to its content. */
export interface Definitions {
  readonly index: WatchedDefinitionIndex;
  /** For Pods: shares its reads and its cache with references. */
  readonly produce: Produce;
  /** For the controller: a refresh asks the provider, whatever was read a moment ago. */
  readonly produceFresh: Produce;
  stop(): Promise<void>;
}

export interface DefinitionsDeps extends WatchOptions {
  readonly config: Config;
  readonly stores: StoreIndex;
  readonly namespaces: Pick<NamespaceIndex, 'get'>;
  readonly credentials: StoreCredentials;
  readonly identityOf: IdentityFactory;
  readonly resolver: Resolver;
  readonly observer: ResolveObserver;
  readonly clock?: Clock;
}

export function startDefinitions(deps: DefinitionsDeps): Definitions {
  const { client, config, stores, namespaces, credentials, identityOf, resolver, observer, clock = systemClock } = deps;
  const { controllerClass } = config.stores;
  const limitsFor = createLimitsFor(config);
  const settings = { ...toResolveSettings(config), cacheTtlMs: 0, staleIfErrorMs: 0 };
  const fresh = createResolver({ identityOf, settings, clock, observer });
  const shared = {
    findStore: createFindStore({ stores, namespaces, controllerClass }),
    generators: createGeneratorRunner({ kube: client, credentials, limitsFor, controllerClass }),
    sources: createTemplateSources(credentials),
    loadEngine: loadTemplateEngine,
  };
  const index = createDefinitionIndex(deps);
  return {
    index,
    produce: createProduce({ ...shared, resolver }),
    produceFresh: createProduce({ ...shared, resolver: fresh }),
    async stop() {
      await Promise.all([index.stop(), fresh.close()]);
    },
  };
}
