import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { TEST_ISSUER } from '../support/kubernetes-issuer.ts';
import type { PolicyDocument } from '../support/loopback-aws-iam.ts';
import { ANNOTATIONS, aSecret, CALL, openAws, ROLE_ARN } from '../support/open-aws.ts';
import { account, permissions, pod, printed, store, vaultStore } from '../support/permissions-scene.ts';
import { runLatchkey } from '../support/run-latchkey.ts';

describe('latchkey permissions', () => {
  it('prints for each ServiceAccount what its references need', async () => {
    const finished = await permissions([vaultStore('vault'), pod('api', 'api', 'secretstore://vault/db#password')]);

    expect(finished).toEqual({
      code: 0,
      stderr: '',
      stdout: `# ===== ServiceAccount payments/api
# for Pod payments/api

# role that lets ServiceAccount payments/api in
#   for    role "api" of auth/kubernetes at vault.example.com
#   store  SecretStore payments/vault
#   note   this writes the whole role: keep what else it must have
vault write auth/kubernetes/role/api \\
  bound_service_account_names=api \\
  bound_service_account_namespaces=payments \\
  audience=vault \\
  token_policies=latchkey-kubernetes-api \\
  token_ttl=20m

# policy "latchkey-kubernetes-api", which reads what is referred to
#   for    role "api" of auth/kubernetes at vault.example.com
#   store  SecretStore payments/vault
path "secret/data/db" {
  capabilities = ["read"]
}
`,
    });
  });

  it('prints what the others need where one Pod is refused, and exits with 1', async () => {
    const { code, stdout, stderr } = await permissions([
      vaultStore('vault'),
      pod('good', 'api', 'secretstore://vault/db'),
      pod('bad', 'api', 'secretstore://valut/db'),
      pod('odd', 'api', 'secretstore://vault/*', 'secretstore://vault/cache'),
    ]);

    expect(code).toBe(1);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Pod payments\/bad: denied: .*Did you mean "vault"\? \[STORE_NOT_FOUND\]$/),
      expect.stringMatching(/^Pod payments\/odd: denied: store "vault": no policy can name .* \[REF_INVALID\]$/),
    ]);
    expect([...stdout.matchAll(/^path "(.*)"/gm)].map(([, path]) => path)).toEqual([
      'secret/data/cache',
      'secret/data/db',
    ]);
  });

  it('puts stores with an identity of their own under their own name', async () => {
    const appRole = { roleId: 'id', secretRef: { name: 'approle', key: 'id' } };
    const fake = { data: [{ key: 'a', value: 'b' }] };

    const [own, none, named] = await printed([
      vaultStore('approle', { auth: { appRole } }),
      vaultStore('named', { auth: { kubernetes: { role: 'api', serviceAccountRef: { name: 'reader' } } } }),
      store('demo', { fake }, 'ClusterSecretStore'),
      pod('api', 'api', 'secretstore://approle/a', 'secretstore://named/b', 'clustersecretstore://demo/a'),
    ]).then((all) => [all[1], all[0], all[2]]);

    expect(own).toMatchObject({ reader: { kind: 'SecretStore', namespace: 'payments', name: 'approle' } });
    expect(own?.grants.map(({ language }) => language)).toEqual(['hcl']);
    expect(none).toEqual({
      reader: { kind: 'ClusterSecretStore', name: 'demo' },
      usedBy: ['Pod payments/api'],
      grants: [],
      nothingToGrant: ['ClusterSecretStore demo'],
    });
    expect(named?.reader).toEqual({ kind: 'ServiceAccount', namespace: 'payments', name: 'reader' });
  });

  it('joins the paths of one role of Vault, and says who else comes in through it', async () => {
    const [api] = await printed([
      vaultStore('secret'),
      vaultStore('team', { path: 'team' }),
      pod('api', 'api', 'secretstore://secret/a', 'secretstore://team/b'),
      pod('report', 'report', 'secretstore://secret/c'),
    ]);

    const shared = { sharedWith: ['ServiceAccount payments/report'] };
    const stores = ['SecretStore payments/secret', 'SecretStore payments/team'];
    expect(api?.grants).toMatchObject([
      { language: 'sh', stores, ...shared },
      { language: 'hcl', stores, ...shared },
    ]);
    expect([...(api?.grants[1]?.text ?? '').matchAll(/^path "(.*)"/gm)].map(([, path]) => path)).toEqual([
      'secret/data/a',
      'team/data/b',
    ]);
  });

  it('reads a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'latchkey-permissions-'));
    onTestFinished(() => rm(folder, { recursive: true }));
    await writeFile(join(folder, 'pod.yaml'), JSON.stringify(pod('api', 'api')));
    await writeFile(join(folder, 'README.md'), 'no manifest');

    const finished = await runLatchkey(['permissions', '-f', folder]);

    expect(finished).toEqual({
      code: 0,
      stdout: '',
      stderr: 'nothing to grant: no workload or ExternalSecret in the files reads from a provider\n',
    });
  });

  it.each(['ftp://issuer.example.com', 'https://issuer.example.com/?a=b', 'https://user@issuer.example.com'])(
    'takes no issuer %s',
    async (issuer) => {
      const { code, stderr } = await permissions([], '--issuer', issuer);

      expect({ code, stderr }).toEqual({
        code: 2,
        stderr: expect.stringContaining('Write it as the cluster publishes it'),
      });
    },
  );
});

