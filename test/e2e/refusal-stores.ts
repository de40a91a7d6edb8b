import type { KubernetesObject } from '../plane/plane-client.ts';
import { createAppRole } from './approle.ts';
import { whileNoWebhookRuns } from './restart.ts';
import type { Stage } from './stage.ts';
import { type Team, vaultStore } from './team.ts';

/** Outside every namespace: whoever applied them deletes them. */
export const CLUSTER_STORES = ['refusals-shared', 'refusals-identity', 'refusals-conditions'];

/** Nobody listens on it. */
const DEAD_SERVER = 'http://127.0.0.1:1';
const UNLISTED = 'own-token';

/**
 * Stores that a Pod of the team cannot use: one that is down, whose role is unknown, whose credential nobody may read, with
 * mistakes, closed to Pods, and closed to the namespace. Two are read as somebody else: with credentials, for which
 * `secret/refusals-shared/db` holds the password `shared`, and as the owner's ServiceAccount.
 */
export async function applyRefusalStores(stage: Stage, { namespace }: Team, owner: Team): Promise<void> {
  const { plane, vault } = stage;
  const server = vault.address;
  await vault.api('POST', 'secret/data/refusals-shared/db', { body: { data: { password: 'shared' } } });
  const { roleId, secretId } = await createAppRole(stage, 'refusals-shared');
  const secretRef = { namespace: 'credentials', name: 'vault-approle', key: 'secret-id' };

  await plane.apply(
    aSecret('credentials', 'vault-approle', { 'secret-id': secretId }), // listed in the chart's values
    aSecret(namespace, UNLISTED, { token: vault.rootToken }),
    vaultStore(DEAD_SERVER, namespace, namespace, 'vault-down'),
    vaultStore(server, namespace, 'nobody', 'vault-stranger'),
    aStore({ name: 'vault-token', namespace }, { server, auth: { tokenSecretRef: { name: UNLISTED, key: 'token' } } }),
    aStore({ name: 'refusals-shared' }, { server, auth: { appRole: { path: 'approle', roleId, secretRef } } }),
    aStore(
      { name: 'refusals-identity' },
      {
        server,
        auth: kubernetesAuth(owner.namespace, { serviceAccountRef: { name: 'app', namespace: owner.namespace } }),
      },
    ),
    aStore(
      { name: 'refusals-conditions' },
      { server, auth: kubernetesAuth(namespace) },
      { conditions: [{ namespaces: ['billing'] }, { namespaceSelector: { matchLabels: { tier: 'gold' } } }] },
    ),
  );
  const broken = { server: 'vault.example.com', auth: { kubernetes: {} } };
  await whileNoWebhookRuns(stage, () => plane.apply(aStore({ name: 'vault-broken', namespace }, broken)));
}

function aSecret(namespace: string, name: string, stringData: Readonly<Record<string, string>>): KubernetesObject {
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace }, stringData };
}

function kubernetesAuth(role: string, more: Readonly<Record<string, unknown>> = {}) {
  return { kubernetes: { mountPath: 'kubernetes', role, ...more } };
}

/** Without a namespace: a ClusterSecretStore. */
function aStore(
  metadata: KubernetesObject['metadata'],
  vault: Readonly<Record<string, unknown>>,
  spec: Readonly<Record<string, unknown>> = {},
): KubernetesObject {
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: metadata.namespace === undefined ? 'ClusterSecretStore' : 'SecretStore',
    metadata,
    spec: { ...spec, provider: { vault: { path: 'secret', version: 'v2', ...vault } } },
  };
}
