import { aws } from '../../src/providers/aws/index.ts';
import { allow, trustToken } from '../support/aws-policies.ts';
import { createKubernetesIssuer } from '../support/kubernetes-issuer.ts';
import { AWS_PLACE, startLoopbackAws } from '../support/loopback-aws.ts';
import type { AwsParameter } from '../support/loopback-aws-parameters.ts';
import type { AwsSecret } from '../support/loopback-aws-secrets.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup, Stage } from './provider-setup.ts';

const NEWEST = `{"password":"new-${LEAK_MARKER}", "html":"<&>", "count":12345678901234567890}`;
const OLDER = `old-${LEAK_MARKER}`;
const NEWEST_ID = '6f0e2d0c-0000-4000-8000-000000000002';
const OLDER_ID = '6f0e2d0c-0000-4000-8000-000000000001';
const BYTES = Uint8Array.of(0, 1, 127, 128, 255);
const MAX_RESPONSE_BYTES = 64 * 1024;
const ROLE = `arn:aws:iam::${AWS_PLACE.account}:role/payments`;

const SECRETS: ReadonlyMap<string, AwsSecret> = new Map([
  [
    'prod/db',
    {
      versions: [
        { id: OLDER_ID, value: OLDER },
        { id: NEWEST_ID, value: NEWEST },
      ],
      tags: { team: 'payments', env: 'prod' },
    },
  ],
  ['prod/cache/redis', { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }], tags: { team: 'payments' } }],
  ['prod/cache/memcached', { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }] }],
  ['prod/cache/redis-gone', { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }], state: 'deleted' }],
  ['prod/key.p12', { versions: [{ id: NEWEST_ID, value: BYTES }] }],
  ['locked', { versions: [{ id: NEWEST_ID, value: LEAK_MARKER }] }],
]);

const PARAMETERS: ReadonlyMap<string, AwsParameter> = new Map([
  ['/prod/db', { versions: [{ value: OLDER }, { value: NEWEST }], tags: { team: 'payments', env: 'prod' } }],
  ['/prod/cache/redis', { versions: [{ value: LEAK_MARKER }], tags: { team: 'payments' } }],
  ['/prod/cache/redis/replica', { versions: [{ value: LEAK_MARKER }] }],
  ['/prod/cache/memcached', { versions: [{ value: LEAK_MARKER }] }],
  ['/prod/redis', { versions: [{ value: LEAK_MARKER }] }],
  ['/locked', { versions: [{ value: LEAK_MARKER }] }],
]);

/** As docs/providers/aws.md has it. */
const POLICY = allow(
  [
    ['secretsmanager:GetSecretValue', 'secretsmanager:DescribeSecret'],
    `arn:aws:secretsmanager:${AWS_PLACE.region}:${AWS_PLACE.account}:secret:prod/*`,
  ],
  [['secretsmanager:BatchGetSecretValue', 'secretsmanager:ListSecrets'], '*'],
  [
    ['ssm:GetParameter', 'ssm:GetParameters', 'ssm:GetParametersByPath', 'ssm:ListTagsForResource'],
    `arn:aws:ssm:${AWS_PLACE.region}:${AWS_PLACE.account}:parameter/prod/*`,
  ],
);

const MISTAKES: ProviderSetup['mistakes'] = {
  block: {
    service: 'CertificateManager',
    region: 'eu-central-1.example.com',
    role: 7,
    additionalRoles: 'arn:aws:iam::111122223333:role/hop',
    externalID: 'x',
    sessionTags: [{ key: 'team' }, { value: 'x' }],
    sessionTagsPolicy: 'Simple',
    prefix: 7,
    secretsManager: { recoveryWindowInDays: 1 },
    auth: {
      jwt: { serviceAccountRef: { audiences: ['other'] } },
      secretRef: { accessKeyIDSecretRef: { name: 'aws' } },
    },
  },
  paths: [
    'spec.provider.service',
    'spec.provider.region',
    'spec.provider.role',
    'spec.provider.additionalRoles',
    'spec.provider.externalID',
    'spec.provider.sessionTags[0].value',
    'spec.provider.sessionTags[1].key',
    'spec.provider.sessionTagsPolicy',
    'spec.provider.prefix',
    'spec.provider.secretsManager.recoveryWindowInDays',
    'spec.provider.auth.jwt.serviceAccountRef.audiences',
    'spec.provider.auth.jwt.serviceAccountRef.name',
    'spec.provider.auth.secretRef.accessKeyIDSecretRef.key',
    'spec.provider.auth.secretRef.secretAccessKeySecretRef',
  ],
};

