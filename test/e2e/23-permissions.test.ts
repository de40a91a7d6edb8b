import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PolicyDocument } from '../support/loopback-aws-iam.ts';
import { runLatchkey } from '../support/run-latchkey.ts';
import { annotationsOf, type CloudTeam, createCloudTeam, type Member, tellMoto } from './cloud-team.ts';
import { type Clouds, cloudStores, ISSUER, startClouds } from './clouds.ts';
import type { KubernetesObject } from '../plane/plane-client.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, decode, type EnvEntry, podSpec, type SecretObject, vaultStore } from './team.ts';

interface PrintedGrant {
  readonly purpose: 'login' | 'read';
  readonly title: string;
  readonly principal: string;
  readonly language: string;
  readonly text: string;
}

const NAME = 'least';
const READER = 'sync';
const STORES = ['vault', 'sm', 'ssm'] as const;

let stage: Stage;
let clouds: Clouds;
let team: CloudTeam;
let member: Member;
/** As whom the stores of ExternalSecrets are read. */
let reader: Member;

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  team = await createCloudTeam(clouds, 'permissions');
  await Promise.all(['db', 'cache', 'other'].map((name) => team.putEverywhere(name, ['sm', 'ssm'])));
  member = await team.enrol(NAME, 'none');
  reader = await team.enrol(READER, 'none');
  await stage.plane.apply(vaultStore(stage.vault.address, team.namespace, `${team.namespace}-${NAME}`, 'vault-least'));
});

afterAll(async () => {
  await clouds.stop();
});

function aPod(name: string, env: readonly EnvEntry[]) {
  return { ...bare(name, []), spec: podSpec(env, { serviceAccountName: NAME }) };
}

function reference(store: (typeof STORES)[number], name: string): EnvEntry {
  const { value } = team.reference(store, name);
  return { name: `${store}_${name}`.toUpperCase(), value: value.replace('//vault/', '//vault-least/') };
}

/** What `latchkey permissions` says that manifests need, beside the stores of Pods. */
async function printGrants(of: Member, name: string, more: readonly object[]): Promise<readonly PrintedGrant[]> {
  const { namespace } = team;
  const { sm, ssm } = cloudStores(clouds);
  const stores = Object.entries({ sm, ssm }).map(([title, provider]) => aStore(title, provider));
  const vault = vaultStore(stage.vault.address, namespace, `${namespace}-${NAME}`, 'vault-least');
  const metadata = { name, namespace, annotations: annotationsOf(of) };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  const input = JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [account, vault, ...stores, ...more] });
  const args = ['permissions', '-f', '-', '-o', 'json', '--issuer', ISSUER];
  const { code, stdout, stderr } = await runLatchkey(args, input);
  if (code !== 0) throw new Error(stderr);
  const { permissions }: { permissions: readonly { grants: readonly PrintedGrant[] }[] } = JSON.parse(stdout);
  return permissions.flatMap(({ grants }) => grants);
}

function aStore(name: string, provider: object): KubernetesObject {
  const { namespace } = team;
  return {
    apiVersion: 'external-secrets.io/v1',
    kind: 'SecretStore',
    metadata: { name, namespace },
    spec: { provider },
  };
}

/** As an account does that pastes both. */
function grantInAws({ awsRole }: Member, grants: readonly PrintedGrant[]): void {
  const documents = grants.filter(({ language }) => language === 'json');
  const [trust] = documents.filter(({ purpose }) => purpose === 'login').map(parse);
  if (trust === undefined) throw new Error('no trust policy was printed');
  const policy = {
    Statement: documents.filter(({ purpose }) => purpose === 'read').flatMap((one) => parse(one).Statement),
  };
  clouds.world.awsRoles[awsRole] = { trust, policy };
}

function parse({ text }: PrintedGrant): PolicyDocument {
  return JSON.parse(text);
}

/** As OpenBao does; a shell says what its command was given. */
async function grantInVault(grants: readonly PrintedGrant[]): Promise<void> {
  const [role, policy] = ['sh', 'hcl'].map((language) => grants.find((grant) => grant.language === language));
  const shell = `vault() { for word; do printf '%s\\n' "$word"; done; }\n${role?.text}`;
  const { stdout } = await promisify(execFile)('/bin/sh', ['-c', shell]);
  const [verb, path = '', ...fields] = stdout.trimEnd().split('\n');
  const body = Object.fromEntries(fields.map((field) => field.split(/=(.*)/s, 2)));
  const [, name = ''] = /"(.*)"/.exec(policy?.title ?? '') ?? [];
  const answers = [
    await stage.vault.api('POST', `sys/policies/acl/${name}`, { body: { policy: policy?.text } }),
    await stage.vault.api('POST', path, { body }),
  ];
  expect({ verb, statuses: answers.map(({ status }) => status) }).toEqual({ verb: 'write', statuses: [204, 204] });
}

describe('what latchkey permissions prints', () => {
  const wanted = () => STORES.flatMap((store) => [reference(store, 'db'), reference(store, 'cache')]);

  it('lets a Pod read all that it refers to', async () => {
    const pod = aPod('app', wanted());
    const grants = await printGrants(member, NAME, [{ ...pod, metadata: { name: 'app', namespace: team.namespace } }]);
    grantInAws(member, grants);
    await grantInVault(grants);

    const { status, message } = await team.create(pod);

    expect({ status, message }).toEqual({ status: 201, message: '' });
  });

  it.each(STORES)('opens nothing else in %s', async (store) => {
    const { status, message } = await team.create(aPod(`curious-${store}`, [reference(store, 'other')]));

    expect(status).toBe(403);
    expect(message).toContain('[ACCESS_DENIED]');
  });
});

