import type { Config } from '../../config.ts';
import type { KubeClient } from '../../kube/client.ts';
import { type Clock, systemClock } from '../../kube/clock.ts';
import { apiPath } from '../../kube/paths.ts';
import { kubeErrorFacts } from '../../kube/kube-error.ts';
import { startReflector } from '../../kube/reflector.ts';
import type { Log } from '../../log.ts';
import { discoverStoreVersion } from '../../stores/discover-store-version.ts';
import type { NamespaceIndex } from '../../stores/namespace-index.ts';
import type { WatchedStoreIndex } from '../../stores/store-index.ts';
import { createWorkQueue, type WorkQueue } from '../work-queue.ts';
import { createClusterDefinitionIndex } from './cluster-definition-index.ts';
import { createExternalSecretIndex } from './external-secret-index.ts';
import { createReconcileClusterDefinition } from './reconcile-cluster-definition.ts';

/** Keeps an ExternalSecret in every namespace that a ClusterExternalSecret selects. Runs in one replica at a time. */
export interface ClusterExternalSecrets {
  /** Follows the cluster until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  /** `clock.now()` when something last began or ended, or now while there is nothing to do. */
  lastProgressAt(): number;
}

export interface ClusterExternalSecretsOptions {
  readonly client: KubeClient;
  readonly config: Pick<Config, 'controller' | 'externalSecrets' | 'stores'>;
  readonly namespaces: Pick<NamespaceIndex, 'values' | 'isOptedIn' | 'onChange' | 'synced'>;
  readonly stores: Pick<WatchedStoreIndex, 'get' | 'onChange' | 'synced'>;
  readonly log: Log;
  readonly clock?: Clock;
  readonly random?: () => number;
}

/** CRDs may be installed, or begin to serve another version, at any time. */
const DISCOVERY_MS = 30_000;
const RETRY_MS = 2000;
const NO_ANSWER = Symbol('no answer');

export function createClusterExternalSecrets(options: ClusterExternalSecretsOptions): ClusterExternalSecrets {
  const { client, config, namespaces, stores, log, clock = systemClock, random = Math.random } = options;
  let queue: WorkQueue | undefined;

  return {
    async run(signal) {
      let following: Following | undefined;
      while (!signal.aborted) {
        const served = await discover(signal);
        if (typeof served === 'string' && served !== following?.apiVersion) {
          await following?.stop();
          following = follow(served);
        }
        await clock.sleep(served === NO_ANSWER ? RETRY_MS : DISCOVERY_MS, signal);
      }
      await following?.stop();
    },

    lastProgressAt: () => queue?.lastProgressAt() ?? clock.now(),
  };

  /** Where nothing is served any more, or nobody answers, what is followed stays. */
  async function discover(signal: AbortSignal): Promise<string | typeof NO_ANSWER | undefined> {
    try {
      return await discoverStoreVersion(client, signal);
    } catch (error) {
      if (!signal.aborted) log.warn(kubeErrorFacts(error), 'served versions of ClusterExternalSecrets are unknown');
      return NO_ANSWER;
    }
  }

  function follow(apiVersion: string): Following {
    const definitions = createClusterDefinitionIndex(apiVersion, (name) => work.add(name));
    const externalSecrets = createExternalSecretIndex(({ ownerUid, name }) => {
      for (const one of definitions.values()) {
        if (one.uid === ownerUid || one.externalSecretName === name) work.add(one.name);
      }
    });
    const reconcile = createReconcileClusterDefinition({ ...options, externalSecrets });
    const watched = { client, log, clock, random };
    const reflectors = [
      startReflector({ ...watched, path: pathOf('clusterexternalsecrets'), handler: definitions }),
      startReflector({ ...watched, path: pathOf('externalsecrets'), metadataOnly: true, handler: externalSecrets }),
    ];
    let isReady = false;
    void begin();
    const work = createWorkQueue({
      concurrency: config.controller.concurrency,
      log,
      clock,
      random,
      async run(name, signal) {
        const definition = definitions.get(name);
        // Before everything is known, much would look as if it were not selected, or not there.
        return definition === undefined || !isReady ? {} : reconcile(definition, signal);
      },
    });
    queue = work;
    const unsubscribe = [namespaces.onChange(() => addAll()), stores.onChange(() => addAll())];

    return {
      apiVersion,
      async stop() {
        for (const end of unsubscribe) end();
        await Promise.all(reflectors.map((reflector) => reflector.stop()));
        await work.stop();
        queue = undefined;
      },
    };

    async function begin(): Promise<void> {
      await Promise.all([namespaces.synced, stores.synced, ...reflectors.map((reflector) => reflector.synced)]);
      isReady = true;
      addAll();
    }

    function addAll(): void {
      for (const { name } of definitions.values()) work.add(name);
    }

    function pathOf(plural: string): string {
      return apiPath({ apiVersion, plural });
    }
  }
}

interface Following {
  readonly apiVersion: string;
  stop(): Promise<void>;
}
