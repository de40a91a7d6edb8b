import { gcpsm } from '../../src/providers/gcpsm/index.ts';
import { createKubernetesIssuer } from '../support/kubernetes-issuer.ts';
import { READ } from '../support/loopback-gcp-secrets.ts';
import { startLoopbackGcp } from '../support/loopback-gcp.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const NEWEST = `{"password":"new-${LEAK_MARKER}","html":"<&>","count":12345678901234567890}`;
const OLDER = `{"password":"old-${LEAK_MARKER}"}`;
const BYTES = Buffer.concat([Buffer.from([0, 255, 128]), Buffer.from(LEAK_MARKER)]);
const MAX_RESPONSE_BYTES = 64 * 1024;

const POOL = 'projects/42/locations/global/workloadIdentityPools/clusters';
const AUDIENCE = `//iam.googleapis.com/${POOL}/providers/production`;
const SUBJECT = subjectOf({ namespace: 'payments', name: 'api' });
const MEMBER = `principal://iam.googleapis.com/${POOL}/subject/${SUBJECT}`;

export const gcpsmSetup: ProviderSetup = {
  provider: gcpsm,
  has: ['login', 'network', 'versions', 'metadata', 'binary', 'find', 'endpoints'],
  mistakes: {
    block: {
      projectID: 'ACME/x',
      location: 'europe',
      secretVersionSelectionPolicy: 'Newest',
      auth: {
        secretRef: { secretAccessKeySecretRef: { name: 'key' } },
        workloadIdentity: { clusterLocation: 'a/b', serviceAccountRef: {} },
        workloadIdentityFederation: {
          audience: 'production',
          credConfig: {},
          externalTokenEndpoint: 'https://example.com',
          awsSecurityCredentials: {},
          gcpServiceAccountEmail: 'api',
        },
      },
    },
    paths: [
      'spec.provider.projectID',
      'spec.provider.location',
      'spec.provider.secretVersionSelectionPolicy',
      'spec.provider.auth.secretRef.secretAccessKeySecretRef.key',
      'spec.provider.auth.workloadIdentity.clusterLocation',
      'spec.provider.auth.workloadIdentity.clusterName',
      'spec.provider.auth.workloadIdentity.serviceAccountRef.name',
      'spec.provider.auth.workloadIdentityFederation.audience',
      'spec.provider.auth.workloadIdentityFederation.credConfig',
      'spec.provider.auth.workloadIdentityFederation.externalTokenEndpoint',
      'spec.provider.auth.workloadIdentityFederation.awsSecurityCredentials',
      'spec.provider.auth.workloadIdentityFederation.gcpServiceAccountEmail',
    ],
  },

  async start() {
    const cluster = createKubernetesIssuer();
    const server = await startLoopbackGcp({
      issuer: cluster.issuer,
      jwksOf: () => cluster.jwksOf(),
      providers: { [AUDIENCE]: { pool: POOL, allowedAudiences: [AUDIENCE], subjects: [SUBJECT] } },
      projects: {
        acme: {
          number: '42',
          secrets: new Map([
            [
              'prod-db',
              {
                versions: [{ data: OLDER }, { data: NEWEST }],
                labels: { team: 'payments', env: 'prod' },
                annotations: { note: '<&>' },
              },
            ],
            ['prod-cache', { versions: [{ data: LEAK_MARKER }], labels: { env: 'prod' } }],
            ['prod-gone', { versions: [{ data: LEAK_MARKER, state: 'DESTROYED' }] }],
            ['prod-bytes', { versions: [{ data: BYTES }] }],
            ['locked', { versions: [{ data: LEAK_MARKER }] }],
          ]),
          grants: [
            ...['prod-db', 'prod-cache', 'prod-gone', 'prod-bytes', 'prod-nothing'].map((secret) => ({
              member: MEMBER,
              secret,
              permissions: READ,
            })),
            { member: MEMBER, secret: '', permissions: ['secretmanager.secrets.list'] },
          ],
        },
      },
    });
    const { endpointUrls } = server;
    return {
      block: { projectID: 'acme' },
      limits: { audiences: [AUDIENCE], endpoints: [], endpointUrls, maxResponseBytes: MAX_RESPONSE_BYTES },
      identity: testIdentity({ sign: (claims) => cluster.sign(claims) }),
      stranger: testIdentity({ sign: (claims) => cluster.sign(claims), serviceAccount: { name: 'stranger' } }),
      object: { key: 'prod-db', text: NEWEST, version: '2' },
      missing: 'prod-nothing',
      denied: 'locked',
      older: { key: 'prod-db', version: '1', text: OLDER },
      metadata: {
        key: 'prod-db',
        text: '{"annotations":{"note":"\\u003c\\u0026\\u003e"},"labels":{"env":"prod","team":"payments"}}',
      },
      binary: { key: 'prod-bytes', bytes: BYTES },
      find: { query: { path: 'prod', name: { regexp: 'cache|gone$' } }, keys: ['prod-cache'] },
      expireSession: () => server.expireTokens(),
      network: {
        throttle: (seconds) =>
          server.interrupt({
            status: 429,
            headers: { 'Retry-After': String(seconds) },
            body: { error: { code: 429, message: LEAK_MARKER, status: 'RESOURCE_EXHAUSTED' } },
          }),
        fail: () =>
          server.interrupt({
            status: 503,
            body: { error: { code: 503, message: LEAK_MARKER, status: 'UNAVAILABLE' } },
          }),
        garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
        redirect: () => server.interrupt({ status: 307, headers: { Location: `${server.url}/elsewhere` } }),
        flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
        stall: () => server.stall(),
      },
      // Google's tokens cannot be given back, and connections are shared.
      settled: async () => {},
      close: () => server.close(),
    };
  },
};
