import { describe, expect, it } from 'vitest';
import type { SecretsClient } from '../../src/providers/provider.ts';
import { TEST_ISSUER } from '../support/kubernetes-issuer.ts';
import { AWS_PLACE } from '../support/loopback-aws.ts';
import type { PolicyDocument } from '../support/loopback-aws-iam.ts';
import { ANNOTATIONS, aSecret, CALL, openAws, ROLE_ARN } from '../support/open-aws.ts';
import {
  account,
  permissions,
  pod,
  type PrintedGrant,
  printed,
  store,
  vaultStore,
} from '../support/permissions-scene.ts';

function definition(name: string, spec: object): object {
  const metadata = { name, namespace: 'payments' };
  return { apiVersion: 'external-secrets.io/v1', kind: 'ExternalSecret', metadata, spec };
}

function clusterDefinition(name: string, spec: object): object {
  return { apiVersion: 'external-secrets.io/v1', kind: 'ClusterExternalSecret', metadata: { name }, spec };
}

/** The paths of Vault's policies, and what they allow there. */
function rulesOf(grants: readonly PrintedGrant[] = []): readonly unknown[] {
  const rules = /^path "(.*)" \{\n {2}capabilities = (.*)\n\}$/gm;
  return grants.flatMap(({ text }) => [...text.matchAll(rules)].map(([, path, list = '']) => [path, JSON.parse(list)]));
}

describe('latchkey permissions for ExternalSecrets', () => {
  const NAMED = vaultStore('named', { auth: { kubernetes: { role: 'sync', serviceAccountRef: { name: 'reader' } } } });

  it('lets the identity of the store read what it names and find', async () => {
    const spec = {
      secretStoreRef: { name: 'named' },
      data: [
        { secretKey: 'a', remoteRef: { key: 'db', property: 'password' } },
        { secretKey: 'b', remoteRef: { key: 'db', metadataPolicy: 'Fetch' } },
      ],
      dataFrom: [
        { extract: { key: 'cache' } },
        { find: { path: 'team', name: { regexp: '^team/api-' } } },
        {
          sourceRef: {
            generatorRef: { apiVersion: 'generators.external-secrets.io/v1alpha1', kind: 'UUID', name: 'id' },
          },
        },
      ],
    };

    const all = await printed([NAMED, definition('db', spec)]);

    expect(all).toMatchObject([
      {
        reader: { kind: 'ServiceAccount', namespace: 'payments', name: 'reader' },
        usedBy: ['ExternalSecret payments/db'],
      },
    ]);
    expect(rulesOf(all[0]?.grants)).toEqual([
      ['secret/data/cache', ['read']],
      ['secret/data/db', ['read']],
      ['secret/data/team/api-*', ['read']],
      ['secret/metadata/db', ['read']],
      ['secret/metadata/team/*', ['list']],
    ]);
  });

  it('lets each Pod read for a copy of its own, and names a definition that no Pod uses', async () => {
    const spec = { secretStoreRef: { name: 'vault' }, dataFrom: [{ extract: { key: 'db' } }] };
    const using = pod('api', 'api');
    Object.assign(using, {
      spec: { ...Object(using).spec, containers: [{ name: 'app', envFrom: [{ secretRef: { name: 'db' } }] }] },
    });

    const finished = await permissions([vaultStore('vault'), definition('db', spec), definition('idle', spec), using]);

    expect(finished.code).toBe(0);
    expect(finished.stdout).toContain('# ===== ServiceAccount payments/api\n# for Pod payments/api\n');
    expect(finished.stdout).toContain('path "secret/data/db" {');
    expect(finished.stderr).toBe(
      'ExternalSecret payments/idle: read by the Pods that use it, of which the files have none\n',
    );
  });

  it('places ClusterExternalSecrets into the namespaces that they select', async () => {
    const spec = { secretStoreRef: { name: 'named' }, data: [{ secretKey: 'a', remoteRef: { key: 'db' } }] };
    const selector = { matchLabels: { 'kubernetes.io/metadata.name': 'payments' } };
    const elsewhere = { ...definition('x', spec), metadata: { name: 'x', namespace: 'other' } };

    const all = await printed([
      NAMED,
      { ...elsewhere, spec: { ...spec, secretStoreRef: { kind: 'ClusterSecretStore', name: 'demo' } } },
      store('demo', { fake: { data: [{ key: 'db', value: 'v' }] } }, 'ClusterSecretStore'),
      clusterDefinition('everywhere', {
        externalSecretName: 'db',
        namespaceSelectors: [selector],
        externalSecretSpec: spec,
      }),
    ]);

    expect(all.map(({ usedBy }) => usedBy)).toEqual([['ExternalSecret other/x'], ['ExternalSecret payments/db']]);
    expect(rulesOf(all[1]?.grants)).toEqual([['secret/data/db', ['read']]]);
  });

  it('says what is left alone, what is mistaken, and what no policy can name', async () => {
    const one = (key: string, name = 'named') => ({
      secretStoreRef: { name },
      data: [{ secretKey: 'a', remoteRef: { key } }],
    });
    const foreign = { ...NAMED, metadata: { name: 'foreign', namespace: 'payments' } };
    Object.assign(foreign, { spec: { ...Object(foreign).spec, controller: 'other' } });

    const { code, stdout, stderr } = await permissions([
      NAMED,
      foreign,
      definition('good', one('db')),
      definition('pattern', one('*')),
      definition('lost', one('db', 'nowhere')),
      definition('foreign', one('db', 'foreign')),
      definition('taken', one('db')),
      clusterDefinition('taken', { namespaces: ['payments'], externalSecretSpec: one('db') }),
      clusterDefinition('wrong', { namespaces: ['payments'] }),
    ]);

    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n').toSorted()).toEqual([
      expect.stringMatching(/^ClusterExternalSecret taken: not placed in namespace payments: .*another's$/),
      'ClusterExternalSecret wrong: not placed: spec.externalSecretSpec: must be the spec of an ExternalSecret',
      "ExternalSecret payments/foreign: left alone, because its stores are not Latchkey's to sync",
      expect.stringMatching(/^ExternalSecret payments\/lost: not synced: .*\[STORE_NOT_FOUND\]$/),
      expect.stringMatching(/^ExternalSecret payments\/pattern: not synced: store "named": no policy can name/),
    ]);
    expect([...stdout.matchAll(/^path "(.*)"/gm)].map(([, path]) => path)).toEqual(['secret/data/db']);
  });
});

