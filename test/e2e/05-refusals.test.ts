import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { waitUntil } from '../plane/wait-until.ts';
import { applyRefusalStores, CLUSTER_STORES } from './refusal-stores.ts';
import { getStage, type Stage } from './stage.ts';
import { bare, createTeam, decode, type EnvEntry, type Team, workload } from './team.ts';

let stage: Stage;
let team: Team;
/** Its ServiceAccount is whom a ClusterSecretStore names. */
let owner: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'refusals');
  await team.put('db', { user: 'app', password: 'x' });
  owner = await createTeam(stage, 'refusals-owner');
  await owner.put('db', { password: "the owner's" });
  await applyRefusalStores(stage, team, owner);
  await waitUntil('the last store is known', async () => {
    const answer = await dryRun([{ name: 'A', value: 'clustersecretstore://refusals-conditions/any' }]);
    return answer.includes('is not open to namespace');
  });
});

// Their ReplicaSets would go on asking.
afterAll(async () => {
  await stage.plane.kubectl(['delete', 'clustersecretstore', ...CLUSTER_STORES]);
  await stage.plane.kubectl(['delete', 'secret', 'vault-approle', '-n', 'credentials']);
  await stage.plane.kubectl(['delete', 'namespace', team.namespace, owner.namespace, '--timeout=120s']);
});

async function dryRun(env: readonly EnvEntry[]): Promise<string> {
  const path = `/api/v1/namespaces/${team.namespace}/pods?dryRun=All`;
  const { body } = await stage.plane.request<{ message?: string }>('POST', path, { body: bare('probe', env) });
  return body.message ?? '';
}

/** What the author of a Deployment reads: `kubectl describe replicaset`. */
async function failedCreate(deployment: string): Promise<string> {
  return waitUntil('the FailedCreate event', async () => {
    const events = (await team.events()).filter(
      ({ reason, regarding }) => reason === 'FailedCreate' && regarding.startsWith(`ReplicaSet ${deployment}-`),
    );
    return events[0]?.message;
  });
}

const DENIED = 'Error creating: admission webhook "pods.latchkey.dev" denied the request: ';
const PLACE = 'container "app", env DB_PASSWORD';

