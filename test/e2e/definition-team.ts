import { randomUUID } from 'node:crypto';
import { parseAllDocuments } from 'yaml';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { allow } from '../support/aws-policies.ts';
import { AWS_PLACE } from '../support/loopback-aws.ts';
import { READ } from '../support/loopback-gcp-secrets.ts';
import { GOOGLE_AUDIENCE } from './chart.ts';
import { createCloudTeam, tellMoto } from './cloud-team.ts';
import { AZURE_TENANT, type Clouds, GOOGLE_PROJECT } from './clouds.ts';
import { PFX } from './definition-values.ts';

export const DEFINITION_STORES = ['vault', 'sm', 'ssm', 'google', 'azure', 'cluster', 'fake'] as const;
export type DefinitionStore = (typeof DEFINITION_STORES)[number];

/** A namespace with one store that names an identity of its own, and the same remote secrets in it whatever its provider. */
export interface DefinitionTeam {
  readonly namespace: string;
  /** Documents with `$STORE`, `$KEY(name)` and so on filled in. */
  fillIn(text: string): readonly KubernetesObject[];
  put(name: string, data: Data, tags?: Data): Promise<void>;
}

type Data = Readonly<Record<string, string>>;

interface RemoteSecret {
  /** Oldest first. */
  readonly versions: readonly Data[];
  readonly tags?: Data;
}

const REMOTE: Readonly<Record<string, RemoteSecret>> = {
  db: { versions: [{ password: 's3cr3t/+%', port: '5432', username: 'app' }] },
  mail: { versions: [{ host: 'mail.example.com', password: 'mail-password' }] },
  'found-one': { versions: [{ value: 'first' }], tags: { tier: 'silver' } },
  'found-two': { versions: [{ value: 'second' }], tags: { tier: 'gold' } },
  rotated: { versions: [{ value: 'old' }, { value: 'new' }] },
  encoded: { versions: [{ bytes: 'AP8Q', plain: 'not encoded!', url: '-_8=' }] },
  odd: { versions: [{ 'a/b': 'slash', 'c.d': 'dot' }] },
  pfx: { versions: [{ pfx: PFX }] },
};
/** What only JSON can hold. */
const NESTED = { database: { password: 'nested-password', user: 'app' } };
const REMOTE_READER = { namespace: 'credentials', serviceAccount: 'remote-reader' };

