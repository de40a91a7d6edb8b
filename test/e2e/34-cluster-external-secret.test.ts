import { createPrivateKey, X509Certificate } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCertificateAuthority, type KeyPair } from '../plane/certificates.ts';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { allow, trustRole } from '../support/aws-policies.ts';
import { AWS_PLACE } from '../support/loopback-aws.ts';
import { tellMoto } from './cloud-team.ts';
import { type Clouds, startClouds } from './clouds.ts';
import { getStage, type Stage } from './stage.ts';
import { decode, type SecretObject } from './team.ts';

const API = 'external-secrets.io/v1';
const NAME = 'shop-tls';
const CREDENTIALS = { namespace: 'credentials', name: 'aws-static-keys' };
const USER = `arn:aws:iam::${AWS_PLACE.account}:user/test`;
const ROLE = `arn:aws:iam::${AWS_PLACE.account}:role/certificates`;
const ACCESS_KEY_ID = 'AKIACERTIFICATES';
const SECRET_ACCESS_KEY = 'static-secret-access-key';
const READ_LABEL = { tls: 'shop' };

let stage: Stage;
let clouds: Clouds;
let pair: KeyPair;

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  const authority = await createCertificateAuthority('shop');
  pair = await authority.server(['shop.example.com']);
  await putParameters();
  await openCredentials();
  await stage.plane.apply(
    aNamespace('tls-a', READ_LABEL),
    aNamespace('tls-b', READ_LABEL),
    aNamespace('tls-none', {}),
    theStore(),
    theDefinition(),
  );
});

afterAll(async () => {
  const { namespace, name } = CREDENTIALS;
  await stage.plane.kubectl(['delete', 'clusterexternalsecret,clustersecretstore', NAME, '--ignore-not-found']);
  await stage.plane.kubectl(['delete', 'namespace', 'tls-a', 'tls-b', 'tls-none', '--wait=false']);
  await stage.plane.kubectl(['delete', 'secret,role,rolebinding', name, '--namespace', namespace]);
  await clouds.stop();
});

async function putParameters(): Promise<void> {
  clouds.world.awsRoles[ROLE] = {
    trust: trustRole(USER),
    policy: allow([
      'ssm:GetParametersByPath',
      `arn:aws:ssm:${AWS_PLACE.region}:${AWS_PLACE.account}:parameter/tls/shop*`,
    ]),
  };
  clouds.world.awsAccessKeys[ACCESS_KEY_ID] = {
    secretAccessKey: SECRET_ACCESS_KEY,
    policy: allow(['sts:AssumeRole', ROLE]),
  };
  const values = {
    '/tls/shop/2026/certificate': pair.certificatePem,
    '/tls/shop/2026/private-key': pair.keyPem,
    '/tls/shop/2026/notes': 'who renews it',
    '/tls/other/certificate': 'not below the path',
  };
  for (const [Name, Value] of Object.entries(values)) {
    await tellMoto(clouds.motoUrl, 'ssm', 'AmazonSSM.PutParameter', { Name, Value, Type: 'SecureString' });
  }
}

/** The Secret of the static keys, and the Role that lets Latchkey read it by name, as the chart's `storeCredentials` renders it. */
async function openCredentials(): Promise<void> {
  const metadata = { name: 'aws-static-keys', namespace: CREDENTIALS.namespace };
  const rbac = { apiVersion: 'rbac.authorization.k8s.io/v1', metadata };
  await stage.plane.apply(
    {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata,
      stringData: { 'access-key-id': ACCESS_KEY_ID, 'secret-access-key': SECRET_ACCESS_KEY },
    },
    {
      ...rbac,
      kind: 'Role',
      rules: [{ apiGroups: [''], resources: ['secrets'], resourceNames: [CREDENTIALS.name], verbs: ['get'] }],
    },
    {
      ...rbac,
      kind: 'RoleBinding',
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: metadata.name },
      subjects: [{ kind: 'ServiceAccount', name: 'latchkey-controller', namespace: 'latchkey-system' }],
    },
  );
}

function aNamespace(name: string, labels: Readonly<Record<string, string>>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'Namespace',
    metadata: { name, labels: { 'latchkey.dev/inject': 'enabled', ...labels } },
  };
}

function theStore(): KubernetesObject {
  const key = (name: string) => ({ ...CREDENTIALS, key: name });
  const secretRef = {
    accessKeyIDSecretRef: key('access-key-id'),
    secretAccessKeySecretRef: key('secret-access-key'),
  };
  const aws = { service: 'ParameterStore', region: AWS_PLACE.region, role: ROLE, auth: { secretRef } };
  return { apiVersion: API, kind: 'ClusterSecretStore', metadata: { name: NAME }, spec: { provider: { aws } } };
}

