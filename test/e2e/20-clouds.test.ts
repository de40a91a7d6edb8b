import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { annotationsOf, type CloudTeam, createCloudTeam } from './cloud-team.ts';
import { AZURE_TENANT, CLOUD_STORES, type Clouds, startClouds } from './clouds.ts';
import { GOOGLE_AUDIENCE } from './chart.ts';
import { getStage, type Stage } from './stage.ts';
import { type CreateAnswer, bare, decode, podSpec, vaultStore } from './team.ts';
import { callsOfRole } from './vault-traffic.ts';

const STORES = [...CLOUD_STORES, 'vault'] as const;
type Store = (typeof STORES)[number];
const SERVICE_ACCOUNT = 'latchkey-app@acme.iam.gserviceaccount.com';

let stage: Stage;
let clouds: Clouds;
let team: CloudTeam;

beforeAll(async () => {
  stage = await getStage();
  clouds = await startClouds(stage);
  team = await createCloudTeam(clouds, 'clouds');
  await team.putEverywhere('db');
});

afterAll(async () => {
  await clouds.stop();
});

/** Creates one Pod for each store, which reads `db` there as that ServiceAccount. */
async function refusalsOf(
  serviceAccount: string,
  { dryRun = false, vaultStore: named = 'vault' } = {},
): Promise<Readonly<Record<string, string>>> {
  const answers = await Promise.all(
    STORES.map(async (store): Promise<readonly [string, string]> => {
      const { name, value } = team.reference(store, 'db');
      const env = [{ name, value: value.replace('//vault/', `//${named}/`) }];
      const spec = podSpec(env, { serviceAccountName: serviceAccount });
      const pod = { ...bare(`${serviceAccount}-${store}`, []), spec };
      const { status, message } = await (dryRun ? tryOut(pod) : team.create(pod));
      return [store, status === 201 ? 'admitted' : message];
    }),
  );
  return Object.fromEntries(answers);
}

async function tryOut(body: object): Promise<Pick<CreateAnswer, 'status' | 'message'>> {
  const path = `/api/v1/namespaces/${team.namespace}/pods?dryRun=All`;
  const { status, body: answer } = await stage.plane.request<{ message?: string }>('POST', path, { body });
  return { status, message: answer.message ?? '' };
}

async function createServiceAccount(name: string, annotations: Readonly<Record<string, string>>): Promise<void> {
  await stage.plane.apply({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: { name, namespace: team.namespace, annotations },
  });
}

/** Whoever logs in with it may read nothing. */
async function createVaultRole(name: string, serviceAccount: string): Promise<void> {
  await stage.vault.api('POST', `auth/kubernetes/role/${name}`, {
    body: {
      bound_service_account_names: [serviceAccount],
      bound_service_account_namespaces: [team.namespace],
      audience: 'vault',
      policies: [],
    },
  });
}

function requestsSoFar(): number {
  return [clouds.aws, clouds.google, clouds.azure].reduce((sum, { requests }) => sum + requests.length, 0);
}

describe('a Pod with references to five stores that name no identity', () => {
  it('is admitted with one Secret, and each provider saw a token of its ServiceAccount for its own audience', async () => {
    const { aws, google, azure } = clouds;
    expect(requestsSoFar()).toBe(0); // the dry runs before asked nobody

    const { status, message } = await team.create(
      bare(
        'all',
        STORES.map((store) => team.reference(store, 'db')),
      ),
    );

    expect([status, message]).toEqual([201, '']);
    const secrets = await team.secrets();
    expect(secrets).toHaveLength(1);
    for (const store of STORES) expect(decode(secrets[0], store.toUpperCase())).toBe(`db of ${store}`);

    const { subject, awsRole, azureClient } = team.app;
    const login = {
      operation: 'AssumeRoleWithWebIdentity',
      role: awsRole,
      from: subject,
      audience: 'sts.amazonaws.com',
    };
    expect(aws.logins).toEqual([expect.objectContaining(login), expect.objectContaining(login)]);
    expect(google.seen).toEqual([{ subject, audiences: [GOOGLE_AUDIENCE] }]);
    expect(azure.logins).toEqual([
      { clientId: azureClient, by: 'federation', subject, audience: 'api://AzureADTokenExchange' },
    ]);
    // The role of the team takes tokens of this ServiceAccount for `vault` alone.
    const logins = (await callsOfRole(stage.vault, team.namespace)).filter(({ kind }) => kind === 'login');
    expect(logins.map(({ serviceAccount }) => serviceAccount)).toEqual([`${team.namespace}/app`]);
  });
});

