import { LRUCache } from 'lru-cache';
import type { Call } from '../identity/store-identity.ts';
import { type KubeClient, KubeError } from '../kube/client.ts';
import type { Clock } from '../kube/clock.ts';
import { isNotFound } from '../kube/kube-error.ts';
import type { KubeObject } from '../kube/kube-object.ts';
import { apiPath, SECRETS } from '../kube/paths.ts';
import { applyObject, mergePatch, strategicMergePatch } from '../kube/server-side-apply.ts';
import type { ObjectReference, Owner } from '../planning/plan.ts';
import type { SecretValue } from '../secret-value.ts';
import { REFUSED_AT } from '../references/annotations.ts';
import { applyLease } from './lease.ts';
import { FIELD_MANAGER, MANAGED_BY, MANAGED_BY_LABEL, ownerReference, secretObject } from './secret-object.ts';
import { fromWriteError } from './write-error.ts';

/** How long a replica relies on a Secret that it wrote itself: a rollout's Pods share one write. */
const TRUST_MS = 30_000;
const MOST_TRUSTED = 10_000;
/** Not that of our applies: an apply would take away an annotation that it does not name. */
const REFUSAL_MANAGER = `${FIELD_MANAGER}-refusal`;
const OWNERS_MANAGER = `${FIELD_MANAGER}-owners`;

export interface SecretToWrite {
  readonly namespace: string;
  readonly name: string;
  readonly owner: Owner;
  /** `undefined`: Opaque. */
  readonly type?: string | undefined;
  readonly data: ReadonlyMap<string, SecretValue>;
}

/** What stands under a name that is ours. */
export interface StoredSecret {
  readonly metadata: KubeObject['metadata'];
  /** A provider said 403 or 404 for it: its values must not be used any more when the provider is away. */
  readonly refused: boolean;
}

/** The one way in which webhook and controller put a Secret into the cluster. Neither reads Secrets' data. */
export interface SecretWriter {
  /** Whether this replica wrote it a moment ago. */
  trusts(namespace: string, name: string): boolean;
  /** One server-side apply, after that of its Lease where it has no owner yet. Throws TARGET_CONFLICT, WRITE_REFUSED or CLUSTER_UNAVAILABLE. */
  write(secret: SecretToWrite, call: Call): Promise<void>;
  /** What is stored under the name; `undefined` where nothing is. Throws as `write` does for an object that is not ours. */
  probe(namespace: string, name: string, call: Call): Promise<StoredSecret | undefined>;
  /** Links a Secret to stored Pods. A strategic merge patch: an apply of them would conflict with that of the data. */
  addOwners(secret: SecretIdentity, owners: readonly ObjectReference[], call: Call): Promise<void>;
  /** Records that the provider refused; nothing where the Secret does not exist. */
  recordRefusal(namespace: string, name: string, call: Call): Promise<void>;
}

export interface SecretIdentity {
  readonly namespace: string;
  readonly name: string;
  /** A precondition: another object of that name is not touched. */
  readonly uid: string;
}

export interface SecretWriterOptions {
  readonly client: KubeClient;
  readonly leaseDurationMs: number;
  readonly clock: Clock;
}

export function createSecretWriter({ client, leaseDurationMs, clock }: SecretWriterOptions): SecretWriter {
  const trusted = new LRUCache<string, true>({
    max: MOST_TRUSTED,
    ttl: TRUST_MS,
    perf: clock,
  });

  /** A merge patch answers with metadata, and changes nothing when it is empty: our only way to look. */
  async function patchMetadata(
    namespace: string,
    name: string,
    body: Readonly<Record<string, unknown>>,
    { signal }: Call,
  ): Promise<StoredSecret | undefined> {
    const path = apiPath(SECRETS, { namespace, name });
    try {
      return toStored(await mergePatch(client, path, body, { fieldManager: REFUSAL_MANAGER, signal }));
    } catch (error) {
      if (isNotFound(error)) return undefined;
      throw fromWriteError(error, `Secret "${name}"`);
    }
  }

  return {
    trusts: (namespace, name) => trusted.has(`${namespace}/${name}`),

    async write({ namespace, name, owner, type, data }, call) {
      const { signal } = call;
      try {
        const object =
          owner.kind === 'object'
            ? owner.object
            : await applyLease(client, { namespace, name, durationMs: leaseDurationMs, now: clock.date(), signal });
        const body = secretObject({ namespace, name, owner: object, type, data });
        const answer = await applyObject(client, apiPath(SECRETS, { namespace, name }), body, {
          fieldManager: FIELD_MANAGER,
          signal,
        });
        if (toStored(answer).refused) {
          await patchMetadata(namespace, name, { metadata: { annotations: { [REFUSED_AT]: null } } }, call);
        }
        trusted.set(`${namespace}/${name}`, true);
      } catch (error) {
        throw fromWriteError(error, `Secret "${name}"`);
      }
    },

    async probe(namespace, name, call) {
      const stored = await patchMetadata(namespace, name, {}, call);
      const manager = stored?.metadata.labels?.[MANAGED_BY_LABEL];
      if (stored === undefined || manager === MANAGED_BY[MANAGED_BY_LABEL]) return stored;
      throw fromWriteError(new KubeError(409, 'Conflict', 'foreign Secret'), `Secret "${name}"`);
    },

    async addOwners({ namespace, name, uid }, owners, { signal }) {
      const body = { metadata: { uid, ownerReferences: owners.map(ownerReference) } };
      const path = apiPath(SECRETS, { namespace, name });
      await strategicMergePatch(client, path, body, { fieldManager: OWNERS_MANAGER, signal });
    },

    async recordRefusal(namespace, name, call) {
      trusted.delete(`${namespace}/${name}`);
      await patchMetadata(
        namespace,
        name,
        { metadata: { annotations: { [REFUSED_AT]: clock.date().toISOString() } } },
        call,
      );
    },
  };
}

function toStored({ metadata }: KubeObject): StoredSecret {
  return { metadata, refused: metadata.annotations?.[REFUSED_AT] !== undefined };
}