describe('what latchkey permissions prints for ExternalSecrets', () => {
  /** Stores that name the reader. */
  function namedStores(): readonly KubernetesObject[] {
    const { sm, ssm } = cloudStores(clouds);
    const auth = { jwt: { serviceAccountRef: { name: READER } } };
    const withReader = (provider: object) => ({ aws: { ...Object(provider).aws, auth } });
    const kubernetes = {
      mountPath: 'kubernetes',
      role: `${team.namespace}-${READER}`,
      serviceAccountRef: { name: READER },
    };
    const vault = Object(vaultStore(stage.vault.address, team.namespace, '', 'v')['spec']).provider.vault;
    return [
      aStore('vault-named', { vault: { ...vault, auth: { kubernetes } } }),
      aStore('sm-named', withReader(sm)),
      aStore('ssm-named', withReader(ssm)),
    ];
  }

  function definition(store: string, name: string, spec: object): KubernetesObject {
    const metadata = { name: `${store}-${name}`, namespace: team.namespace };
    const secretStoreRef = { name: `${store}-named` };
    return {
      apiVersion: 'external-secrets.io/v1',
      kind: 'ExternalSecret',
      metadata,
      spec: { secretStoreRef, ...spec },
    };
  }

  function finding(store: (typeof STORES)[number], folder: string): object {
    const path = team.keyOf(store, folder);
    return store === 'sm' ? { name: { regexp: `^${path}` } } : { path, name: { regexp: 'one' } };
  }

  const wanted = () =>
    STORES.map((store) => {
      const data = [{ secretKey: 'db', remoteRef: { key: team.keyOf(store, 'db') } }];
      const dataFrom = [{ extract: { key: team.keyOf(store, 'conf') } }, { find: finding(store, 'found') }];
      return definition(store, 'all', { data, dataFrom });
    });

  async function readyOf(name: string): Promise<{ reason: string; message: string }> {
    type Condition = { readonly type: string; readonly reason: string; readonly message: string };
    const path = `/apis/external-secrets.io/v1/namespaces/${team.namespace}/externalsecrets/${name}`;
    return waitUntil(`ExternalSecret ${name} has its condition`, async () => {
      const { status } = await team.get<{ status?: { conditions?: readonly Condition[] } }>(path);
      return status?.conditions?.find(({ type }) => type === 'Ready');
    });
  }

  beforeAll(async () => {
    const { motoUrl } = clouds;
    const text = JSON.stringify({ user: 'app' });
    await team.put('conf', { user: 'app' });
    await tellMoto(motoUrl, 'secretsmanager', 'secretsmanager.CreateSecret', {
      Name: team.keyOf('sm', 'conf'),
      SecretString: text,
    });
    const parameter = { Name: team.keyOf('ssm', 'conf'), Value: text, Type: 'SecureString' };
    await tellMoto(motoUrl, 'ssm', 'AmazonSSM.PutParameter', parameter);
    await Promise.all(['found/one', 'hidden/one'].map((name) => team.putEverywhere(name, ['sm', 'ssm'])));
    const grants = await printGrants(reader, READER, [...namedStores(), ...wanted()]);
    grantInAws(reader, grants);
    await grantInVault(grants);
    await stage.plane.apply(...namedStores(), ...wanted());
  });

  it.each([
    ['vault', (namespace: string) => `${namespace}_found_one`, '{"value":"found/one of vault"}'],
    ['sm', (namespace: string) => `${namespace}-found_one`, 'found/one of sm'],
    ['ssm', (namespace: string) => `_${namespace}_found_one`, 'found/one of ssm'],
  ] as const)('lets the identity of a store read in %s all that is named and found', async (store, keyOf, value) => {
    const { reason, message } = await readyOf(`${store}-all`);

    const secret = await team.get<SecretObject>(`/api/v1/namespaces/${team.namespace}/secrets/${store}-all`);
    expect({ reason, message }).toMatchObject({ reason: 'SecretSynced' });
    const values = Object.keys(secret.data ?? {}).map((key) => [key, decode(secret, key)]);
    expect(Object.fromEntries(values)).toEqual({
      db: store === 'vault' ? '{"value":"db of vault"}' : `db of ${store}`,
      user: 'app',
      [keyOf(team.namespace)]: value,
    });
  });

  it.each(STORES.flatMap((store) => [[store, 'extract'] as const, [store, 'find'] as const]))(
    'opens nothing else in %s to %s',
    async (store, way) => {
      const entry = way === 'extract' ? { key: team.keyOf(store, 'other') } : finding(store, 'hidden');
      await stage.plane.apply(definition(store, `curious-${way}`, { dataFrom: [{ [way]: entry }] }));

      const { reason, message } = await readyOf(`${store}-curious-${way}`);

      expect(reason).toBe('SecretSyncedError');
      expect(message).toContain('[ACCESS_DENIED]');
    },
  );
});
