import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readFile } from 'node:fs/promises';
import { type DocumentedExample, refusedExamples, servedExamples, STORES } from '../support/documented-examples.ts';
import { getStage, type Stage } from './stage.ts';
import { createTeam, type Team, untilRunning } from './team.ts';
import { type Variables, variablesOf } from './variables.ts';

const PASSWORD = 'only-in-vault';
const DOCUMENTED_SERVER = 'https://vault.example.com:8200';

/** What docs/examples/README.md and the comment of each example promise, container by container. */
const EFFECTS: Readonly<Record<string, Readonly<Record<string, Variables>>>> = {
  reference: { api: { DB_PASSWORD: PASSWORD, DATABASE_URL: `postgres://payments:${PASSWORD}@db/payments` } },
  'env-variable': { api: { DB_PASSWORD: PASSWORD } },
  'env-map': { api: { DB_PASSWORD: PASSWORD, DATABASE_URL: `postgres://app:${PASSWORD}@db/payments` } },
  'env-from': { api: { DB_host: 'db.vault', DB_user: 'payments', DB_password: PASSWORD } },
  'external-secret': { api: { host: 'db.vault', user: 'payments', password: PASSWORD } },
  containers: { api: { DB_PASSWORD: PASSWORD }, proxy: {} },
  'default-store': { api: { DB_PASSWORD: PASSWORD } },
  'default-cluster-store': { api: { DB_PASSWORD: PASSWORD } },
  delivery: { api: { DB_PASSWORD: PASSWORD } },
  inject: { api: { REFERENCE: 'secretstore://vault/payments/db#password' } },
};

let stage: Stage;
let team: Team;

beforeAll(async () => {
  stage = await getStage();
  team = await createTeam(stage, 'documented');
  await prepareVault();
  const stores = await readFile(STORES.vault, 'utf8');
  const { code, stderr } = await apply('-', stores.replaceAll(DOCUMENTED_SERVER, stage.vault.address));
  if (code !== 0) throw new Error(stderr);
});

afterAll(async () => {
  await stage.plane.kubectl(['delete', 'clustersecretstore', 'shared', '--ignore-not-found']);
});

/** The role and the remote secret that docs/examples/stores-vault.yaml speaks of. */
async function prepareVault(): Promise<void> {
  const policy = 'path "secret/data/payments/*" { capabilities = ["read"] }';
  await stage.vault.api('POST', 'sys/policies/acl/payments', { body: { policy } });
  await stage.vault.api('POST', 'auth/kubernetes/role/payments', {
    body: {
      bound_service_account_names: ['api'],
      bound_service_account_namespaces: [team.namespace],
      audience: 'vault',
      policies: ['payments'],
      ttl: '10m',
    },
  });
  const data = { host: 'db.vault', user: 'payments', password: PASSWORD };
  await stage.vault.api('POST', 'secret/data/payments/db', { body: { data } });
}

function apply(path: string, input = '') {
  const args = ['apply', '--namespace', team.namespace, '--filename', path];
  return stage.plane.kubectl(args, { input, allowFailure: true });
}

function secretsOf(pods: readonly { readonly metadata: { readonly annotations?: Record<string, string> } }[]) {
  const plans = new Set(pods.map(({ metadata }) => metadata.annotations?.['latchkey.dev/plan']));
  return [...plans].flatMap((plan) => plan?.match(/lk-[0-9a-f]{32}/g) ?? []);
}

describe("the documentation's example of every annotation", () => {
  it('has an effect that this test knows', () => {
    expect(servedExamples().map(({ name }) => name)).toEqual(Object.keys(EFFECTS).toSorted());
  });

  it.each(servedExamples())(
    'works when it is applied as it stands: $name',
    async ({ name, path }: DocumentedExample) => {
      const { code, stderr } = await apply(path);
      const pods = await untilRunning(team, name, 1);

      const [pod] = pods;
      const secrets = await team.secrets();
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(pod && variablesOf(pod, secrets)).toEqual(EFFECTS[name]);
      const used = secretsOf(pods);
      expect(used).toHaveLength(name === 'inject' ? 0 : 1);
      const owners = secrets.filter((secret) => used.includes(secret.metadata.name)).map(({ metadata }) => metadata);
      expect(owners.flatMap(({ ownerReferences }) => ownerReferences?.map(({ kind }) => kind))).toEqual(
        used.map(() => 'ReplicaSet'),
      );
    },
  );

  it.each(refusedExamples())('is refused with the line that its comment shows: $name', async ({ path, refusal }) => {
    const { code, stderr } = await apply(path);

    expect(code).toBe(1);
    const [, told] = /: admission webhook "pods\.latchkey\.dev" denied the request: (.*)$/.exec(stderr.trimEnd()) ?? [];
    expect(told).toBe(refusal);
  });
});
