import { createClusterExternalSecrets } from '../controller/cluster-external-secret/cluster-external-secrets.ts';
import { createExternalSecretController } from '../controller/external-secret/external-secret-controller.ts';
import { createLeaseReaper } from '../controller/lease-reaper.ts';
import { createPodIndex } from '../controller/pod-index.ts';
import { createSecretKeeper } from '../controller/secret-keeper.ts';
import { createStoreStatus } from '../controller/store-status.ts';
import { createVerifyClaim } from '../controller/verify-claim.ts';
import { createWorkQueue, type WorkQueue } from '../controller/work-queue.ts';
import { MANAGED_BY_SELECTOR } from '../delivery/secret-object.ts';
import { systemClock } from '../kube/clock.ts';
import { createEventRecorder } from '../kube/events.ts';
import { apiPath, LEASES, PODS } from '../kube/paths.ts';
import { type Reflector, startReflector } from '../kube/reflector.ts';
import { INJECTED } from '../references/annotations.ts';
import { createWebhookTrust } from '../tls/webhook-trust.ts';
import type { Foundation } from './foundation.ts';
import type { ProcessContext } from './process.ts';

export interface LeaderWork {
  /** Everything that only one replica does, until the signal aborts. */
  run(signal: AbortSignal): Promise<void>;
  isAlive(): boolean;
}

/** Longer than any one run may take: beyond it something is stuck that a restart would free. */
const STUCK_MS = 10 * 60_000;

export function createLeaderWork(context: ProcessContext, foundation: Foundation): LeaderWork {
  const { config, client, log, metrics, instance } = context;
  const clock = systemClock;
  let queues: readonly Pick<WorkQueue, 'lastProgressAt'>[] = [];

  return {
    isAlive: () => queues.every((queue) => clock.now() - queue.lastProgressAt() < STUCK_MS),

    async run(signal) {
      const events = createEventRecorder(client, { component: 'latchkey-controller', instance, log, clock });
      const trust = createWebhookTrust({ kube: client, config, clock, log, metrics });
      const storeStatus = createStoreStatus({
        client,
        config,
        stores: foundation.stores,
        identityOf: foundation.identityOf,
        events,
        log,
        clock,
      });
      const { namespaces, stores } = foundation;
      const clusterDefinitions = createClusterExternalSecrets({ client, config, namespaces, stores, log, clock });
      const definitions = createExternalSecretController({
        client,
        config,
        definitions: foundation.definitions,
        stores,
        namespaces,
        produce: foundation.produceFresh,
        events,
        metrics,
        log,
        clock,
      });
      const secrets = startSecretWork(events);
      queues = [...secrets.queues, storeStatus, clusterDefinitions, definitions];
      const isSyncing = config.externalSecrets.enabled;
      try {
        await Promise.all([
          trust.run(signal),
          storeStatus.run(signal),
          isSyncing ? clusterDefinitions.run(signal) : undefined,
          definitions.run(signal),
          untilAborted(signal),
        ]);
      } finally {
        queues = [];
        await secrets.stop();
        await events.flush();
      }
    },
  };

  /** Pods and Leases of ours, metadata only for the Pods, and the two queues that they feed. */
  function startSecretWork(events: ReturnType<typeof createEventRecorder>) {
    const { owners, serviceAccounts, namespaces, stores, definitions, writer, filler } = foundation;
    const { controllerClass } = foundation.planSettings;
    const verify = createVerifyClaim({
      client,
      owners,
      serviceAccounts,
      namespaces,
      stores,
      definitions,
      controllerClass,
    });
    const keeper = createSecretKeeper({ verify, writer, filler, events, log });
    const { concurrency } = config.controller;

    const secretQueue = createWorkQueue({
      concurrency,
      log,
      clock,
      run(key, signal) {
        const [namespace = '', name = ''] = key.split('/');
        return keeper.keep(namespace, name, pods.podsOf(key), { signal });
      },
    });
    const leaseQueue = createWorkQueue({
      concurrency,
      log,
      clock,
      run: (namespace, signal) => reaper.reap(namespace, { signal }),
    });
    const pods = createPodIndex((secret) => secretQueue.add(secret));
    const reaper = createLeaseReaper({
      client,
      keeper,
      clock,
      log,
      schedule: (namespace, ms) => leaseQueue.addAfter(namespace, ms),
    });

    const reflectors: readonly Reflector[] = [
      startReflector({
        client,
        path: apiPath(PODS),
        labelSelector: `${INJECTED}=true`,
        metadataOnly: true,
        handler: pods,
        log,
        clock,
      }),
      startReflector({
        client,
        path: apiPath(LEASES),
        labelSelector: MANAGED_BY_SELECTOR,
        handler: reaper,
        log,
        clock,
      }),
    ];
    return {
      queues: [secretQueue, leaseQueue],
      async stop() {
        await Promise.all(reflectors.map((reflector) => reflector.stop()));
        await Promise.all([secretQueue.stop(), leaseQueue.stop()]);
      },
    };
  }
}

function untilAborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}