describe('the policies for AWS', () => {
  const MANIFESTS = [
    account('api', ANNOTATIONS),
    store('secrets', { aws: { service: 'SecretsManager', region: 'eu-central-1' } }),
    store('parameters', { aws: { service: 'ParameterStore', region: 'eu-central-1' } }),
    pod(
      'api',
      'api',
      ...['a', 'b'].flatMap((key) => [`secretstore://secrets/${key}`, `secretstore://parameters//${key}`]),
    ),
  ];

  /** An account in which the role has what was printed, and nothing else. */
  async function openAsPrinted(block: object, { optional }: { readonly optional: boolean }) {
    const [api] = await printed(MANIFESTS, '--issuer', TEST_ISSUER);
    const documents = (api?.grants ?? []).filter((grant) => optional || !grant.optional);
    const policiesOf = (purpose: string) =>
      documents.filter((grant) => grant.purpose === purpose).map(({ text }): PolicyDocument => JSON.parse(text));
    const [trust] = policiesOf('login');
    if (trust === undefined) throw new Error('no trust policy was printed');
    const policy = { Statement: policiesOf('read').flatMap(({ Statement }) => Statement) };
    const secrets = new Map(['a', 'b', 'c', 'a-longer'].map((name) => [name, aSecret()]));
    const parameters = new Map(['/a', '/b', '/c', '/a/below'].map((name) => [name, { versions: [{ value: 'v' }] }]));
    return openAws({ roles: { [ROLE_ARN]: { trust, policy } }, secrets, parameters, block });
  }

  it.each([
    ['SecretsManager', ['a', 'b'], ['c', 'a-longer']],
    ['ParameterStore', ['/a', '/b'], ['/c', '/a/below']],
  ])('let the role read from %s what is referred to, and nothing else', async (service, readable, closed) => {
    const { connect } = await openAsPrinted({ service }, { optional: false });
    const client = await connect();

    const values = await Promise.all(readable.map((key) => client.read({ key }, CALL)));
    const refused = await Promise.allSettled(closed.map((key) => client.read({ key }, CALL)));
    const batch = client.batch?.read(
      readable.map((key) => ({ key })),
      CALL,
    );

    expect(values).toHaveLength(2);
    expect(refused).toMatchObject(closed.map(() => ({ status: 'rejected', reason: { code: 'ACCESS_DENIED' } })));
    await expect(batch).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it.each([
    ['SecretsManager', ['a', 'b', 'c'], [true, true, false]],
    ['ParameterStore', ['/a', '/b'], [true, true]],
  ])('let it read many of %s at once with the optional one', async (service, keys, expected) => {
    const { connect } = await openAsPrinted({ service }, { optional: true });
    const client = await connect();

    const outcomes = await client.batch?.read(
      keys.map((key) => ({ key })),
      CALL,
    );

    expect(outcomes?.map(({ ok }) => ok)).toEqual(expected);
  });
});

describe('docs/permissions.md', () => {
  it('shows what is printed', async () => {
    const page = await readFile(new URL('../../docs/permissions.md', import.meta.url), 'utf8');
    const [manifests = '', output] = ['yaml', 'text'].map(
      (language) => new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'ms').exec(page)?.[1],
    );

    const finished = await runLatchkey(['permissions', '-f', '-'], manifests);

    expect(finished).toEqual({ code: 0, stderr: '', stdout: output });
  });
});