function theDefinition(spec: object = {}): KubernetesObject {
  return {
    apiVersion: API,
    kind: 'ClusterExternalSecret',
    metadata: { name: NAME },
    spec: {
      namespaceSelectors: [{ matchLabels: READ_LABEL }],
      externalSecretMetadata: { labels: { app: 'shop' } },
      externalSecretSpec: {
        secretStoreRef: { kind: 'ClusterSecretStore', name: NAME },
        refreshInterval: '1h',
        target: { name: 'shop-certificate', template: { type: 'kubernetes.io/tls' } },
        dataFrom: [
          {
            find: { path: '/tls/shop', name: { regexp: '/(certificate|private-key)$' } },
            rewrite: [
              { regexp: { source: '.*/certificate$', target: 'tls.crt' } },
              { regexp: { source: '.*/private-key$', target: 'tls.key' } },
            ],
          },
        ],
      },
      ...spec,
    },
  };
}

async function secretIn(namespace: string): Promise<SecretObject | undefined> {
  const { status, body } = await stage.plane.request<SecretObject>(
    'GET',
    `/api/v1/namespaces/${namespace}/secrets/shop-certificate`,
  );
  return status === 200 ? body : undefined;
}

async function namespacesOf(plural: string): Promise<readonly string[]> {
  const { body } = await stage.plane.request<{ items: readonly KubernetesObject[] }>('GET', plural);
  const names = new Set(['shop-certificate', NAME, 'shop-tls-renamed']);
  return body.items
    .filter(({ metadata }) => names.has(metadata.name))
    .map(({ metadata }) => `${metadata.namespace}/${metadata.name}`)
    .toSorted();
}

const secrets = () => namespacesOf('/api/v1/secrets');
const definitions = () => namespacesOf(`/apis/${API}/externalsecrets`);

async function untilSecretsIn(...namespaces: readonly string[]): Promise<void> {
  const expected = namespaces.map((name) => `${name}/shop-certificate`);
  await waitUntil(`Secrets in ${namespaces.join(' and ')}`, async () => {
    const found = await secrets();
    return JSON.stringify(found) === JSON.stringify(expected);
  });
}

async function readStatus(): Promise<Readonly<Record<string, unknown>>> {
  const path = `/apis/${API}/clusterexternalsecrets/${NAME}`;
  const { body } = await stage.plane.request<{ status?: Readonly<Record<string, unknown>> }>('GET', path);
  return body.status ?? {};
}

async function relabel(namespace: string, change: string): Promise<void> {
  await stage.plane.kubectl(['label', 'namespace', namespace, change]);
}

