import fastJsonPatch from 'fast-json-patch';
import type { DefinitionFacts, DefinitionIndex } from '../../src/planning/definition.ts';
import type { ObjectReference, Plan } from '../../src/planning/plan.ts';
import { type PlanInput, planPod } from '../../src/planning/plan-pod.ts';
import { type PodView, viewPod } from '../../src/planning/pod-view.ts';
import type { JsonPatchOperation } from '../../src/planning/json-patch.ts';
import type { NamespaceFacts, Store, StoreIndex } from '../../src/stores/store.ts';
import type { PodManifest } from './a-pod.ts';
import { aServiceAccount, aStore } from './a-store.ts';

export const REPLICA_SET: ObjectReference = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  name: 'api-7d4',
  uid: 'uid-of-api-7d4',
};

export function aNamespace(facts: Partial<NamespaceFacts> = {}): NamespaceFacts {
  return { name: 'payments', labels: { 'latchkey.dev/inject': 'enabled' }, annotations: {}, ...facts };
}

export const PLAN_SETTINGS: PlanInput['settings'] = {
  controllerClass: 'latchkey',
  externalSecrets: true,
  claimUnclassed: true,
  defaultStore: undefined,
  deliveries: ['secret'],
};

/** Stores as a cluster's index has them; `aws-prod` alone unless told. */
export function storesOf(...stores: readonly Store[]): StoreIndex {
  const all = stores.length === 0 ? [aStore()] : stores;
  return {
    get: (kind, namespace, name) =>
      all.find(
        (store) =>
          store.kind === kind &&
          store.name === name &&
          (kind === 'ClusterSecretStore' || store.namespace === namespace),
      ),
    names: (kind) => all.filter((store) => store.kind === kind).map(({ name }) => name),
  };
}

/** ExternalSecrets as a cluster's index has them, the first created first. */
export function definitionsOf(...definitions: readonly DefinitionFacts[]): DefinitionIndex {
  return {
    get: (namespace, name) => definitions.find((one) => one.namespace === namespace && one.name === name),
    making: (namespace, secret) => definitions.find((one) => one.namespace === namespace && one.target === secret),
    names: (namespace) => definitions.filter((one) => one.namespace === namespace).map(({ name }) => name),
  };
}

/** ExternalSecret `payments/db`, which makes the Secret `db` from the store `aws-prod`, unless told. */
export function aDefinition(facts: Partial<DefinitionFacts> = {}): DefinitionFacts {
  const { name = 'db' } = facts;
  return {
    namespace: 'payments',
    name,
    uid: `uid-of-${name}`,
    digest: `digest-of-${name}`,
    stores: [{ kind: 'SecretStore', name: 'aws-prod' }],
    target: name,
    type: 'Opaque',
    problems: [],
    ...facts,
  };
}

/** All that planning needs: a new Pod of a ReplicaSet without annotations, with the store `aws-prod`, unless told. */
export function planInput(pod: PodManifest, settings: Partial<PlanInput> = {}): PlanInput {
  const view: PodView = viewPod(pod);
  return {
    pod: view,
    containers: view.containers,
    mode: 'create',
    namespace: aNamespace(),
    serviceAccount: aServiceAccount(),
    owner: { kind: 'object', object: REPLICA_SET },
    above: [],
    stores: storesOf(),
    definitions: definitionsOf(),
    settings: PLAN_SETTINGS,
    ...settings,
  };
}

export function plan(pod: PodManifest, settings: Partial<PlanInput> = {}): Plan {
  return planPod(planInput(pod, settings));
}

/** The Pod after the patch, by a JSON Patch library that is not ours; throws where an operation does not fit. */
export function patched<T extends object>(pod: T, patch: readonly JsonPatchOperation[]): T {
  return fastJsonPatch.applyPatch(structuredClone(pod), structuredClone([...patch]), true, true).newDocument;
}

/** The variables of a container as they stand in the Pod. */
export function envOf({ spec }: PodManifest, index = 0): readonly object[] {
  return spec.containers[index]?.env ?? [];
}

/** Each problem as its reader sees it. */
export function linesOf({ problems }: Pick<Plan, 'problems'>): readonly string[] {
  return problems.map(({ line }) => line);
}
