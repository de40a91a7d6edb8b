import { readFile } from 'node:fs/promises';

type Json = Record<string, unknown>;

interface Review extends Json {
  readonly request: {
    readonly object: { readonly metadata: Json; readonly spec: { readonly containers: Container[] } };
  };
}

interface Container {
  readonly env: { readonly name: string; value?: string }[];
}

export interface Scenario {
  readonly name: string;
  /** Where the bare server answers it. */
  readonly path: string;
  /** What is sent, each time the same: nothing in Latchkey remembers answers. */
  readonly body: Buffer;
}

const NAMESPACE = 'bench';
const REFERENCES = 10;
const REPLICA_SET = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'shop-5d4f8c7b9', uid: 'replica-set-of-shop' };

/** A review as a real API server sent it, of the Pod of a ReplicaSet; and the same Pod with ten references. */
export async function readScenarios(): Promise<readonly Scenario[]> {
  const plain = await readReview();
  const referencing = await readReview();
  const [container] = referencing.request.object.spec.containers;
  const variables = container?.env.filter(({ value }) => value !== undefined).slice(0, REFERENCES) ?? [];
  if (variables.length !== REFERENCES) throw new Error('the captured review has too few variables');
  for (const [index, variable] of variables.entries()) variable.value = `secretstore://shop/prod/app-${index}`;
  return [
    { name: 'no references', path: '/plain', body: Buffer.from(JSON.stringify(plain)) },
    { name: `${REFERENCES} references, cached`, path: '/referencing', body: Buffer.from(JSON.stringify(referencing)) },
  ];
}

async function readReview(): Promise<Review> {
  const text = await readFile(new URL('pod-review.json', import.meta.url), 'utf8');
  const review = JSON.parse(text) as Review;
  review.request.object.metadata['ownerReferences'] = [{ ...REPLICA_SET, controller: true, blockOwnerDeletion: true }];
  return review;
}

/** What the cluster holds for both. */
export function clusterManifests(): readonly Json[] {
  const data = Array.from({ length: REFERENCES }, (_, index) => ({
    key: `prod/app-${index}`,
    value: `value-${index}`,
  }));
  return [
    {
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: { name: NAMESPACE, labels: { 'latchkey.dev/inject': 'enabled' } },
    },
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'app', namespace: NAMESPACE } },
    {
      apiVersion: REPLICA_SET.apiVersion,
      kind: REPLICA_SET.kind,
      metadata: { name: REPLICA_SET.name, namespace: NAMESPACE, uid: REPLICA_SET.uid },
    },
    {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'shop', namespace: NAMESPACE },
      spec: { provider: { fake: { data } } },
    },
  ];
}
