import { describe, expect, it } from 'vitest';
import { createOwnerLookup } from '../../../src/admission/owner-lookup.ts';
import { createVerifyClaim } from '../../../src/controller/verify-claim.ts';
import { createMemoryCluster } from '../../../src/kube/memory/memory-cluster.ts';
import type { DefinitionFacts } from '../../../src/planning/definition.ts';
import type { PlanInput } from '../../../src/planning/plan-pod.ts';
import type { NamespaceFacts, Store } from '../../../src/stores/store.ts';
import { aContainer, aController, aPod, type PodManifest } from '../../support/a-pod.ts';
import { aServiceAccount, aStore, needs } from '../../support/a-store.ts';
import { fakeKube } from '../../support/fake-kube.ts';
import { aDefinition, aNamespace, definitionsOf, patched, plan, storesOf } from '../../support/plan-scene.ts';

const CALL = { signal: new AbortController().signal };
const LEASE: Partial<PlanInput> = { owner: { kind: 'lease' } };
const REPLICA_SET = {
  apiVersion: 'apps/v1',
  kind: 'ReplicaSet',
  metadata: { namespace: 'payments', name: 'api-7d4', uid: 'uid-of-api-7d4' },
};
const CLAIM = { namespace: 'payments', name: 'api-0', uid: 'uid-of-api-0' };

/** A Pod as it is stored after its admission, and the name of its Secret. */
function admitted(settings: Partial<PlanInput> = LEASE, owners?: readonly object[]) {
  const pod = aPod({
    name: 'api-0',
    uid: 'uid-of-api-0',
    containers: [aContainer({ DB: 'secretstore://aws-prod/db' })],
    ...(owners && { ownerReferences: owners }),
  });
  const { patch, secrets } = plan(pod, settings);
  return { pod: patched(pod, patch), name: secrets[0]?.name ?? '' };
}

interface SceneSettings {
  readonly serviceAccountUid?: string;
  readonly namespaces?: readonly NamespaceFacts[];
  readonly store?: Store;
  readonly definitions?: readonly DefinitionFacts[];
}

function scene(manifests: readonly object[], settings: SceneSettings = {}) {
  const { serviceAccountUid = 'uid-1', namespaces = [aNamespace()], store = aStore(), definitions = [] } = settings;
  const client = createMemoryCluster(manifests);
  return createVerifyClaim({
    client,
    owners: createOwnerLookup({ client, ttlMs: 1000, now: () => 1 }),
    serviceAccounts: {
      get: () => undefined,
      find: async (_namespace, name) => (name === 'api' ? aServiceAccount({ uid: serviceAccountUid }) : undefined),
    },
    namespaces: { find: async (name) => namespaces.find((namespace) => namespace.name === name) },
    stores: storesOf(store),
    definitions: definitionsOf(...definitions),
    controllerClass: 'latchkey',
  });
}