/** Title, name of the Deployment, reference, and the line that follows the place. NS is the namespace. */
const REFUSALS: readonly (readonly [title: string, name: string, reference: string, line: string])[] = [
  [
    'lacks the path in Vault',
    'denied',
    'secretstore://vault/other-team/db#password',
    ', store "vault": Vault does not let role "NS" read "secret/data/other-team/db". ' +
      'Add to one of its policies: path "secret/data/other-team/db" { capabilities = ["read"] }. [ACCESS_DENIED]',
  ],
  [
    'asks for a property that is not there',
    'property',
    'secretstore://vault/NS/db#pasword',
    ', store "vault": secret "NS/db" has no property "pasword"; it has 2: password, user. ' +
      'Did you mean "password"? [PROPERTY_NOT_FOUND]',
  ],
  [
    'asks for a secret that is not there',
    'missing',
    'secretstore://vault/NS/mail#password',
    ', store "vault": "secret/data/NS/mail" does not exist in Vault. ' +
      "Write it, correct the key, or set spec.provider.vault.version to the KV engine's. [SECRET_NOT_FOUND]",
  ],
  [
    'names a store that is not there',
    'store',
    'secretstore://valt/NS/db#password',
    ': SecretStore "valt" does not exist in namespace "NS". Did you mean "vault"? [STORE_NOT_FOUND]',
  ],
  [
    'has a malformed reference',
    'malformed',
    'secretstore://vault#password',
    ': reference "secretstore://vault#password" names a store but no key. ' +
      'Write secretstore://STORE/KEY or secretstore://STORE/KEY#PROPERTY, ' +
      'with secretstore:///KEY for the default store. [REF_INVALID]',
  ],
  [
    'uses a store that has mistakes',
    'mistakes',
    'secretstore://vault-broken/NS/db#password',
    ': SecretStore "vault-broken" has mistakes: ' +
      'spec.provider.vault.server: must be an http or https URL such as "https://vault.example.com:8200"; ' +
      'spec.provider.vault.auth.kubernetes.role: is required, such as "api". Correct the store. [STORE_INVALID]',
  ],
  [
    'uses a ClusterSecretStore with credentials of another namespace',
    'closed',
    'clustersecretstore://refusals-shared/refusals-shared/db#password',
    ': ClusterSecretStore "refusals-shared" is read with an identity of another namespace and is not open to Pods. ' +
      'Its owner can open it with the annotation latchkey.dev/pods: allowed. [STORE_NOT_ALLOWED]',
  ],
  [
    'uses a ClusterSecretStore with the ServiceAccount of another namespace',
    'identity',
    'clustersecretstore://refusals-identity/any/db#password',
    ': ClusterSecretStore "refusals-identity" is read with an identity of another namespace and is not open to Pods. ' +
      'Its owner can open it with the annotation latchkey.dev/pods: allowed. [STORE_NOT_ALLOWED]',
  ],
  [
    'is in a namespace that the conditions of a ClusterSecretStore leave out',
    'conditions',
    'clustersecretstore://refusals-conditions/NS/db#password',
    ': ClusterSecretStore "refusals-conditions" is not open to namespace "NS". ' +
      'Ask its owner to add the namespace to spec.conditions. [STORE_NOT_ALLOWED]',
  ],
  [
    'uses a store whose credential we may not read',
    'credential',
    'secretstore://vault-token/NS/db#password',
    ', store "vault-token": Secret NS/own-token, which the store names, may not be read by Latchkey. ' +
      "Add {namespace: NS, kind: Secret, name: own-token} to storeCredentials.items in the chart's values, or bind " +
      'Latchkey\'s ServiceAccounts to a Role in namespace "NS" with verb get on secrets, resourceNames: [own-token]. ' +
      '[STORE_CREDENTIAL_UNREADABLE]',
  ],
  [
    'has a role that Vault does not know',
    'stranger',
    'secretstore://vault-stranger/NS/db#password',
    ', store "vault-stranger": Vault refused the login of ServiceAccount NS/app at auth/kubernetes with role "nobody". ' +
      'Check bound_service_account_names, bound_service_account_namespaces and audience (the token\'s is "vault") of ' +
      'role "nobody", and that auth/kubernetes is enabled. [IDENTITY_REJECTED]',
  ],
  [
    'uses a Vault that does not answer',
    'down',
    'secretstore://vault-down/NS/db#password',
    ', store "vault-down": Vault at 127.0.0.1:1 refuses connections. ' +
      'Check spec.provider.vault.server and that Vault runs. [PROVIDER_UNAVAILABLE]',
  ],
];

describe('a Deployment whose Pod', () => {
  it.each(REFUSALS)('%s hears it in one line', async (_title, name, reference, line) => {
    const filled = (text: string) => text.replaceAll('NS', team.namespace);
    const env = [{ name: 'DB_PASSWORD', value: filled(reference) }];

    await team.create(workload('Deployment', name, { env }));

    expect(await failedCreate(name)).toBe(DENIED + PLACE + filled(line));
  });

  it('has three mistakes hears of all three', async () => {
    const { namespace } = team;
    const env = [
      { name: 'USER', value: `secretstore://vault/${namespace}/db#usr` },
      { name: 'PASSWORD', value: 'secretstore://vault/other-team/db#password' },
      { name: 'TOKEN', value: 'secretstore://valt/any' },
    ];

    await team.create(workload('Deployment', 'three', { env }));

    const message = await failedCreate('three');
    expect(message).not.toContain('\n');
    const problems = message.split(/(?<=\[[A-Z_]+\]) /).map((problem) => problem.replace(DENIED, ''));
    expect(problems).toEqual([
      expect.stringMatching(/^container "app", env TOKEN: SecretStore "valt" .*\[STORE_NOT_FOUND\]$/),
      expect.stringMatching(/^container "app", env USER, store "vault": .* "usr".*\[PROPERTY_NOT_FOUND\]$/),
      expect.stringMatching(/^container "app", env PASSWORD, store "vault": .*other-team\/db.*\[ACCESS_DENIED\]$/),
    ]);
  });

  it('was refused left no Secret and no Lease', async () => {
    expect(await team.secrets()).toEqual([]);
    expect(await team.leases()).toEqual([]);
    expect(await team.pods()).toEqual([]);
  });
});

