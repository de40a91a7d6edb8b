import { webhook } from '../../src/providers/webhook/index.ts';
import { startLoopbackKeeper } from '../support/loopback-keeper.ts';
import { LEAK_MARKER, testIdentity } from '../support/test-identity.ts';
import type { ProviderSetup } from './provider-setup.ts';

const NEWEST = `{"password":"new-${LEAK_MARKER}","html":"<&>","count":12345678901234567890}`;
const OLDER = `{"password":"old-${LEAK_MARKER}"}`;
const MAX_RESPONSE_BYTES = 64 * 1024;

export const webhookSetup: ProviderSetup = {
  provider: webhook,
  has: ['network', 'versions', 'endpoints'],
  mistakes: {
    block: {
      url: 'https://{{ .remoteRef.key }}.example.com/',
      method: 'DELETE',
      headers: {
        Host: 'x',
        'X-Team': '{{ .remoteRef.namespace }}',
        Authorization: 'Basic {{ .auth.password | sha256sum }}',
      },
      body: '{{ range .remoteRef.key }}',
      timeout: 'soon',
      result: { jsonPath: '$.items[*].value' },
      caBundle: 'no certificate',
      secrets: [{ name: 'auth', secretRef: { name: 7 } }, { name: 'auth' }, { secretRef: { name: 'x' } }],
      auth: { ntlm: {} },
    },
    paths: [
      'spec.provider.url',
      'spec.provider.method',
      'spec.provider.headers.Host',
      'spec.provider.headers.X-Team',
      'spec.provider.headers.Authorization',
      'spec.provider.body',
      'spec.provider.timeout',
      'spec.provider.result.jsonPath',
      'spec.provider.caBundle',
      'spec.provider.secrets[0].secretRef.name',
      'spec.provider.secrets[1].name',
      'spec.provider.secrets[1].secretRef',
      'spec.provider.secrets[2].name',
      'spec.provider.auth',
    ],
  },

  async start() {
    const server = await startLoopbackKeeper({
      user: `latchkey:${LEAK_MARKER}`,
      secrets: { 'prod/db': [OLDER, NEWEST] },
    });
    return {
      block: {
        url: `${server.url}/v1/secrets/{{ .remoteRef.key }}?version={{ .remoteRef.version }}`,
        headers: { Authorization: 'Basic {{ print .auth.username ":" .auth.password | b64enc }}' },
        secrets: [{ name: 'auth', secretRef: { name: 'keeper' } }],
        result: { jsonPath: '$.data' },
      },
      limits: { audiences: [], endpoints: ['127.0.0.1'], maxResponseBytes: MAX_RESPONSE_BYTES },
      identity: testIdentity({
        credentials: { 'Secret/keeper/username': 'latchkey', 'Secret/keeper/password': LEAK_MARKER },
      }),
      object: {
        key: 'prod/db',
        text: `{"count":12345678901234567890,"html":"\\u003c\\u0026\\u003e","password":"new-${LEAK_MARKER}"}`,
      },
      missing: 'prod/nothing',
      older: { key: 'prod/db', version: '1', text: OLDER },
      network: {
        throttle: (seconds) =>
          server.interrupt({ status: 429, headers: { 'Retry-After': String(seconds) }, body: { error: LEAK_MARKER } }),
        fail: () => server.interrupt({ status: 503, body: { error: LEAK_MARKER } }),
        garble: (status) => server.interrupt({ status, body: `<html>${LEAK_MARKER}</html>` }),
        redirect: () => server.interrupt({ status: 307, headers: { Location: `${server.url}/v1/secrets/prod/db` } }),
        flood: () => server.interrupt({ status: 200, body: LEAK_MARKER.repeat(MAX_RESPONSE_BYTES) }),
        stall: () => server.stall(),
      },
      settled: () => server.quiet(),
      close: () => server.close(),
    };
  },
};
