import { createSyncWaits, type SyncWaits } from '../admission/sync-waits.ts';
import type { Config } from '../config.ts';
import { createDefinitionIndex, type WatchedDefinitionIndex } from '../externalsecrets/definition-index.ts';
import { createFindStore } from '../externalsecrets/find-store.ts';
import { createGeneratorRunner } from '../externalsecrets/generators/run-generator.ts';
import { isRandom } from '../externalsecrets/is-random.ts';
import { createProduce } from '../externalsecrets/produce.ts';
import type { Produce } from '../externalsecrets/produced.ts';
import { createTemplateSources } from '../externalsecrets/template-sources.ts';
import type { StoreCredentials } from '../identity/store-credentials.ts';
import type { WatchOptions } from '../kube/metadata-index.ts';
import type { PlannedSecret } from '../planning/plan.ts';
import type { Resolver } from '../resolve/resolver.ts';
import type { NamespaceIndex } from '../stores/namespace-index.ts';
import { createLimitsFor } from '../stores/provider-limits.ts';
import type { StoreIndex } from '../stores/store.ts';
import { loadTemplateEngine } from './load-template-engine.ts';

/** ExternalSecrets, and the ways from one to its content. */
export interface Definitions {
  readonly definitions: WatchedDefinitionIndex;
  /** For Pods: shares its reads and its cache with references. */
  readonly produce: Produce;
  /** For the controller: a refresh asks the provider, whatever was read a moment ago. */
  readonly produceFresh: Produce;
  readonly syncs: SyncWaits;
  /** Whether the Secret is a copy whose values would be others each time. */
  readonly isRandom: (secret: PlannedSecret, namespace: string) => boolean;
}

export interface DefinitionsDeps extends WatchOptions {
  readonly config: Config;
  readonly stores: StoreIndex;
  readonly namespaces: Pick<NamespaceIndex, 'get'>;
  readonly credentials: StoreCredentials;
  readonly resolver: Resolver;
  /** Keeps no values. */
  readonly freshResolver: Resolver;
}

export function startDefinitions(deps: DefinitionsDeps): Definitions {
  const { client, config, stores, namespaces, credentials, resolver, freshResolver } = deps;
  const { controllerClass } = config.stores;
  const definitions = createDefinitionIndex(deps);
  const limitsFor = createLimitsFor(config);
  let engine: ReturnType<typeof loadTemplateEngine> | undefined;
  const shared = {
    findStore: createFindStore({ stores, namespaces, controllerClass }),
    generators: createGeneratorRunner({ kube: client, credentials, limitsFor, controllerClass }),
    sources: createTemplateSources(credentials),
    loadEngine: () => (engine ??= loadTemplateEngine()),
  };
  return {
    definitions,
    produce: createProduce({ ...shared, resolver }),
    produceFresh: createProduce({ ...shared, resolver: freshResolver }),
    syncs: createSyncWaits({ feed: definitions }),
    isRandom({ definition }, namespace) {
      const known = definition && definitions.definition(namespace, definition.externalSecret);
      return known !== undefined && isRandom(known);
    },
  };
}