export async function createDefinitionTeam(clouds: Clouds, store: DefinitionStore): Promise<DefinitionTeam> {
  const { stage, world, motoUrl } = clouds;
  const { plane, vault } = stage;
  const team = await createCloudTeam(clouds, `definitions-${store}`);
  const { namespace } = team;
  const remote = `${namespace}-remote`;
  const oldVersion: Record<string, string> = { sm: 'AWSPREVIOUS', fake: 'v1' };
  const fakeData: { key: string; value: string; version?: string }[] = [];

  await widenRights();
  if (store === 'cluster') await openRemoteNamespace();
  for (const [name, secret] of Object.entries(REMOTE)) await putSecret(name, secret);
  if (store !== 'cluster') await putText('nested', [JSON.stringify(NESTED)], {});
  await plane.apply(storeManifest(), fakeStore());

  /** What finding takes beyond reading. */
  async function widenRights(): Promise<void> {
    const { awsRole, google, azureClient } = team.app;
    const role = world.awsRoles[awsRole];
    if (role === undefined) throw new Error('the team has no role');
    world.awsRoles[awsRole] = { ...role, policy: allow([['secretsmanager:*', 'ssm:*'], '*']) };
    const permissions = [...READ, 'secretmanager.secrets.list', 'secretmanager.versions.list'] as const;
    world.googleGrants.push({ member: google, secret: '*', permissions });
    world.azureGrants.push({ clientId: azureClient, permission: 'secrets/list' });
    const policy = ['data', 'metadata'].map(
      (part) => `path "secret/${part}/${namespace}/*" { capabilities = ["read", "list"] }`,
    );
    await vault.api('POST', `sys/policies/acl/${namespace}`, { body: { policy: policy.join('\n') } });
  }

  /** The same cluster plays the other one: a token of a ServiceAccount there, held in a Secret here. */
  async function openRemoteNamespace(): Promise<void> {
    const { namespace: home, serviceAccount } = REMOTE_READER;
    await plane.apply(
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: remote } },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: serviceAccount, namespace: home } },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'Role',
        metadata: { name: serviceAccount, namespace: remote },
        rules: [{ apiGroups: [''], resources: ['secrets'], verbs: ['get', 'list'] }],
      },
      {
        apiVersion: 'rbac.authorization.k8s.io/v1',
        kind: 'RoleBinding',
        metadata: { name: serviceAccount, namespace: remote },
        roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: serviceAccount },
        subjects: [{ kind: 'ServiceAccount', name: serviceAccount, namespace: home }],
      },
    );
    const token = await plane.tokenFor(REMOTE_READER);
    await plane.apply({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'remote-cluster', namespace: home },
      stringData: { token },
    });
  }

  function keyOf(name: string): string {
    if (store === 'cluster') return name;
    return store === 'fake' ? `${namespace}/${name}` : team.keyOf(store, name);
  }

  async function putSecret(name: string, { versions, tags = {} }: RemoteSecret): Promise<void> {
    const labels = { ...tags, team: namespace };
    if (store === 'vault') {
      for (const data of versions) await team.put(name, data);
      await vault.api('POST', `secret/metadata/${namespace}/${name}`, { body: { custom_metadata: labels } });
      oldVersion['vault'] = '1';
    } else if (store === 'cluster') {
      const metadata = { name: keyOf(name), namespace: remote, labels };
      const readable = Object.entries(versions.at(-1) ?? {}).filter(([key]) => /^[-._a-zA-Z0-9]+$/.test(key));
      await plane.apply({ apiVersion: 'v1', kind: 'Secret', metadata, stringData: Object.fromEntries(readable) });
    } else {
      const texts = versions.map((data) => JSON.stringify(data));
      await putText(name, texts, labels);
    }
  }

  async function putText(name: string, versions: readonly string[], labels: Data): Promise<void> {
    const key = keyOf(name);
    const tags = Object.entries(labels).map(([Key, Value]) => ({ Key, Value }));
    const [first = '', ...later] = versions;
    switch (store) {
      case 'vault':
        return team.put(name, JSON.parse(first) as Readonly<Record<string, unknown>>);
      case 'sm':
        await tellMoto(motoUrl, 'secretsmanager', 'secretsmanager.CreateSecret', {
          Name: key,
          SecretString: first,
          Tags: tags,
        });
        for (const SecretString of later) {
          await tellMoto(motoUrl, 'secretsmanager', 'secretsmanager.PutSecretValue', { SecretId: key, SecretString });
        }
        return;
      case 'ssm':
        await tellMoto(motoUrl, 'ssm', 'AmazonSSM.PutParameter', {
          Name: key,
          Value: first,
          Type: 'SecureString',
          Tags: tags,
        });
        for (const Value of later) {
          const input = { Name: key, Value, Type: 'SecureString', Overwrite: true };
          await tellMoto(motoUrl, 'ssm', 'AmazonSSM.PutParameter', input);
        }
        oldVersion['ssm'] = '1';
        return;
      case 'google':
        world.googleSecrets.set(key, { versions: versions.map((data) => ({ data })), labels });
        oldVersion['google'] = '1';
        return;
      case 'azure': {
        const all = versions.map((value) => ({ id: randomUUID().replaceAll('-', ''), value }));
        world.azureSecrets[key] = { versions: all, tags: labels };
        if (all.length > 1) oldVersion['azure'] = all[0]?.id ?? '';
        return;
      }
      case 'fake':
        for (const [index, value] of versions.entries()) {
          const isLast = index === versions.length - 1;
          fakeData.push({ key, value, ...(isLast ? {} : { version: `v${index + 1}` }) });
        }
        return;
      case 'cluster':
        throw new Error('another cluster keeps maps');
    }
  }

  function storeManifest(): KubernetesObject {
    const { region } = AWS_PLACE;
    const serviceAccountRef = { name: 'app' };
    const aws = { region, auth: { jwt: { serviceAccountRef } } };
    const kubernetes = { mountPath: 'kubernetes', role: namespace, serviceAccountRef };
    const providers = {
      vault: { vault: { server: vault.address, path: 'secret', version: 'v2', auth: { kubernetes } } },
      sm: { aws: { service: 'SecretsManager', ...aws } },
      ssm: { aws: { service: 'ParameterStore', ...aws } },
      google: {
        gcpsm: {
          projectID: GOOGLE_PROJECT,
          auth: { workloadIdentityFederation: { audience: GOOGLE_AUDIENCE, serviceAccountRef } },
        },
      },
      azure: {
        azurekv: {
          vaultUrl: clouds.azure.url,
          tenantId: AZURE_TENANT,
          authType: 'WorkloadIdentity',
          serviceAccountRef,
        },
      },
      cluster: {
        kubernetes: {
          server: { url: plane.serverUrl, caBundle: Buffer.from(plane.caPem).toString('base64') },
          remoteNamespace: remote,
          auth: {
            token: { bearerToken: { name: 'remote-cluster', key: 'token', namespace: REMOTE_READER.namespace } },
          },
        },
      },
      fake: { fake: { data: fakeData } },
    } as const satisfies Record<DefinitionStore, unknown>;
    const isCluster = store === 'cluster';
    return {
      apiVersion: 'external-secrets.io/v1',
      kind: isCluster ? 'ClusterSecretStore' : 'SecretStore',
      metadata: isCluster ? { name: `${namespace}-store` } : { name: `${namespace}-store`, namespace },
      spec: { provider: providers[store] },
    };
  }

  /** Beside the store of the team, for definitions that read two. */
  function fakeStore(): KubernetesObject {
    const data = [{ key: 'mail', value: JSON.stringify(REMOTE['mail']?.versions[0]) }];
    return {
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name: 'fake', namespace },
      spec: { provider: { fake: { data } } },
    };
  }

  const PATHS: Partial<Record<DefinitionStore, string>> = {
    vault: namespace,
    sm: namespace,
    ssm: `/${namespace}`,
    google: namespace,
  };

  return {
    namespace,
    put: (name, data, tags) => putSecret(name, { versions: [data], ...(tags && { tags }) }),
    fillIn(text) {
      const path = PATHS[store];
      const filled = text
        .replaceAll(/^.*\$PATH.*\n/gm, (line) => (path === undefined ? '' : line.replace('$PATH', path)))
        .replaceAll('$STORE', `${namespace}-store`)
        .replaceAll('$KIND', store === 'cluster' ? 'ClusterSecretStore' : 'SecretStore')
        .replaceAll(/\$KEY\((.*?)\)/g, (_, name: string) => keyOf(name))
        .replaceAll(/\$FAKEKEY\((.*?)\)/g, (_, name: string) => name)
        .replaceAll(/\$CONVERTED\((.*?)\)/g, (_, name: string) => keyOf(name).replaceAll(/[^-._a-zA-Z0-9]/g, '_'))
        .replaceAll(/\$TAG\((.*?)\)/g, (_, name: string) => (store === 'google' ? `labels.${name}` : name))
        .replaceAll('$VAULT', vault.address)
        .replaceAll('$TEAM', namespace)
        .replaceAll('$OLD', oldVersion[store] ?? '');
      return parseAllDocuments(filled).map((document) => document.toJS() as KubernetesObject);
    },
  };
}