describe('a ClusterSecretStore', () => {
  it.each([
    ['credentials', 'refusals-shared', () => 'refusals-shared/db', 'shared'],
    ['ServiceAccount', 'refusals-identity', () => `${owner.namespace}/db`, "the owner's"],
  ])('that its owner opens to Pods is read with its own %s', async (own, store, key, value) => {
    const variable = own.toUpperCase();
    const env = [{ name: variable, value: `clustersecretstore://${store}/${key()}#password` }];
    await stage.plane.kubectl(['annotate', 'clustersecretstore', store, 'latchkey.dev/pods=allowed']);

    await waitUntil('a Pod is admitted', async () => (await team.create(bare(store, env))).status === 201);

    expect((await team.secrets()).map((secret) => decode(secret, variable))).toContain(value);
  });

  it('that names the namespace by label in its conditions is read as the Pod', async () => {
    await stage.plane.kubectl(['label', 'namespace', team.namespace, 'tier=gold']);
    const env = [{ name: 'GOLD', value: `clustersecretstore://refusals-conditions/${team.namespace}/db#password` }];

    await waitUntil('a Pod is admitted', async () => (await team.create(bare('gold', env))).status === 201);

    expect((await team.secrets()).map((secret) => decode(secret, 'GOLD'))).toContain('x');
  });
});

describe('the status of a store', () => {
  interface Condition {
    readonly type: string;
    readonly status: string;
    readonly reason: string;
    readonly message: string;
  }

  async function ready(path: string): Promise<Condition> {
    return waitUntil('the Ready condition', async () => {
      const store = await team.get<{ status?: { conditions?: readonly Condition[] } }>(
        `/apis/external-secrets.io/v1/${path}`,
      );
      return store.status?.conditions?.find(({ type }) => type === 'Ready');
    });
  }

  it('says what is wrong, in its Ready condition and in an Event', async () => {
    const path = `namespaces/${team.namespace}/secretstores`;

    const unreadable = await ready(`${path}/vault-token`);
    const broken = await ready(`${path}/vault-broken`);

    expect(unreadable).toMatchObject({ status: 'False', reason: 'ValidationFailed' });
    expect(unreadable.message).toContain('resourceNames: [own-token]');
    expect(unreadable.message).toContain('[STORE_CREDENTIAL_UNREADABLE]');
    expect(broken).toMatchObject({ status: 'False', reason: 'InvalidProviderConfig' });
    expect(broken.message).toContain('spec.provider.vault.server: ');
    const events = await waitUntil('Events of both', async () => {
      const found = (await team.events()).filter(({ regarding }) => regarding.startsWith('SecretStore vault-'));
      return found.length >= 2 ? found : undefined;
    });
    expect(events).toContainEqual({
      reason: 'ValidationFailed',
      regarding: 'SecretStore vault-token',
      message: unreadable.message,
    });
    expect(events).toContainEqual({
      reason: 'InvalidProviderConfig',
      regarding: 'SecretStore vault-broken',
      message: broken.message,
    });
  });

  it('is Ready where its own credentials log in, and unknown where each Pod brings its own', async () => {
    const shared = await ready('clustersecretstores/refusals-shared');
    const own = await ready(`namespaces/${team.namespace}/secretstores/vault`);

    expect(shared).toMatchObject({ status: 'True', reason: 'Valid', message: 'store validated' });
    expect(own).toMatchObject({ status: 'True', reason: 'ValidationUnknown' });
    expect(own.message).toContain("each Pod's own ServiceAccount");
  });

  it('stands in the columns of kubectl get', async () => {
    await ready(`namespaces/${team.namespace}/secretstores/vault-token`);

    const { stdout } = await stage.plane.kubectl(['get', 'secretstore', '-n', team.namespace]);

    const [header = '', ...rows] = stdout.trim().split('\n');
    expect(header.split(/\s+/)).toEqual(['NAME', 'AGE', 'STATUS', 'CAPABILITIES', 'READY']);
    const columns = Object.fromEntries(rows.map((row) => row.split(/\s+/)).map(([name, , ...more]) => [name, more]));
    expect(columns['vault']).toEqual(['ValidationUnknown', 'ReadOnly', 'True']);
    expect(columns['vault-token']).toEqual(['ValidationFailed', 'ReadOnly', 'False']);
    expect(columns['vault-broken']).toEqual(['InvalidProviderConfig', 'ReadOnly', 'False']);
  });
});
