import { vault } from '../../src/providers/vault/index.ts';
import { startLoopbackVault } from '../support/loopback-vault.ts';
import { LEAK_MARKER, subjectOf, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const NEWEST = `{"password":"new-${LEAK_MARKER}","html":"<&>","count":12345678901234567890}`;
const OLDER = `{"password":"old-${LEAK_MARKER}"}`;
const OTHER = `{"token":"${LEAK_MARKER}"}`;
const MAX_RESPONSE_BYTES = 64 * 1024;

export const vaultSetup: ProviderSetup = {
  provider: vault,
  has: ['login', 'network', 'versions', 'metadata', 'find', 'endpoints'],
  mistakes: {
    block: {
      server: 'ftp://vault.example.com',
      path: 'a/../b',
      version: 'v3',
      namespace: 7,
      headers: { 'X-Vault-Token': 'x' },
      caBundle: 'no certificate',
      tls: { certSecretRef: { name: 'tls' } },
      readYourWrites: 'yes',
      auth: {
        kubernetes: { serviceAccountRef: { audiences: ['other'] } },
        ldap: {},
        tokenSecretRef: { name: 'token' },
      },
    },
    paths: [
      'spec.provider.server',
      'spec.provider.path',
      'spec.provider.version',
      'spec.provider.namespace',
      'spec.provider.headers.X-Vault-Token',
      'spec.provider.caBundle',
      'spec.provider.tls',
      'spec.provider.readYourWrites',
      'spec.provider.auth',
      'spec.provider.auth.ldap',
      'spec.provider.auth.kubernetes',
      'spec.provider.auth.kubernetes.role',
      'spec.provider.auth.kubernetes.serviceAccountRef.name',
      'spec.provider.auth.tokenSecretRef.key',
    ],
  },

  async start() {
    const identity = testIdentity();
    const stranger = testIdentity({ serviceAccount: { namespace: 'payments', name: 'stranger' } });
    const server = await startLoopbackVault({
      engines: {
        secret: {
          version: 2,
          secrets: new Map([
            ['prod/db', { versions: [{ json: OLDER }, { json: NEWEST }], metadata: { team: 'payments' } }],
            ['prod/cache/redis', { versions: [{ json: OTHER }] }],
            ['prod/cache/gone', { versions: [{ json: OTHER, state: 'deleted' }] }],
            ['locked', { versions: [{ json: OTHER }] }],
          ]),
        },
      },
      roles: {
        'kubernetes/api': {
          audience: 'vault',
          subjects: [subjectOf({ namespace: 'payments', name: 'api' })],
          rules: [
            { path: 'secret/data/prod/*', capabilities: ['read'] },
            { path: 'secret/metadata/prod/*', capabilities: ['read', 'list'] },
          ],
        },
      },
    });
    return {
      block: { server: server.url, path: 'secret', auth: { kubernetes: { role: 'api' } } },
      limits: { audiences: ['vault'], endpoints: ['127.0.0.1'], maxResponseBytes: MAX_RESPONSE_BYTES },
      identity,
      stranger,
      object: {
        key: 'prod/db',
        text: `{"count":12345678901234567890,"html":"\\u003c\\u0026\\u003e","password":"new-${LEAK_MARKER}"}`,
        version: '2',
      },
      missing: 'prod/nothing',
      denied: 'locked',
      older: { key: 'prod/db', version: '1', text: OLDER },
      metadata: {
        key: 'prod/db',
        text: '{"created_time":"2026-01-02T03:04:05.678901Z","current_version":"2","delete_version_after":"0s","team":"payments"}',
      },
      find: { query: { path: 'prod', name: { regexp: 'redis|gone$' } }, keys: ['prod/cache/redis'] },
      expireSession: () => server.expireTokens(),
      network: {
        throttle: (seconds) =>
          server.interrupt({
            status: 429,
            headers: { 'Retry-After': String(seconds) },
            body: { errors: [LEAK_MARKER] },
          }),
        fail: () => server.interrupt({ status: 503, body: { errors: [`Vault is sealed ${LEAK_MARKER}`] } }),
        garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
        redirect: () =>
          server.interrupt({ status: 307, headers: { Location: `${server.url}/v1/secret/data/prod/db` } }),
        flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
        stall: () => server.stall(),
      },
      async settled() {
        await server.quiet();
        if (server.liveTokens.size > 0) throw new Error('a token outlives its client');
      },
      close: () => server.close(),
    };
  },
};
