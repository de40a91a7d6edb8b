import { LRUCache } from 'lru-cache';
import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import { type KubeClient, KubeError, METADATA_ONLY } from '../kube/client.ts';
import { type KubeObject, parseKubeObject } from '../kube/kube-object.ts';
import {
  apiPath,
  CONTROLLER_REVISIONS,
  CRON_JOBS,
  DAEMON_SETS,
  JOBS,
  REPLICA_SETS,
  type Resource,
  STATEFUL_SETS,
} from '../kube/paths.ts';
import type { ObjectReference, Owner } from '../planning/plan.ts';
import { controllerOf, type PodView } from '../planning/pod-view.ts';
import { createSingleFlight, orAborted } from '../single-flight.ts';
import { type AnnotationSource, ownAnnotations } from '../references/annotation-source.ts';

/** What stands above a Pod: who owns its Secrets, and the annotations it takes over, the nearest first. */
export interface Workload {
  readonly owner: Owner;
  readonly sources: readonly AnnotationSource[];
}

/** Finds and verifies the workload above a Pod. What a Pod says of its owner is a claim until the API server confirmed it. */
export interface OwnerLookup {
  /** What was found a moment ago, without I/O; always for a Pod without a controller. */
  cached(namespace: string, pod: PodView): Workload | undefined;
  /** Throws OWNER_INVALID for a false claim, CLUSTER_UNAVAILABLE where it cannot be checked. */
  find(namespace: string, pod: PodView, call: Call): Promise<Workload>;
}

export interface OwnerLookupOptions {
  readonly client: KubeClient;
  /** How late a changed annotation of a workload may be seen. */
  readonly ttlMs: number;
  readonly now: () => number;
}

/** A bare Pod, or a kind that we cannot read: the Lease way, without annotations from above. */
const NOTHING_ABOVE: Workload = { owner: { kind: 'lease' }, sources: [] };
const MOST_WORKLOADS = 20_000;
/** Bounds a look-up that several admissions wait for. */
const LOOK_UP_MS = 5_000;
/** The Pods of one revision carry its name or hash here when they are created. */
const REVISION_LABEL = 'controller-revision-hash';

const KINDS: Readonly<Record<string, Resource>> = {
  'apps/v1 ReplicaSet': REPLICA_SETS,
  'apps/v1 StatefulSet': STATEFUL_SETS,
  'apps/v1 DaemonSet': DAEMON_SETS,
  'batch/v1 Job': JOBS,
};

