import { writeFile } from 'node:fs/promises';
import type { ServerOptions } from 'node:https';
import { join } from 'node:path';
import type { Jwks } from '../support/kubernetes-issuer.ts';
import { AWS_PLACE, type AwsUser, type LoopbackAws, startLoopbackAws } from '../support/loopback-aws.ts';
import type { AwsRole } from '../support/loopback-aws-sts.ts';
import { type LoopbackAzure, startLoopbackAzure } from '../support/loopback-azure.ts';
import type { EntraClient } from '../support/loopback-azure-entra.ts';
import type { AzureGrant, AzureObject } from '../support/loopback-azure-vault.ts';
import { type LoopbackGcp, startLoopbackGcp } from '../support/loopback-gcp.ts';
import type { GoogleSecret, Grant } from '../support/loopback-gcp-secrets.ts';
import type { GoogleServiceAccount } from '../support/loopback-gcp-tokens.ts';
import { buildMoto } from '../plane/build.ts';
import { createCertificateAuthority } from '../plane/certificates.ts';
import { startMoto } from '../plane/moto.ts';
import type { Plane } from '../plane/plane.ts';
import { GOOGLE_AUDIENCE } from './chart.ts';
import type { Overrides } from './processes.ts';
import { restartLatchkey } from './restart.ts';
import type { Stage } from './stage.ts';

/** AWS, Google and Azure as fakes that check tokens against the plane's API server. Secrets and parameters of AWS lie in moto. */
export interface Clouds {
  readonly stage: Stage;
  readonly aws: LoopbackAws;
  readonly google: LoopbackGcp;
  readonly azure: LoopbackAzure;
  readonly motoUrl: string;
  /** What they know; whatever is added counts from the next request on. */
  readonly world: CloudWorld;
  /** For `ProviderServer.present`. */
  readonly certificates: Readonly<Record<'valid' | 'expired', ServerOptions>>;
  /** Takes Latchkey back to what the chart says. Throws where a fake was asked what its API does not have. */
  stop(): Promise<void>;
}

export interface CloudWorld {
  readonly awsRoles: Record<string, AwsRole>;
  /** Users with an access key, by its id. */
  readonly awsAccessKeys: Record<string, AwsUser>;
  readonly googleSecrets: Map<string, GoogleSecret>;
  readonly googleGrants: Grant[];
  readonly googleServiceAccounts: Record<string, GoogleServiceAccount>;
  readonly azureClients: Record<string, EntraClient>;
  readonly azureSecrets: Record<string, AzureObject>;
  readonly azureGrants: AzureGrant[];
}

/** What the plane's API server writes into its tokens. */
export const ISSUER = 'https://kubernetes.default.svc';
export const GOOGLE_PROJECT = 'acme';
export const GOOGLE_POOL = 'projects/42/locations/global/workloadIdentityPools/clusters';
export const AZURE_TENANT = '5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10';

/** Starts the clouds, and Latchkey's processes anew with an operator's configuration that leads to them. */
export async function startClouds(stage: Stage, resolve: Overrides[string] = {}): Promise<Clouds> {
  const { plane } = stage;
  const built = await buildMoto();
  if (!built.ok) throw new Error(built.reason);
  const moto = await startMoto(plane, built.parts.pythonPath);
  const { certificates, caPath } = await createCertificates(plane);
  const world = emptyWorld();

  const check = { issuer: ISSUER, jwksOf: () => readJwks(plane) };
  const server = { tls: certificates.valid };
  const aws = await startLoopbackAws(
    {
      oidc: { ...check, clientIds: ['sts.amazonaws.com'] },
      roles: world.awsRoles,
      accessKeys: world.awsAccessKeys,
      behind: moto.url,
    },
    server,
  );
  const google = await startLoopbackGcp(
    {
      ...check,
      providers: { [GOOGLE_AUDIENCE]: { pool: GOOGLE_POOL, allowedAudiences: [GOOGLE_AUDIENCE] } },
      serviceAccounts: world.googleServiceAccounts,
      projects: { [GOOGLE_PROJECT]: { number: '42', secrets: world.googleSecrets, grants: world.googleGrants } },
    },
    server,
  );
  const azure = await startLoopbackAzure(
    {
      ...check,
      tenantId: AZURE_TENANT,
      clients: world.azureClients,
      vault: { objects: { secrets: world.azureSecrets }, grants: world.azureGrants },
    },
    server,
  );

  const { authority } = azure.endpointUrls;
  await restartLatchkey(
    stage,
    {
      identity: {
        endpoints: { azurekv: ['127.0.0.1'], webhook: ['127.0.0.1'] },
        endpointUrls: { gcpsm: google.endpointUrls, azurekv: { authority } },
      },
      resolve,
    },
    { AWS_ENDPOINT_URL: aws.url, NODE_EXTRA_CA_CERTS: caPath },
  );
  return {
    stage,
    aws,
    google,
    azure,
    motoUrl: moto.url,
    world,
    certificates,
    async stop() {
      await restartLatchkey(stage);
      await moto.process.stop();
      await Promise.all([aws, google, azure].map((cloud) => cloud.close()));
    },
  };
}

/** `spec.provider` of stores that name no identity, by the store's name. */
export function cloudStores({ azure }: Clouds): Readonly<Record<CloudStore, Readonly<Record<string, unknown>>>> {
  const { region } = AWS_PLACE;
  return {
    sm: { aws: { service: 'SecretsManager', region } },
    ssm: { aws: { service: 'ParameterStore', region } },
    google: { gcpsm: { projectID: GOOGLE_PROJECT } },
    azure: { azurekv: { vaultUrl: azure.url, tenantId: AZURE_TENANT, authType: 'WorkloadIdentity' } },
  };
}

export const CLOUD_STORES = ['sm', 'ssm', 'google', 'azure'] as const;
export type CloudStore = (typeof CLOUD_STORES)[number];

async function readJwks(plane: Plane): Promise<Jwks> {
  const { status, body, text } = await plane.request<Jwks>('GET', '/openid/v1/jwks');
  if (status !== 200) throw new Error(text);
  return body;
}

/** Signed by an authority of the clouds' own, which Latchkey is told to trust. */
async function createCertificates({ directory }: Plane) {
  const authority = await createCertificateAuthority('clouds');
  const caPath = join(directory, 'clouds-ca.crt');
  await writeFile(caPath, authority.caPem);
  const [valid, expired] = await Promise.all(
    [false, true].map(async (isExpired) => {
      const { certificatePem: cert, keyPem: key } = await authority.server(['127.0.0.1'], { expired: isExpired });
      return { cert, key };
    }),
  );
  if (valid === undefined || expired === undefined) throw new Error('no certificate was made');
  return { caPath, certificates: { valid, expired } };
}

function emptyWorld(): CloudWorld {
  return {
    awsRoles: {},
    awsAccessKeys: {},
    googleSecrets: new Map(),
    googleGrants: [],
    googleServiceAccounts: {},
    azureClients: {},
    azureSecrets: {},
    azureGrants: [],
  };
}
