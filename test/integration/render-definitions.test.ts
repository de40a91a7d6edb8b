import { beforeAll, describe, expect, it } from 'vitest';
import { type Finished, runLatchkey } from '../support/run-latchkey.ts';

/** Stores that can be read offline, that cannot, that name no identity, that are somebody else's and that are closed. */
const MANIFESTS = `
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: fake }
spec: { provider: { fake: { data: [{ key: db, value: '{"user":"u","password":"hunter2"}' }] } } }
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: shared }
spec:
  provider:
    vault:
      server: https://vault.example.com
      path: secret
      auth: { kubernetes: { mountPath: kubernetes, role: r, serviceAccountRef: { name: reader } } }
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: own }
spec:
  provider: { vault: { server: https://vault.example.com, path: secret, auth: { kubernetes: { mountPath: kubernetes, role: r } } } }
---
apiVersion: external-secrets.io/v1
kind: SecretStore
metadata: { name: foreign }
spec: { controller: other, provider: { fake: { data: [] } } }
---
apiVersion: external-secrets.io/v1
kind: ClusterSecretStore
metadata: { name: closed }
spec:
  conditions: [{ namespaces: [elsewhere] }]
  provider:
    vault: { server: https://vault.example.com, path: secret, auth: { kubernetes: { mountPath: kubernetes, role: r, serviceAccountRef: { name: reader, namespace: ops } } } }
---
${definition('read', 'secretStoreRef: { name: fake }, dataFrom: [{ extract: { key: db } }]', 'labels: { team: payments }')}
---
${definition(
  'planned',
  'secretStoreRef: { name: shared }, data: [{ secretKey: user, remoteRef: { key: a/b, property: user } }], dataFrom: [{ extract: { key: db } }]',
)}
---
${definition('copied', 'secretStoreRef: { name: own }, data: [{ secretKey: key, remoteRef: { key: a/b } }]')}
---
${definition('foreign', 'secretStoreRef: { name: foreign }, dataFrom: [{ extract: { key: db } }]')}
---
${definition('missing', 'secretStoreRef: { name: fake }, dataFrom: [{ extract: { key: nothing } }], surplus: 1')}
---
${definition('closed', 'secretStoreRef: { kind: ClusterSecretStore, name: closed }, dataFrom: [{ extract: { key: db } }]')}
---
${pod('uses-all', 'read, planned, copied, foreign')}
---
${pod('uses-missing', 'missing')}
---
${pod('uses-closed', 'closed')}
`;

function definition(name: string, spec: string, metadata = ''): string {
  return `apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: ${name}, ${metadata} }
spec: { ${spec} }
status: { syncedResourceVersion: of-another-cluster }`;
}

function pod(name: string, secrets: string): string {
  const envFrom = secrets.split(', ').map((secret) => `{ secretRef: { name: ${secret} } }`);
  return `apiVersion: v1
kind: Pod
metadata: { name: ${name} }
spec: { containers: [{ name: c, image: x, envFrom: [${envFrom.join(', ')}] }] }`;
}

describe('latchkey render, with ExternalSecrets', () => {
  let answer: Finished;
  beforeAll(async () => {
    answer = await runLatchkey(['render', '-f', '-'], MANIFESTS);
  });

  function shown(title: string): string {
    return answer.stdout.split('---\n').find((part) => part.startsWith(`# ${title}`)) ?? '';
  }

  it('prints the Secret that is made, with its keys, labels and owner and without its values', () => {
    const secret = shown('ExternalSecret default/read: SecretSynced, secret synced\n');

    for (const text of ['name: read', 'password: "[secret] 7 bytes"', 'team: payments', 'kind: ExternalSecret']) {
      expect(secret).toContain(text);
    }
    expect(answer.stdout + answer.stderr).not.toContain('hunter2');
  });

  it('prints what is known of one whose provider it does not call', () => {
    const secret = shown('ExternalSecret default/planned: values not read (vault)\n');

    expect(secret).toContain('user: "[secret] secretstore://shared/a/b#user"');
    expect(secret).toContain('"*": "[secret] every property of secretstore://shared/db"');
  });

  it('says which are read by Pods, and which are not ours', () => {
    expect(shown('ExternalSecret default/copied: ReadByPods')).not.toContain('kind: Secret');
    expect(shown('ExternalSecret default/foreign: left alone')).not.toContain('kind: Secret');
  });

  it('gives a Pod its copy, and leaves the places of what is synced or not ours', () => {
    const admitted = shown('Pod default/uses-all: patched, values not read (vault)\n');

    const names = [...admitted.matchAll(/secretRef:\n +name: (.*)/g)].map(([, name]) => name);
    expect(names).toEqual(['read', 'planned', expect.stringMatching(/^lk-/), 'foreign']);
    expect(shown('Secret of Pod default/uses-all\n')).toContain('key: "[secret] secretstore://own/a/b"');
  });

  it('names what is wrong on standard error, and exits with 1', () => {
    const { code, stderr } = answer;

    expect(code).toBe(1);
    expect(stderr.split('\n').filter((line) => line !== '')).toEqual([
      expect.stringMatching(
        /^ExternalSecret default\/closed: not synced: .* is not open to namespace "default"\. .*\[STORE_NOT_ALLOWED\]$/,
      ),
      expect.stringMatching(/^ExternalSecret default\/missing: warning: spec\.surplus: /),
      expect.stringMatching(
        /^ExternalSecret default\/missing: not synced: could not get secret data from provider, .*\[SECRET_NOT_FOUND\]$/,
      ),
      expect.stringMatching(
        /^Pod default\/uses-missing: denied: .*: its Secret "missing" is not there yet: .*\[EXTERNAL_SECRET_NOT_READY\]$/,
      ),
      expect.stringMatching(/^Pod default\/uses-closed: denied: .*\[STORE_NOT_ALLOWED\]$/),
    ]);
  });

  it('leaves them all alone where a configuration claims no stores without a class', async () => {
    const config = new URL('../../test/cases/default-store-by-configuration/config.yaml', import.meta.url).pathname;

    const { code, stdout } = await runLatchkey(['render', '-f', '-', '--config', config], MANIFESTS);

    expect(code).toBe(0);
    expect(stdout.match(/: left alone/g)).toHaveLength(6);
  });
});
