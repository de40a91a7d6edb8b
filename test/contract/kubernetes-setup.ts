import { kubernetes } from '../../src/providers/kubernetes/index.ts';
import { type Claims, createKubernetesIssuer } from '../support/kubernetes-issuer.ts';
import { startLoopbackKubernetes } from '../support/loopback-kubernetes.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const PASSWORD = `new-${LEAK_MARKER}`;
const BYTES = Buffer.concat([Buffer.from([0, 255, 128, 34, 92]), Buffer.from(LEAK_MARKER)]);
const MAX_RESPONSE_BYTES = 64 * 1024;
const AUDIENCE = 'https://other-cluster.example.com';
const PREFIX = 'cluster-a:';
const READER = PREFIX + subjectOf({ namespace: 'payments', name: 'api' });

export const kubernetesSetup: ProviderSetup = {
  provider: kubernetes,
  has: ['login', 'network', 'metadata', 'binary', 'find', 'endpoints'],
  mistakes: {
    block: {
      server: { url: 'http://api.example.com', caBundle: 'no certificate', caProvider: { type: 'File', name: 'ca' } },
      remoteNamespace: 'Prod',
      auth: {
        cert: { clientCert: { name: 'client' } },
        token: {},
        serviceAccount: { audiences: ['other'] },
      },
    },
    paths: [
      'spec.provider.server.url',
      'spec.provider.server.caBundle',
      'spec.provider.server.caProvider.type',
      'spec.provider.remoteNamespace',
      'spec.provider.auth',
      'spec.provider.auth.cert.clientCert.key',
      'spec.provider.auth.cert.clientKey',
      'spec.provider.auth.token.bearerToken',
      'spec.provider.auth.serviceAccount.audiences',
      'spec.provider.auth.serviceAccount.name',
    ],
  },

  async start() {
    const cluster = createKubernetesIssuer();
    const server = await startLoopbackKubernetes({
      secrets: {
        prod: {
          'prod-db': {
            data: { password: PASSWORD, count: '12345678901234567890', html: '<&>' },
            labels: { team: 'payments' },
            annotations: { note: '<&>' },
          },
          'prod-cache': { data: { token: LEAK_MARKER }, labels: { team: 'payments' } },
          'prod-key': { data: { 'key.p12': BYTES } },
          'test-cache': { data: { token: LEAK_MARKER } },
          locked: { data: { token: LEAK_MARKER } },
        },
      },
      rules: {
        [READER]: [
          { namespace: 'prod', verbs: ['get'], names: ['prod-db', 'prod-cache', 'prod-key', 'test-cache', 'nothing'] },
          { namespace: 'prod', verbs: ['list'] },
        ],
      },
      jwt: {
        issuer: cluster.issuer,
        jwksOf: () => cluster.jwksOf(),
        audiences: [AUDIENCE],
        usernamePrefix: PREFIX,
      },
    });
    const issued: string[] = [];
    const sign = (claims: Claims) => {
      const token = cluster.sign(claims);
      issued.push(token);
      return token;
    };
    return {
      block: { server: { url: server.url, caBundle: server.ca }, remoteNamespace: 'prod' },
      limits: { audiences: [AUDIENCE], endpoints: ['127.0.0.1'], maxResponseBytes: MAX_RESPONSE_BYTES },
      identity: testIdentity({ sign }),
      stranger: testIdentity({
        serviceAccount: { name: 'stranger' },
        sign: (claims) => sign({ ...claims, iss: 'https://elsewhere.example.com' }),
      }),
      object: { key: 'prod-db', text: `{"count":"12345678901234567890","html":"<&>","password":"${PASSWORD}"}` },
      missing: 'nothing',
      denied: 'locked',
      metadata: { key: 'prod-db', text: '{"annotations":{"note":"<&>"},"labels":{"team":"payments"}}' },
      binary: {
        key: 'prod-key',
        bytes: Buffer.concat([
          Buffer.from('{"key.p12":"\\u0000'),
          Buffer.from([255, 128]),
          Buffer.from(`\\"\\\\${LEAK_MARKER}"}`),
        ]),
      },
      find: { query: { name: { regexp: 'cache$' } }, keys: ['prod-cache', 'test-cache'] },
      expireSession: () => server.revoke(issued),
      network: {
        throttle: (seconds) =>
          server.interrupt({
            status: 429,
            headers: { 'Retry-After': String(seconds) },
            body: { kind: 'Status', status: 'Failure', reason: 'TooManyRequests', message: LEAK_MARKER },
          }),
        fail: () =>
          server.interrupt({
            status: 503,
            body: { kind: 'Status', status: 'Failure', reason: 'ServiceUnavailable', message: LEAK_MARKER },
          }),
        garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
        redirect: () =>
          server.interrupt({
            status: 307,
            headers: { Location: `${server.url}/api/v1/namespaces/prod/secrets/prod-db` },
          }),
        flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
        stall: () => server.stall(),
      },
      settled: () => server.quiet(),
      close: () => server.close(),
    };
  },
};
