import { LatchkeyError } from '../errors.ts';
import type { Definition } from '../externalsecrets/definition.ts';
import { isSynced } from '../externalsecrets/is-synced.ts';
import type { Call } from '../identity/store-identity.ts';
import { objectKey } from '../kube/kube-object.ts';
import type { AwaitedDefinition } from '../planning/plan.ts';
import { joinPlaces } from '../planning/problems.ts';
import { orAborted } from '../single-flight.ts';

/** ExternalSecrets as a watch brings them. */
export interface DefinitionFeed {
  definition(namespace: string, name: string): Definition | undefined;
  /** The listener hears `namespace/name` of each that came, changed (its status too) or went. Returns how to stop that. */
  onChange(listener: (key: string) => void): () => void;
}

export interface SyncWaitsOptions {
  readonly feed: DefinitionFeed;
  readonly patience?: Patience;
}

export interface Patience {
  /** One that was never synced and has failed may have been corrected just now: so long, the next attempt may still come. */
  readonly failingMs: number;
  /** A Pod that can do without the Secret is not held up for long. */
  readonly optionalMs: number;
}

export interface Waited {
  readonly problems: readonly LatchkeyError[];
  readonly warnings: readonly string[];
}

/** Holds Pods back until the ExternalSecrets that make their Secrets are synced in their current version. */
export interface SyncWaits {
  /** What is known now. */
  look(namespace: string, awaits: readonly AwaitedDefinition[]): Waited;
  /** The same after waiting, as long as the call allows and it can help. Asks nobody: the watch brings the news. */
  wait(namespace: string, awaits: readonly AwaitedDefinition[], call: Call): Promise<Waited>;
}

const PATIENCE: Patience = { failingMs: 1_000, optionalMs: 2_000 };
/** Conditions may hold any text. */
const MAX_MESSAGE_LENGTH = 300;
const NOTHING: Waited = Object.freeze({ problems: [], warnings: [] });

type State = 'synced' | 'pending' | 'failing';

export function createSyncWaits({ feed, patience = PATIENCE }: SyncWaitsOptions): SyncWaits {
  const changes = new Map<string, PromiseWithResolvers<void>>();
  feed.onChange((key) => {
    changes.get(key)?.resolve();
    changes.delete(key);
  });

  return {
    look: (namespace, awaits) => outcome(namespace, awaits, (state) => state === 'failing'),

    async wait(namespace, awaits, call) {
      const pending = awaits.filter((one) => one.problems.length === 0 && stateOf(namespace, one) !== 'synced');
      if (pending.length > 0) await Promise.all(pending.map((one) => settle(namespace, one, call)));
      return outcome(namespace, awaits, (state) => state !== 'synced');
    },
  };

  async function settle(namespace: string, awaited: AwaitedDefinition, call: Call): Promise<void> {
    const limits = [call.signal];
    if (awaited.optional) limits.push(AbortSignal.timeout(patience.optionalMs));
    if (stateOf(namespace, awaited) === 'failing') limits.push(AbortSignal.timeout(patience.failingMs));
    const signal = AbortSignal.any(limits);
    while (!signal.aborted && stateOf(namespace, awaited) !== 'synced') {
      // Whoever runs out of time finds that out by looking.
      await orAborted(nextChange(objectKey(namespace, awaited.externalSecret)), signal, tooLate).catch(() => undefined);
    }
  }

  /** One promise for all who wait for news of a definition. */
  function nextChange(key: string): Promise<void> {
    const known = changes.get(key);
    if (known !== undefined) return known.promise;
    const change = Promise.withResolvers<void>();
    changes.set(key, change);
    return change.promise;
  }

  function stateOf(namespace: string, { externalSecret }: AwaitedDefinition): State {
    const definition = feed.definition(namespace, externalSecret);
    if (definition === undefined) return 'pending';
    if (isSynced(definition)) return 'synced';
    const { syncedResourceVersion, ready } = definition.status;
    // A new label alone must not stop what an outage leaves running: the Secret is still that of this spec.
    const isOfThisSpec = syncedResourceVersion.startsWith(`${definition.generation}-`);
    if (isOfThisSpec && ready?.status === 'False') return 'synced';
    return syncedResourceVersion === '' && ready?.status === 'False' ? 'failing' : 'pending';
  }

  function outcome(
    namespace: string,
    awaits: readonly AwaitedDefinition[],
    isRefused: (state: State) => boolean,
  ): Waited {
    const open = awaits.filter((one) => stateOf(namespace, one) !== 'synced');
    if (open.length === 0) return NOTHING;
    const refused = open.filter((one) => one.problems.length > 0 || isRefused(stateOf(namespace, one)));
    const needed = refused.filter(({ optional }) => !optional);
    return {
      problems: needed.flatMap((one) => (one.problems.length > 0 ? one.problems : [notReady(namespace, one)])),
      warnings: refused.filter(({ optional }) => optional).map((one) => warning(one)),
    };
  }

  function notReady(namespace: string, { externalSecret, target, places }: AwaitedDefinition): LatchkeyError {
    const { status } = feed.definition(namespace, externalSecret) ?? {};
    const isOld = status !== undefined && status.syncedResourceVersion !== '';
    const told = status?.ready?.status === 'False' ? `: ${status.ready.message.slice(0, MAX_MESSAGE_LENGTH)}` : '';
    const what = isOld ? 'is not that of the current definition yet' : 'is not there yet';
    return new LatchkeyError('EXTERNAL_SECRET_NOT_READY', `its Secret "${target}" ${what}${told}`, {
      where: `${joinPlaces(places)}, ExternalSecret "${externalSecret}"`,
      hint: `The Pod is retried by its controller; see kubectl describe externalsecret ${externalSecret}`,
    });
  }
}

function warning({ externalSecret, target, places }: AwaitedDefinition): string {
  return `${joinPlaces(places)}: ExternalSecret "${externalSecret}" is not synced, so the Secret "${target}" may be missing`;
}

function tooLate(): LatchkeyError {
  return new LatchkeyError('EXTERNAL_SECRET_NOT_READY', 'the ExternalSecret was not synced in time');
}
