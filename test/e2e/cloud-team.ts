import { randomUUID } from 'node:crypto';
import { allow, trustToken } from '../support/aws-policies.ts';
import { AWS_PLACE } from '../support/loopback-aws.ts';
import type { PolicyDocument } from '../support/loopback-aws-iam.ts';
import { READ } from '../support/loopback-gcp-secrets.ts';
import { waitUntil } from '../plane/wait-until.ts';
import { CLOUD_STORES, type Clouds, type CloudStore, cloudStores, GOOGLE_POOL, ISSUER } from './clouds.ts';
import { createTeam, type EnvEntry, podSpec, type Team } from './team.ts';

/** A team that has a store in every cloud, none of which names an identity. Its ServiceAccount `app` may read all that is put. */
export interface CloudTeam extends Team {
  readonly app: Member;
  /** Every store holds a remote secret of that name, with the value `NAME of STORE`; Vault in its property `value`. */
  putEverywhere(name: string, stores?: readonly CloudStore[]): Promise<void>;
  /** A ServiceAccount that each cloud lets in. */
  enrol(serviceAccount: string, rights: Rights): Promise<Member>;
  /** How a store of the team names a remote secret. */
  keyOf(store: CloudStore | 'vault', name: string): string;
  /** The variable `STORE`, or what is told. */
  reference(store: CloudStore | 'vault', name: string, variable?: string): EnvEntry;
}

/** What a ServiceAccount is in the clouds. */
export interface Member {
  readonly subject: string;
  readonly awsRole: string;
  /** In Google's policies. */
  readonly google: string;
  readonly azureClient: string;
}

/** `single`: everything but what batches need. */
export type Rights = 'read' | 'single' | 'none';

export async function createCloudTeam(clouds: Clouds, title: string): Promise<CloudTeam> {
  const { stage, world } = clouds;
  const team = await createTeam(stage, title);
  const { namespace } = team;
  await stage.plane.apply(
    ...Object.entries(cloudStores(clouds)).map(([name, provider]) => ({
      apiVersion: 'external-secrets.io/v1',
      kind: 'SecretStore',
      metadata: { name, namespace },
      spec: { provider },
    })),
  );

  function keyOf(store: CloudStore | 'vault', name: string): string {
    if (store === 'vault') return `${namespace}/${name}`;
    return store === 'ssm' ? `/${namespace}/${name}` : `${namespace}-${name}`;
  }

  function reference(store: CloudStore | 'vault', name: string, variable = store.toUpperCase()): EnvEntry {
    const property = store === 'vault' ? '#value' : '';
    return { name: variable, value: `secretstore://${store}/${keyOf(store, name)}${property}` };
  }

  async function enrol(serviceAccount: string, rights: Rights): Promise<Member> {
    const subject = `system:serviceaccount:${namespace}:${serviceAccount}`;
    const member: Member = {
      subject,
      awsRole: `arn:aws:iam::${AWS_PLACE.account}:role/${namespace}-${serviceAccount}`,
      google: `principal://iam.googleapis.com/${GOOGLE_POOL}/subject/${subject}`,
      azureClient: randomUUID(),
    };
    world.awsRoles[member.awsRole] = { trust: trustToken(subject, undefined, ISSUER), policy: policyOf(rights) };
    const audience = 'api://AzureADTokenExchange';
    world.azureClients[member.azureClient] = { federated: [{ issuer: ISSUER, subject, audience }] };
    if (rights !== 'none') {
      world.googleGrants.push({ member: member.google, secret: '*', permissions: READ });
      world.azureGrants.push({ clientId: member.azureClient, permission: 'secrets/get' });
    }
    await stage.plane.apply({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      metadata: { name: serviceAccount, namespace, annotations: annotationsOf(member) },
    });
    await waitUntil('stores and annotations are known', async () => {
      const probe = {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'probe' },
        spec: podSpec(
          CLOUD_STORES.map((store) => reference(store, 'probe')),
          { serviceAccountName: serviceAccount },
        ),
      };
      const path = `/api/v1/namespaces/${namespace}/pods?dryRun=All`;
      const { status, text } = await stage.plane.request('POST', path, { body: probe });
      if (status !== 201) throw new Error(text);
      return true;
    });
    return member;
  }

  function policyOf(rights: Rights): PolicyDocument {
    if (rights === 'none') return allow();
    const { region, account } = AWS_PLACE;
    const secrets = `arn:aws:secretsmanager:${region}:${account}:secret:${namespace}-*`;
    const parameters = `arn:aws:ssm:${region}:${account}:parameter/${namespace}/*`;
    const single = [['secretsmanager:GetSecretValue', secrets] as const, ['ssm:GetParameter', parameters] as const];
    if (rights === 'single') return allow(...single);
    return allow(...single, ['secretsmanager:BatchGetSecretValue', '*'], ['ssm:GetParameters', parameters]);
  }

  return {
    ...team,
    app: await enrol('app', 'read'),
    enrol,
    keyOf,
    reference,

    async putEverywhere(name, stores = CLOUD_STORES) {
      await team.put(name, { value: `${name} of vault` });
      for (const store of stores) await putInto(clouds, store, keyOf(store, name), `${name} of ${store}`);
    },
  };
}

export function annotationsOf({ awsRole, azureClient }: Pick<Member, 'awsRole' | 'azureClient'>) {
  return { 'eks.amazonaws.com/role-arn': awsRole, 'azure.workload.identity/client-id': azureClient };
}

async function putInto({ motoUrl, world }: Clouds, store: CloudStore, key: string, value: string): Promise<void> {
  switch (store) {
    case 'sm':
      return tellMoto(motoUrl, 'secretsmanager', 'secretsmanager.CreateSecret', { Name: key, SecretString: value });
    case 'ssm':
      return tellMoto(motoUrl, 'ssm', 'AmazonSSM.PutParameter', { Name: key, Value: value, Type: 'SecureString' });
    case 'google':
      world.googleSecrets.set(key, { versions: [{ data: value }] });
      return;
    case 'azure':
      world.azureSecrets[key] = { versions: [{ id: randomUUID().replaceAll('-', ''), value }] };
  }
}

/** moto reads region and service out of a signature that it does not check. */
export async function tellMoto(url: string, service: string, target: string, input: object): Promise<void> {
  const scope = `20260101/${AWS_PLACE.region}/${service}/aws4_request`;
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/x-amz-json-1.1',
      'x-amz-target': target,
      authorization: `AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/${scope}, SignedHeaders=host, Signature=0`,
    },
    body: JSON.stringify(input),
  });
  if (!response.ok) throw new Error(await response.text());
}