describe('a ClusterExternalSecret with find, rewrites and a TLS template', () => {
  it('makes a valid TLS Secret in exactly the labelled namespaces', async () => {
    await untilSecretsIn('tls-a', 'tls-b');

    for (const namespace of ['tls-a', 'tls-b']) {
      const secret = await secretIn(namespace);
      expect(secret?.type).toBe('kubernetes.io/tls');
      expect(Object.keys(secret?.data ?? {}).toSorted()).toEqual(['tls.crt', 'tls.key']);
      const certificate = new X509Certificate(decode(secret, 'tls.crt') ?? '');
      expect(certificate.checkHost('shop.example.com')).toBe('shop.example.com');
      expect(certificate.checkPrivateKey(createPrivateKey(decode(secret, 'tls.key') ?? ''))).toBe(true);
      expect(secret?.metadata.ownerReferences).toMatchObject([{ kind: 'ExternalSecret', name: NAME }]);
    }
    expect(clouds.aws.logins).toContainEqual(
      expect.objectContaining({ operation: 'AssumeRole', role: ROLE, from: USER }),
    );
  });

  it('says so in its status, and in the columns that people know', async () => {
    const status = await waitUntil('the status', async () => {
      const found = await readStatus();
      return found['provisionedNamespaces'] !== undefined && found;
    });

    const { stdout } = await stage.plane.kubectl(['get', 'ces', NAME]);

    expect(status).toEqual({
      externalSecretName: NAME,
      provisionedNamespaces: ['tls-a', 'tls-b'],
      conditions: [{ type: 'Ready', status: 'True' }],
    });
    expect(stdout).toMatch(/^NAME +STORE +REFRESH INTERVAL +READY\s/);
    expect(stdout).toMatch(/^shop-tls +shop-tls +True\s*$/m);
  });

  it('owns what it stamps, labels it as told, and puts finalizers nowhere', async () => {
    const path = `/apis/${API}/namespaces/tls-a/externalsecrets/${NAME}`;
    const { body: stamped } = await stage.plane.request<KubernetesObject>('GET', path);
    const { body: namespace } = await stage.plane.request<KubernetesObject>('GET', '/api/v1/namespaces/tls-a');
    const { body: own } = await stage.plane.request<KubernetesObject>(
      'GET',
      `/apis/${API}/clusterexternalsecrets/${NAME}`,
    );

    expect(stamped.metadata['labels']).toEqual({ app: 'shop' });
    expect(stamped.metadata['ownerReferences']).toMatchObject([
      { kind: 'ClusterExternalSecret', name: NAME, controller: true, uid: own.metadata['uid'] },
    ]);
    for (const { metadata } of [stamped, namespace, own]) expect(metadata).not.toHaveProperty('finalizers');
  });

  it('follows when namespaces are labelled and lose their label', async () => {
    await relabel('tls-none', 'tls=shop');
    await untilSecretsIn('tls-a', 'tls-b', 'tls-none');
    await relabel('tls-a', 'tls-');
    await untilSecretsIn('tls-b', 'tls-none');

    expect(await definitions()).toEqual([`tls-b/${NAME}`, `tls-none/${NAME}`]);
    await waitUntil(
      'the status',
      async () => String((await readStatus())['provisionedNamespaces']) === 'tls-b,tls-none',
    );
  });

  it('serves a namespace that is created with the label, and lets it go at once', async () => {
    await stage.plane.apply(aNamespace('tls-late', READ_LABEL));
    await untilSecretsIn('tls-b', 'tls-late', 'tls-none');

    await stage.plane.kubectl(['delete', 'namespace', 'tls-late', '--wait', '--timeout=60s']);

    expect((await stage.plane.request('GET', '/api/v1/namespaces/tls-late')).status).toBe(404);
    await waitUntil(
      'the status',
      async () => String((await readStatus())['provisionedNamespaces']) === 'tls-b,tls-none',
    );
  });

  it("leaves somebody else's ExternalSecret of that name alone, and says so", async () => {
    const foreign = {
      apiVersion: API,
      kind: 'ExternalSecret',
      metadata: { name: NAME, namespace: 'tls-a' },
      spec: {
        secretStoreRef: { name: 'none' },
        target: { name: 'own' },
        data: [{ secretKey: 'a', remoteRef: { key: 'b' } }],
      },
    };
    await stage.plane.apply(foreign);
    await relabel('tls-a', 'tls=shop');

    const failed = await waitUntil('the status', async () => (await readStatus())['failedNamespaces']);

    expect(failed).toEqual([{ namespace: 'tls-a', reason: 'external secret already exists in namespace' }]);
    expect(await readStatus()).toMatchObject({
      provisionedNamespaces: ['tls-b', 'tls-none'],
      conditions: [{ type: 'Ready', status: 'False', message: 'one or more namespaces failed' }],
    });
    const path = `/apis/${API}/namespaces/tls-a/externalsecrets/${NAME}`;
    expect((await stage.plane.request('GET', path)).body).toMatchObject({ spec: foreign.spec });

    await stage.plane.kubectl(['delete', 'externalsecret', NAME, '--namespace', 'tls-a']);
    await untilSecretsIn('tls-a', 'tls-b', 'tls-none');
  });

  it('renames its ExternalSecrets', async () => {
    const renamed = 'shop-tls-renamed';
    await stage.plane.apply(theDefinition({ externalSecretName: renamed }));

    const owner = await waitUntil('Secrets of the new ones', async () => {
      const [first] = (await secretIn('tls-a'))?.metadata.ownerReferences ?? [];
      return first?.name === renamed && first;
    });

    expect(owner).toMatchObject({ kind: 'ExternalSecret', name: renamed });
    expect(await definitions()).toEqual(['tls-a', 'tls-b', 'tls-none'].map((name) => `${name}/${renamed}`));
  });

  it('takes everything along when it is deleted', async () => {
    await stage.plane.kubectl(['delete', 'clusterexternalsecret', NAME, '--wait', '--timeout=60s']);

    const left = await waitUntil('nothing is left', async () => {
      const found = [...(await definitions()), ...(await secrets())];
      return found.length === 0 && found;
    });

    expect(left).toEqual([]);
  });
});
