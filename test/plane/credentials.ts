import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCertificateAuthority, type KeyPair, writeKeyPair, writeServiceAccountKey } from './certificates.ts';
import { writeKubeconfig } from './kubeconfig.ts';
import { PLANE_ADDRESSES } from './namespace.ts';

/** What the control plane's processes prove themselves with; paths unless the name says otherwise. */
export interface Credentials {
  readonly directory: string;
  readonly caPem: string;
  readonly ca: string;
  readonly server: { readonly certificate: string; readonly key: string };
  readonly frontProxy: { readonly certificate: string; readonly key: string };
  readonly serviceAccountKey: string;
  readonly admin: KeyPair;
  readonly kubeconfigs: { readonly admin: string; readonly controllerManager: string; readonly scheduler: string };
}

const SERVER_NAMES = ['127.0.0.1', 'localhost', 'kubernetes.default.svc', '10.0.0.1', ...PLANE_ADDRESSES];

/** Makes a certificate authority, everything that it signs, and the kubeconfigs that hold the client certificates. */
export async function writeCredentials(parent: string, serverUrl: string): Promise<Credentials> {
  const directory = join(parent, 'pki');
  await mkdir(directory);
  const authority = await createCertificateAuthority();
  const ca = join(directory, 'ca.crt');
  await writeFile(ca, authority.caPem);

  async function kubeconfig(name: string, clientCertificate: KeyPair): Promise<string> {
    const path = join(parent, `${name}.kubeconfig`);
    await writeKubeconfig(path, { url: serverUrl, caPem: authority.caPem }, { clientCertificate });
    return path;
  }
  const admin = await authority.client('admin', 'system:masters');
  const controllerManager = await authority.client('system:kube-controller-manager');
  const scheduler = await authority.client('system:kube-scheduler');
  return {
    directory,
    caPem: authority.caPem,
    ca,
    server: await writeKeyPair(directory, 'kube-apiserver', await authority.server(SERVER_NAMES)),
    frontProxy: await writeKeyPair(directory, 'front-proxy', await authority.client('front-proxy')),
    serviceAccountKey: await writeServiceAccountKey(directory),
    admin,
    kubeconfigs: {
      admin: await kubeconfig('admin', admin),
      controllerManager: await kubeconfig('kube-controller-manager', controllerManager),
      scheduler: await kubeconfig('kube-scheduler', scheduler),
    },
  };
}