describe('the policies for AWS where ExternalSecrets find', () => {
  const TAGS = { team: 'pay' };

  /** A client of a role that has what was printed, and nothing else. */
  async function openAsPrinted(service: string, find: object, optional: boolean): Promise<SecretsClient> {
    const block = { service, region: AWS_PLACE.region, auth: { jwt: { serviceAccountRef: { name: 'api' } } } };
    const [reader] = await printed(
      [
        account('api', ANNOTATIONS),
        store('aws', { aws: block }),
        definition('found', { secretStoreRef: { name: 'aws' }, dataFrom: [{ find }] }),
      ],
      '--issuer',
      TEST_ISSUER,
    );
    const grants = (reader?.grants ?? []).filter((grant) => optional || !grant.optional);
    const [trust, ...policies] = grants.map(({ text }): PolicyDocument => JSON.parse(text));
    if (trust === undefined) throw new Error('no trust policy was printed');
    const policy = { Statement: policies.flatMap(({ Statement }) => Statement) };
    const secretNames = ['prod-a', 'prod-b', 'prod-c', 'test'];
    const { connect } = await openAws({
      roles: { [ROLE_ARN]: { trust, policy } },
      secrets: new Map(secretNames.map((name) => [name, aSecret('v', name === 'prod-a' ? { tags: TAGS } : {})])),
      parameters: new Map(
        ['/prod/a', '/prod/b', '/test/a'].map((name) => {
          return [name, { versions: [{ value: 'v' }], ...(name === '/prod/a' && { tags: TAGS }) }];
        }),
      ),
      block: { service },
    });
    return connect();
  }

  it.each([
    ['SecretsManager', { name: { regexp: '^prod-' } }, ['prod-a', 'prod-b', 'prod-c'], ['test']],
    ['SecretsManager', { path: 'prod-', name: { regexp: '[ab]' } }, ['prod-a', 'prod-b'], ['test']],
    ['SecretsManager', { tags: TAGS }, ['prod-a'], ['prod-b', 'test']],
    ['ParameterStore', { path: '/prod', name: { regexp: '.' } }, ['/prod/a', '/prod/b'], ['/test/a']],
    ['ParameterStore', { path: '/prod', tags: TAGS }, ['/prod/a'], ['/prod/b', '/test/a']],
  ])('let the role find in %s by %j, and read nothing else', async (service, find, expected, closed) => {
    for (const optional of [false, true]) {
      const client = await openAsPrinted(service, find, optional);

      const found = await client.find?.(find, CALL);
      const refused = await Promise.allSettled(closed.map((key) => client.read({ key }, CALL)));

      expect(found?.map(({ key }) => key)).toEqual(expected);
      expect(refused).toMatchObject(closed.map(() => ({ status: 'rejected', reason: { code: 'ACCESS_DENIED' } })));
    }
  });
});
