import { onTestFinished } from 'vitest';
import { Fields } from '../../src/fields.ts';
import { createAws } from '../../src/providers/aws/index.ts';
import type { Call, ProviderLimits, SecretsClient } from '../../src/providers/provider.ts';
import { allow, trustToken } from './aws-policies.ts';
import { createKubernetesIssuer, type KubernetesIssuer } from './kubernetes-issuer.ts';
import { AWS_PLACE, type LoopbackAws, type LoopbackAwsSettings, startLoopbackAws } from './loopback-aws.ts';
import type { AwsSecret } from './loopback-aws-secrets.ts';
import type { AwsRole } from './loopback-aws-sts.ts';
import { LEAK_MARKER, subjectOf, type TestIdentity, testIdentity } from './test-identity.ts';

export const CALL: Call = { signal: new AbortController().signal };

/** The role that the annotation of payments/api names. */
export const ROLE_ARN = `arn:aws:iam::${AWS_PLACE.account}:role/payments`;
export const ANNOTATIONS = { 'eks.amazonaws.com/role-arn': ROLE_ARN };

/** Lets payments/api in, and lets it do everything. */
export const ROLE: AwsRole = {
  trust: trustToken(subjectOf({ namespace: 'payments', name: 'api' })),
  policy: allow(['*', '*']),
};

export interface OpenAwsSettings extends Partial<Omit<LoopbackAwsSettings, 'oidc'>> {
  /** Beside service and region. */
  readonly block?: object;
  readonly identity?: Parameters<typeof testIdentity>[0];
  readonly limits?: Partial<ProviderLimits>;
  readonly clientIds?: readonly string[];
  readonly issuer?: KubernetesIssuer;
}

export interface OpenAws {
  readonly server: LoopbackAws;
  readonly identity: TestIdentity;
  readonly connect: () => Promise<SecretsClient>;
}

/** A loopback AWS with a store on it; both are closed when the test ends. */
export async function openAws(settings: OpenAwsSettings = {}): Promise<OpenAws> {
  const { block, identity: facts, limits, clientIds = ['sts.amazonaws.com'], ...rest } = settings;
  const { issuer = createKubernetesIssuer(), ...contents } = rest;
  const server = await startLoopbackAws({ roles: { [ROLE_ARN]: ROLE }, ...contents, oidc: { ...issuer, clientIds } });
  onTestFinished(() => server.close());

  const { url } = server;
  const identity = testIdentity({ serviceAccount: { annotations: ANNOTATIONS }, sign: issuer.sign, ...facts });
  const fields = Fields.of({ service: 'SecretsManager', region: AWS_PLACE.region, ...block }, 'spec.provider.aws');
  const provider = createAws({ now: Date.now, sleep: () => Promise.resolve() });
  const store = provider.configure(fields, {
    audiences: ['sts.amazonaws.com'],
    endpoints: [],
    endpointUrls: { sts: url, secretsmanager: url, ssm: url },
    maxResponseBytes: 64 * 1024,
    ...limits,
  });
  if (fields.problems.length > 0) throw new Error(JSON.stringify(fields.problems));
  return { server, identity, connect: () => store.connect(identity, CALL) };
}

/** One version, with a value that holds the marker unless told. */
export function aSecret(value: string | Uint8Array = LEAK_MARKER, rest: Omit<AwsSecret, 'versions'> = {}): AwsSecret {
  return { versions: [{ id: '6f0e2d0c-0000-4000-8000-000000000001', value }], ...rest };
}