describe("a Pod's claim to a Secret", () => {
  it('holds for the Secret that was planned for a bare Pod', async () => {
    const { pod, name } = admitted();

    const verified = await scene([pod])(CLAIM, name, CALL);

    expect(verified).toMatchObject({
      pod: CLAIM,
      secret: { name, owner: { kind: 'lease' }, writer: 'controller', recorded: false, keys: { DB: {} } },
      asker: { namespace: 'payments', serviceAccount: { name: 'api' } },
      problems: [],
    });
  });

  it('holds for the Secret of its ReplicaSet', async () => {
    const { pod, name } = admitted({}, [aController('ReplicaSet', 'api-7d4', 'uid-of-api-7d4')]);

    const verified = await scene([pod, REPLICA_SET])(CLAIM, name, CALL);

    expect(verified?.secret.owner).toMatchObject({ kind: 'object', object: { name: 'api-7d4' } });
  });

  it.each<[string, (pod: PodManifest) => readonly object[], SceneSettings?]>([
    ['the Pod is gone', () => []],
    ['the Pod was made again', (pod) => [{ ...pod, metadata: { ...pod.metadata, uid: 'newer' } }]],
    ['the plan says nothing of it', (pod) => [{ ...pod, metadata: { ...pod.metadata, annotations: {} } }]],
    ['the Pod runs as somebody else', (pod) => [{ ...pod, spec: { ...pod.spec, serviceAccountName: 'other' } }]],
    ['the ServiceAccount was made again', (pod) => [pod], { serviceAccountUid: 'newer' }],
    ['the Pod is in a namespace that is gone', (pod) => [pod], { namespaces: [] }],
  ])('does not hold where %s', async (_title, manifests, settings) => {
    const { pod, name } = admitted();
    const verify = scene(manifests(pod), settings);

    expect(await verify(CLAIM, name, CALL)).toBeUndefined();
  });

  it('does not hold where other references stand under the name', async () => {
    const { pod, name } = admitted();
    const text = JSON.stringify(pod).replace('secretstore://aws-prod/db', 'secretstore://aws-prod/root');

    expect(await scene([JSON.parse(text) as object])(CLAIM, name, CALL)).toBeUndefined();
  });

  it.each([
    ['is gone', []],
    ['is another', [{ ...REPLICA_SET, metadata: { ...REPLICA_SET.metadata, uid: 'newer' } }]],
  ])('does not hold where its ReplicaSet %s', async (_title, others) => {
    const { pod, name } = admitted({}, [aController('ReplicaSet', 'api-7d4', 'uid-of-api-7d4')]);

    expect(await scene([pod, ...others])(CLAIM, name, CALL)).toBeUndefined();
  });

  it('does not hold for a Lease where the plan names one in place of the ReplicaSet', async () => {
    const { pod, name } = admitted({}, [aController('ReplicaSet', 'api-7d4', 'uid-of-api-7d4')]);
    const text = JSON.stringify(pod).replace(String.raw`\"owner\":\"object\"`, String.raw`\"owner\":\"lease\"`);

    expect(text).not.toBe(JSON.stringify(pod));
    expect(await scene([JSON.parse(text) as object, REPLICA_SET])(CLAIM, name, CALL)).toBeUndefined();
  });

  it('holds with a problem where its store is closed to Pods now', async () => {
    const { pod, name } = admitted();
    const store: Store = { ...aStore({ needs: needs() }), controller: 'other' };

    const verified = await scene([pod], { store })(CLAIM, name, CALL);

    expect(verified?.problems).toMatchObject([{ code: 'STORE_NOT_ALLOWED' }]);
  });

  it.each([
    ['the definition is as it was', [aDefinition()], []],
    ['it has changed', [aDefinition({ digest: 'changed' })], ['EXTERNAL_SECRET_NOT_READY']],
    ['it is gone', [], ['EXTERNAL_SECRET_NOT_FOUND']],
    ['its store is not there', [aDefinition({ stores: [{ kind: 'SecretStore', name: 'x' }] })], ['STORE_NOT_FOUND']],
  ])(
    'holds for a copy of an ExternalSecret, to be filled only where nothing is wrong: %s',
    async (_title, now, codes) => {
      const annotations = { 'latchkey.dev/external-secret': 'db' };
      const pod = aPod({ name: 'api-0', uid: 'uid-of-api-0', annotations });
      const { patch, secrets } = plan(pod, { ...LEASE, definitions: definitionsOf(aDefinition()) });
      const name = secrets[0]?.name ?? '';

      const verified = await scene([patched(pod, patch)], { definitions: now })(CLAIM, name, CALL);

      expect(verified?.secret).toMatchObject({ name, writer: 'controller', definition: { externalSecret: 'db' } });
      expect(verified?.problems.map(({ code }) => code)).toEqual(codes);
    },
  );

  it('is unknown where the API server does not answer', async () => {
    const verify = createVerifyClaim({
      client: fakeKube(() => 503),
      owners: createOwnerLookup({ client: fakeKube(() => 503), ttlMs: 1000, now: () => 1 }),
      serviceAccounts: { get: () => undefined, find: async () => aServiceAccount() },
      namespaces: { find: async () => aNamespace() },
      stores: storesOf(),
      definitions: definitionsOf(),
      controllerClass: 'latchkey',
    });

    await expect(verify(CLAIM, admitted().name, CALL)).rejects.toMatchObject({ status: 503 });
  });
});
