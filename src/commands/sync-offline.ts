import type { Config } from '../config.ts';
import { createExternalSecretController } from '../controller/external-secret/external-secret-controller.ts';
import { LatchkeyError } from '../errors.ts';
import { FIELD_MANAGER } from '../delivery/secret-object.ts';
import type { Definition } from '../externalsecrets/definition.ts';
import { createFindStore } from '../externalsecrets/find-store.ts';
import { isSynced } from '../externalsecrets/is-synced.ts';
import { storesOf } from '../externalsecrets/stores-of.ts';
import { syncedVersion } from '../externalsecrets/synced-version.ts';
import { apiPath } from '../kube/paths.ts';
import { mergePatch } from '../kube/server-side-apply.ts';
import { createLog } from '../log.ts';
import { createMetrics } from '../metrics.ts';
import { classifyStores } from '../stores/definition-class.ts';
import type { Offline } from './offline.ts';
import { uncalledByDefinition } from './uncalled-providers.ts';

/** An ExternalSecret after whatever can be done about it offline. */
export interface OfflineDefinition {
  /** With the status that the sync left. */
  readonly definition: Definition;
  /** `false`: another controller's, or nobody's. */
  readonly isOurs: boolean;
  /** Providers that would have to be called; what they hold is taken as synced. */
  readonly uncalled: readonly string[];
  /** What is wrong with stores that are not called. */
  readonly problems: readonly LatchkeyError[];
}

const DEADLINE_MS = 10_000;

/** Syncs into the cluster in memory what can be read offline, by the controller's own code. */
export async function syncOffline(offline: Offline, config: Config): Promise<readonly OfflineDefinition[]> {
  const { definitions } = offline;
  const found = [...definitions.all()].map(([key, definition]) => ({ key, ...classify(definition, offline, config) }));
  const syncing = found.filter(({ isOurs, uncalled }) => isOurs && uncalled.length === 0).map(({ key }) => key);
  const assumed = found.filter(
    ({ isOurs, uncalled, problems }) => isOurs && uncalled.length > 0 && problems.length === 0,
  );
  for (const { definition } of assumed) await assumeSynced(definition, offline);
  const waiting = new Map(assumed.map(({ key }) => [key, isSynced]));
  for (const key of syncing) waiting.set(key, isSettled);
  await run(offline, config, new Set(syncing), waiting);
  return found.map(({ key, definition, ...rest }) => ({
    ...rest,
    definition: definitions.all().get(key) ?? definition,
  }));
}

function classify(definition: Definition, { stores, namespaces }: Offline, config: Config): OfflineDefinition {
  const { namespace } = definition;
  const named = storesOf(definition);
  const { whose, missing, areReadByPods } = classifyStores(named, namespace, stores, config.stores);
  // Nobody is called for what is mistaken, or what each Pod reads itself.
  const isSettledAtOnce = definition.problems.length > 0 || missing.length > 0 || areReadByPods;
  const uncalled = isSettledAtOnce ? [] : uncalledByDefinition(definition, { stores });
  const findStore = createFindStore({ stores, namespaces, controllerClass: config.stores.controllerClass });
  return {
    definition,
    isOurs: whose === 'ours',
    uncalled,
    problems:
      uncalled.length === 0 ? [] : named.flatMap((reference) => problemOf(() => findStore(reference, namespace))),
  };
}

function problemOf(work: () => unknown): readonly LatchkeyError[] {
  try {
    work();
    return [];
  } catch (error) {
    return [LatchkeyError.from(error)];
  }
}

async function assumeSynced(definition: Definition, { cluster }: Offline): Promise<void> {
  const { apiVersion, namespace, name } = definition;
  const path = apiPath({ apiVersion, plural: 'externalsecrets' }, { namespace, name, subresource: 'status' });
  const status = { syncedResourceVersion: syncedVersion(definition), conditions: [] };
  await mergePatch(
    cluster,
    path,
    { status },
    { fieldManager: FIELD_MANAGER, signal: AbortSignal.timeout(DEADLINE_MS) },
  );
}

function isSettled({ status }: Definition): boolean {
  return status.ready !== undefined;
}

/** The controller, for these definitions alone, until each has its status. */
async function run(
  { definitions, namespaces, stores, produceFresh, cluster }: Offline,
  config: Config,
  keys: ReadonlySet<string>,
  waiting: ReadonlyMap<string, (definition: Definition) => boolean>,
): Promise<void> {
  const log = createLog('silent');
  const stopping = new AbortController();
  const done = Promise.withResolvers<void>();
  const unsubscribe = definitions.onChange(look);
  const controller = createExternalSecretController({
    client: cluster,
    config,
    definitions: {
      synced: definitions.synced,
      all: () => new Map([...definitions.all()].filter(([key]) => keys.has(key))),
      onChange: (listener) => definitions.onChange((key) => keys.has(key) && listener(key)),
    },
    stores,
    namespaces,
    produce: produceFresh,
    events: { event() {}, flush: async () => {} },
    metrics: createMetrics(),
    log,
    random: () => 0,
  });
  const work = controller.run(stopping.signal);
  look();
  const deadline = setTimeout(done.resolve, DEADLINE_MS);
  await done.promise;
  clearTimeout(deadline);
  unsubscribe();
  stopping.abort();
  await work;

  function look(): void {
    const all = definitions.all();
    const isDone = [...waiting].every(([key, holds]) => {
      const definition = all.get(key);
      return definition === undefined || holds(definition);
    });
    if (isDone) done.resolve();
  }
}