export const secretsManagerSetup: ProviderSetup = {
  title: 'aws SecretsManager',
  provider: aws,
  has: ['login', 'network', 'versions', 'metadata', 'binary', 'find', 'batch', 'endpoints'],
  mistakes: MISTAKES,
  start: () =>
    start('SecretsManager', {
      object: { key: 'prod/db', text: NEWEST, version: `uuid/${NEWEST_ID}` },
      missing: 'prod/nothing',
      denied: 'locked',
      older: { key: 'prod/db', version: `uuid/${OLDER_ID}`, text: OLDER },
      metadata: { key: 'prod/db', text: '{"env":"prod","team":"payments"}' },
      binary: { key: 'prod/key.p12', bytes: BYTES },
      find: {
        query: { path: 'prod/cache', name: { regexp: 'redis' } },
        keys: ['prod/cache/redis'],
      },
      batchAction: 'secretsmanager:BatchGetSecretValue',
    }),
};

export const parameterStoreSetup: ProviderSetup = {
  title: 'aws ParameterStore',
  provider: aws,
  has: ['login', 'network', 'versions', 'metadata', 'find', 'batch', 'endpoints'],
  mistakes: MISTAKES,
  start: () =>
    start('ParameterStore', {
      object: { key: '/prod/db', text: NEWEST, version: '2' },
      missing: '/prod/nothing',
      denied: '/locked',
      older: { key: '/prod/db', version: '1', text: OLDER },
      metadata: { key: '/prod/db', text: '{"env":"prod","team":"payments"}' },
      find: {
        query: { path: '/prod/cache', name: { regexp: 'redis' } },
        keys: ['/prod/cache/redis', '/prod/cache/redis/replica'],
      },
      batchAction: 'ssm:GetParameters',
    }),
};

type Contents = Pick<Stage, 'object' | 'missing' | 'older' | 'metadata' | 'binary' | 'find'> & {
  readonly denied: string;
  readonly batchAction: string;
};

async function start(service: string, { batchAction, ...contents }: Contents): Promise<Stage> {
  const issuer = createKubernetesIssuer();
  const annotations = { 'eks.amazonaws.com/role-arn': ROLE };
  const server = await startLoopbackAws({
    oidc: { ...issuer, clientIds: ['sts.amazonaws.com'] },
    roles: { [ROLE]: { trust: trustToken(subjectOf({ namespace: 'payments', name: 'api' })), policy: POLICY } },
    secrets: SECRETS,
    parameters: PARAMETERS,
  });
  const { url } = server;
  return {
    ...contents,
    block: { service, region: AWS_PLACE.region },
    limits: {
      audiences: ['sts.amazonaws.com'],
      endpoints: ['127.0.0.1'],
      endpointUrls: { sts: url, secretsmanager: url, ssm: url },
      maxResponseBytes: MAX_RESPONSE_BYTES,
    },
    identity: testIdentity({ serviceAccount: { annotations }, sign: issuer.sign }),
    stranger: testIdentity({ serviceAccount: { name: 'stranger', annotations }, sign: issuer.sign }),
    refuseBatch: () => server.forbid(batchAction),
    expireSession: () => server.expireSessions(),
    network: {
      throttle: (seconds) =>
        server.interrupt({
          status: 400,
          headers: { 'Retry-After': String(seconds) },
          body: { __type: 'ThrottlingException', message: `Rate exceeded ${LEAK_MARKER}` },
        }),
      fail: () => server.interrupt({ status: 503, body: { __type: 'ServiceUnavailable', message: LEAK_MARKER } }),
      garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
      redirect: () => server.interrupt({ status: 307, headers: { Location: url } }),
      flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
      stall: () => server.stall(),
    },
    settled: async () => {}, // a session is a signature: nothing is held at AWS
    close: () => server.close(),
  };
}