export function createOwnerLookup({ client, ttlMs, now }: OwnerLookupOptions): OwnerLookup {
  const known = new LRUCache<string, Workload>({ max: MOST_WORKLOADS, ttl: ttlMs, perf: { now } });
  const lookUps = createSingleFlight<Workload>();

  async function read(namespace: string, resource: Resource, claim: ObjectReference, call: Call): Promise<KubeObject> {
    const path = apiPath(resource, { namespace, name: claim.name });
    try {
      const object = parseKubeObject(
        await client.request({ method: 'GET', path, accept: METADATA_ONLY, signal: call.signal }),
      );
      if (object?.metadata.uid === claim.uid) return object;
    } catch (error) {
      if (!(error instanceof KubeError) || error.status !== 404) throw error;
    }
    throw new LatchkeyError(
      'OWNER_INVALID',
      `the Pod names ${claim.kind} "${claim.name}" as its controller, which does not exist with that uid`,
      {
        hint: 'Remove metadata.ownerReferences from a Pod that you create yourself',
      },
    );
  }

  async function lookUp(
    namespace: string,
    pod: PodView,
    claim: ObjectReference,
    resource: Resource,
    call: Call,
  ): Promise<Workload> {
    const workload = await read(namespace, resource, claim, call);
    if (resource === REPLICA_SETS) {
      // The Deployment's annotations stand on its ReplicaSets as copies.
      const deployment = controllerOf(workload.metadata.ownerReferences);
      return { owner: { kind: 'object', object: claim }, sources: [sourceOf(deployment ?? claim, workload)] };
    }
    if (resource === JOBS) {
      return {
        owner: { kind: 'object', object: claim },
        sources: [sourceOf(claim, workload), ...(await cronJobOf(namespace, workload, call))],
      };
    }
    return { owner: await revisionOf(namespace, pod, claim, call), sources: [sourceOf(claim, workload)] };
  }

  async function cronJobOf(namespace: string, job: KubeObject, call: Call): Promise<readonly AnnotationSource[]> {
    const claim = controllerOf(job.metadata.ownerReferences);
    if (claim?.kind !== 'CronJob') return [];
    try {
      return [sourceOf(claim, await read(namespace, CRON_JOBS, claim, call))];
    } catch (error) {
      // A kind that we may not read is as if it were not there; the Job still is.
      if (error instanceof KubeError && error.status === 403) return [];
      throw error;
    }
  }

  /** The ControllerRevision: unlike its StatefulSet or DaemonSet it goes when its Pods' template is history. */
  async function revisionOf(namespace: string, pod: PodView, claim: ObjectReference, call: Call): Promise<Owner> {
    const label = revisionLabel(pod);
    if (label === '') return NOTHING_ABOVE.owner;
    const name = claim.kind === 'DaemonSet' ? `${claim.name}-${label}` : label;
    const path = apiPath(CONTROLLER_REVISIONS, { namespace, name });
    const answer = await client.request({ method: 'GET', path, accept: METADATA_ONLY, signal: call.signal });
    const revision = parseKubeObject(answer);
    if (revision === undefined || controllerOf(revision.metadata.ownerReferences)?.uid !== claim.uid) {
      throw new LatchkeyError(
        'OWNER_INVALID',
        `ControllerRevision "${name}" does not belong to ${claim.kind} "${claim.name}"`,
        {
          hint: `Remove the label ${REVISION_LABEL} from a Pod that you create yourself`,
        },
      );
    }
    const object = {
      apiVersion: CONTROLLER_REVISIONS.apiVersion,
      kind: 'ControllerRevision',
      name,
      uid: revision.metadata.uid,
    };
    return { kind: 'object', object };
  }

  return {
    cached(namespace, pod) {
      const claim = readable(pod);
      return claim === undefined ? NOTHING_ABOVE : known.get(keyOf(namespace, pod, claim.claim));
    },

    async find(namespace, pod, call) {
      const readableClaim = readable(pod);
      if (readableClaim === undefined) return NOTHING_ABOVE;
      const { claim, resource } = readableClaim;
      const key = keyOf(namespace, pod, claim);
      const cached = known.get(key);
      if (cached !== undefined) return cached;
      const work = lookUps.join(key, async () => {
        const shared = { signal: AbortSignal.timeout(LOOK_UP_MS) };
        const workload = await lookUp(namespace, pod, claim, resource, shared).catch(recover);
        known.set(key, workload);
        return workload;
      });
      return await orAborted(work, call.signal, () => unanswered(undefined));
    },
  };
}

function readable(pod: PodView): { readonly claim: ObjectReference; readonly resource: Resource } | undefined {
  const claim = pod.controller;
  if (claim === undefined) return undefined;
  const resource = KINDS[`${claim.apiVersion} ${claim.kind}`];
  return resource === undefined ? undefined : { claim, resource };
}

function keyOf(namespace: string, pod: PodView, claim: ObjectReference): string {
  return `${namespace}/${claim.name}/${claim.uid}/${revisionLabel(pod)}`;
}

function revisionLabel({ labels }: PodView): string {
  const label = labels?.[REVISION_LABEL];
  return typeof label === 'string' ? label : '';
}

function sourceOf(object: Pick<ObjectReference, 'kind' | 'name'>, { metadata }: KubeObject): AnnotationSource {
  return {
    where: `${object.kind} "${object.name}"`,
    level: 'workload',
    annotations: ownAnnotations(metadata.annotations),
  };
}

/** A kind that we may not read counts as no controller. */
function recover(error: unknown): Workload {
  if (error instanceof LatchkeyError) throw error;
  if (error instanceof KubeError && error.status === 403) return NOTHING_ABOVE;
  if (error instanceof KubeError && error.status === 404) {
    throw new LatchkeyError('OWNER_INVALID', "the Pod's revision does not exist", {
      hint: 'Create the Pod through its workload',
    });
  }
  throw unanswered(error);
}

function unanswered(cause: unknown): LatchkeyError {
  return new LatchkeyError('CLUSTER_UNAVAILABLE', "the API server did not answer about the Pod's owner", {
    hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
    cause,
  });
}