describe('a Pod of another ServiceAccount', () => {
  it('is refused by each provider that knows it but lets it read nothing, with what to grant to whom', async () => {
    const other = await team.enrol('other', 'none');
    const who = `ServiceAccount ${team.namespace}/other`;
    const emptyRole = `${team.namespace}-other`;
    await createVaultRole(emptyRole, 'other');
    await stage.plane.apply(vaultStore(stage.vault.address, team.namespace, emptyRole, 'vault-of-other'));

    const refusals = await refusalsOf('other', { vaultStore: 'vault-of-other' });

    const aws = [`role ${other.awsRole}`, `annotation eks.amazonaws.com/role-arn of ${who}`];
    const expected: Readonly<Record<Store, readonly string[]>> = {
      sm: [...aws, `secretsmanager:GetSecretValue on arn:aws:secretsmanager:eu-central-1:111122223333:secret:`],
      ssm: [...aws, `ssm:GetParameter on arn:aws:ssm:eu-central-1:111122223333:parameter${team.keyOf('ssm', 'db')} `],
      google: [
        who,
        'secretmanager.versions.access',
        'gcloud secrets add-iam-policy-binding',
        `--role=roles/secretmanager.secretAccessor --member='${other.google}'`,
      ],
      azure: [
        `client ${other.azureClient}`,
        'az role assignment create --role "Key Vault Secrets User"',
        `annotation azure.workload.identity/client-id of ${who}`,
      ],
      vault: [`role "${emptyRole}"`, `path "secret/data/${team.keyOf('vault', 'db')}" { capabilities = ["read"] }`],
    };
    for (const store of STORES) {
      for (const part of [`${team.keyOf(store, 'db')}"`, ...expected[store], '[ACCESS_DENIED]']) {
        expect(refusals[store]).toContain(part);
      }
    }
    expect((await team.secrets()).length).toBe(1);
  });

  it('is refused with the annotations of the first, for no cloud takes its token for them', async () => {
    const { app } = team;
    clouds.world.googleServiceAccounts[SERVICE_ACCOUNT] = { users: [app.google] };
    await createServiceAccount('thief', {
      ...annotationsOf(app),
      'iam.gke.io/gcp-service-account': SERVICE_ACCOUNT,
    });
    const subject = `system:serviceaccount:${team.namespace}:thief`;

    const refusals = await refusalsOf('thief');

    const expected: Readonly<Record<Store, readonly string[]>> = {
      sm: [app.awsRole, 'eks.amazonaws.com/role-arn', 'sts:AssumeRoleWithWebIdentity', subject],
      ssm: [app.awsRole, 'eks.amazonaws.com/role-arn', 'sts:AssumeRoleWithWebIdentity', subject],
      google: [SERVICE_ACCOUNT, 'roles/iam.workloadIdentityUser', subject, 'iam.gke.io/gcp-service-account'],
      azure: [
        app.azureClient,
        AZURE_TENANT,
        subject,
        'api://AzureADTokenExchange',
        'azure.workload.identity/client-id',
      ],
      vault: [`role "${team.namespace}"`],
    };
    for (const store of STORES) {
      for (const part of [...expected[store], '[IDENTITY_REJECTED]']) expect(refusals[store]).toContain(part);
    }
    const { aws, google, azure } = clouds;
    expect(aws.logins.filter(({ from }) => from === subject)).toEqual([]);
    expect(azure.logins.filter((login) => login.subject === subject)).toEqual([]);
    expect(google.calls.access).toBe(2); // of app, and of other, who was refused
  });

  it('is refused in a dry run already where its annotations name nobody, and no provider is asked', async () => {
    await createServiceAccount('plain', { 'iam.gke.io/gcp-service-account': 'nobody' });
    const before = requestsSoFar();

    const refusals = await refusalsOf('plain', { dryRun: true });

    expect(requestsSoFar()).toBe(before);
    const who = `ServiceAccount ${team.namespace}/plain`;
    for (const store of ['sm', 'ssm'] as const) {
      expect(refusals[store]).toContain(`${who} has no AWS role: it lacks the annotation eks.amazonaws.com/role-arn`);
    }
    expect(refusals['google']).toContain(`the annotation iam.gke.io/gcp-service-account of ${who}`);
    expect(refusals['azure']).toContain(`${who} has no identity in Azure: it lacks the annotation`);
    for (const store of CLOUD_STORES) expect(refusals[store]).toContain('[IDENTITY_REJECTED]');
    expect(refusals['vault']).toBe('admitted'); // its roles are Vault's to know
  });
});
