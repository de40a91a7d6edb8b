import { writeFile } from 'node:fs/promises';
import type { KeyPair } from './certificates.ts';

type KubeconfigUser = { readonly clientCertificate: KeyPair } | { readonly token: string };

/** Writes a kubeconfig with everything inline. JSON is YAML, and every reader takes it. */
export async function writeKubeconfig(
  path: string,
  server: { readonly url: string; readonly caPem: string },
  user: KubeconfigUser,
  options: { namespace?: string } = {},
): Promise<void> {
  const userEntry =
    'token' in user
      ? { token: user.token }
      : {
          'client-certificate-data': base64(user.clientCertificate.certificatePem),
          'client-key-data': base64(user.clientCertificate.keyPem),
        };
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'plane', cluster: { server: server.url, 'certificate-authority-data': base64(server.caPem) } }],
    users: [{ name: 'user', user: userEntry }],
    contexts: [
      { name: 'plane', context: { cluster: 'plane', user: 'user', namespace: options.namespace ?? 'default' } },
    ],
    'current-context': 'plane',
  };
  await writeFile(path, JSON.stringify(config, undefined, 2), { mode: 0o600 });
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}
