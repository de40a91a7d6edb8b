import { LRUCache } from 'lru-cache';
import pLimit from 'p-limit';
import type { Config } from '../../config.ts';
import { LatchkeyError } from '../../errors.ts';
import type { ClusterDefinition } from '../../externalsecrets/cluster-definition.ts';
import { type KubeClient, KubeError } from '../../kube/client.ts';
import { isConflict, isNotFound } from '../../kube/kube-error.ts';
import { apiPath } from '../../kube/paths.ts';
import { mergePatch } from '../../kube/server-side-apply.ts';
import type { Log } from '../../log.ts';
import { classOfDefinition } from '../../stores/definition-class.ts';
import type { NamespaceIndex } from '../../stores/namespace-index.ts';
import type { StoreIndex } from '../../stores/store.ts';
import type { RunOutcome } from '../work-queue.ts';
import type { ExternalSecretIndex } from './external-secret-index.ts';
import { type NamespaceFailure, nextStatus, type Outcome } from './next-status.ts';
import { placeDefinition, type Placement } from './placement.ts';
import { createStamper, FIELD_MANAGER } from './stamp.ts';

export interface ReconcileClusterDefinitionOptions {
  readonly client: KubeClient;
  readonly config: Pick<Config, 'externalSecrets' | 'stores'>;
  readonly namespaces: Pick<NamespaceIndex, 'values' | 'isOptedIn'>;
  readonly stores: Pick<StoreIndex, 'get'>;
  readonly externalSecrets: Pick<ExternalSecretIndex, 'get' | 'ownedBy'>;
  readonly log: Log;
  readonly random?: () => number;
}

/** Carries out one ClusterExternalSecret. Rejects where something has to be tried again soon. */
export type ReconcileClusterDefinition = (definition: ClusterDefinition, signal: AbortSignal) => Promise<RunOutcome>;

/** Requests of one ClusterExternalSecret at a time. */
const CONCURRENCY = 8;
const MAX_REMEMBERED = 10_000;
/** The least `refreshTime` that is honoured: changes come by watches, this is for what they miss. */
const MIN_REFRESH_MS = 10_000;
/** External Secrets' own text. */
const ALREADY_EXISTS = 'external secret already exists in namespace';

export function createReconcileClusterDefinition(
  options: ReconcileClusterDefinitionOptions,
): ReconcileClusterDefinition {
  const { client, config, namespaces, stores, externalSecrets, log, random = Math.random } = options;
  const stamper = createStamper(client, externalSecrets);
  /** The watch may not have brought what we wrote last. */
  const written = new LRUCache<string, Readonly<Record<string, unknown>>>({ max: MAX_REMEMBERED });

  return async (definition, signal) => {
    const owned = externalSecrets.ownedBy(definition.uid);
    const placement = placeDefinition(definition, {
      namespaces: namespaces.values(),
      owned,
      isSynced: (namespace) => config.externalSecrets.namespaces === 'all' || namespaces.isOptedIn(namespace),
      classIn: (namespace) => classOfDefinition(definition.stores, namespace, stores, config.stores),
    });
    if (placement === undefined) return {};
    if (definition.problems.length > 0) {
      const reason = definition.problems.join('; ');
      const provisionedNamespaces = owned.map(({ namespace }) => namespace);
      await publish(
        definition,
        { provisionedNamespaces, failedNamespaces: [{ namespace: 'unknown', reason }] },
        signal,
      );
      return {};
    }

    const { provisioned, failures } = await carryOut(definition, placement, signal);
    const failedNamespaces = [...placement.failed, ...failures.map(({ namespace, reason }) => ({ namespace, reason }))];
    await publish(definition, { provisionedNamespaces: provisioned, failedNamespaces }, signal);
    const passing = failures.map(({ error }) => error).find(isPassing);
    if (passing !== undefined) throw passing;
    return definition.refreshMs === 0 ? {} : { again: nextLookMs(definition) };
  };

  /** What is outdated goes first: under another name it may claim the same Secret. */
  async function carryOut(definition: ClusterDefinition, { wanted, outdated }: Placement, signal: AbortSignal) {
    const limit = pLimit(CONCURRENCY);
    const provisioned: string[] = [];
    const failures: Failure[] = [];

    await limit.map(outdated, async (known) => {
      try {
        await stamper.remove(definition.apiVersion, known, signal);
        log.info(
          { definition: definition.name, namespace: known.namespace, name: known.name },
          'external secret removed',
        );
      } catch (error) {
        failures.push(
          toFailure(known.namespace, 'external secret in non matching namespace could not be deleted', error),
        );
      }
    });
    await limit.map(wanted, async (namespace) => {
      try {
        const stamped = await stamper.stamp(definition, namespace, signal);
        if (stamped === 'stamped') provisioned.push(namespace);
        else failures.push({ namespace, reason: ALREADY_EXISTS, error: undefined });
      } catch (error) {
        failures.push(toFailure(namespace, 'could not create or update ExternalSecret', error));
      }
    });
    return { provisioned, failures };
  }

  async function publish(
    definition: ClusterDefinition,
    outcome: Omit<Outcome, 'externalSecretName'>,
    signal: AbortSignal,
  ) {
    const { apiVersion, name, uid, externalSecretName } = definition;
    const status = nextStatus(written.get(uid) ?? definition.status, { ...outcome, externalSecretName });
    if (status === undefined) return;
    const path = apiPath({ apiVersion, plural: 'clusterexternalsecrets' }, { name, subresource: 'status' });
    try {
      await mergePatch(client, path, { metadata: { uid }, status }, { fieldManager: FIELD_MANAGER, signal });
      written.set(uid, status);
    } catch (error) {
      // Gone meanwhile: the watch brings the news.
      if (!isNotFound(error)) throw error;
    }
  }

  function nextLookMs({ refreshMs }: ClusterDefinition): number {
    return Math.max(refreshMs, MIN_REFRESH_MS) * (0.9 + 0.2 * random());
  }
}

interface Failure extends NamespaceFailure {
  readonly error: Error | undefined;
}

/** What the API server answered names the object and the field, and quotes nothing of it. */
function toFailure(namespace: string, what: string, error: unknown): Failure {
  const reason = error instanceof KubeError ? `${what}: ${error.message}` : what;
  return { namespace, reason, error: error instanceof Error ? error : LatchkeyError.from(error) };
}

/** A refusal stays one until something changes, which the watches tell. */
function isPassing(error: Error | undefined): boolean {
  if (error === undefined) return false;
  const isRefusal = error instanceof KubeError && error.status >= 400 && error.status < 500 && error.status !== 429;
  return !isRefusal || isConflict(error);
}
