import type { Call, ConfiguredStore, IdentityNeed, Provider, SecretKeySelector, StoreIdentity } from '../provider.ts';
import { caBundlesOf, loadCa } from '../certificates.ts';
import type { TlsSettings } from '../http.ts';
import { refuseMistakes } from '../mistakes.ts';
import type { AuthMethod } from './auth-settings.ts';
import { createClient } from './client.ts';
import { vaultGrants } from './grants.ts';
import { logIn, readerOf } from './login.ts';
import type { Scene } from './scene.ts';
import { readSettings, type VaultSettings } from './settings.ts';
import { createTransport, warmTransport } from './transport.ts';

/** HashiCorp Vault and OpenBao: KV engines of both versions, read with a login of the Pod's own ServiceAccount. */
export const vault: Provider = createVault({ now: Date.now });

export function createVault({ now }: { readonly now: () => number }): Provider {
  return {
    name: 'vault',

    configure(block, limits): ConfiguredStore {
      const settings = readSettings(block, limits);
      return {
        needs: needsOf(settings),
        property: 'vault',
        grants: (asked, reader) => vaultGrants(settings, asked, reader),
        async connect(identity, call) {
          refuseMistakes(block);
          const { auth, host, namespace } = settings;
          const scene: Scene = { host, namespace, ...readerOf(auth) };
          const tls = await readTls(settings, identity, call);
          const transport = await createTransport({ ...settings, tls, maxResponseBytes: limits.maxResponseBytes });
          try {
            const session = await logIn(auth, { identity, transport, scene, now }, call);
            return createClient({ ...settings, session, transport, scene, authNamespace: auth.namespace });
          } catch (error) {
            await transport.close();
            throw error;
          }
        },
      };
    },

    warm: warmTransport,
  };
}

function needsOf({ auth, ca, clientCertificate }: VaultSettings): IdentityNeed {
  return {
    ...identityOf(auth),
    credentials: [
      ...credentialsOf(auth),
      ...(clientCertificate ? [clientCertificate.cert, clientCertificate.key] : []),
    ],
    caBundles: caBundlesOf(ca),
  };
}

function identityOf(auth: AuthMethod): Pick<IdentityNeed, 'who' | 'serviceAccount' | 'audiences'> {
  if (auth.method === 'none') return { who: 'none', audiences: [] };
  if (auth.method === 'token' || auth.method === 'appRole' || auth.jwt.from === 'secret') {
    return { who: 'credentials', audiences: [] };
  }
  const { audience, serviceAccount } = auth.jwt;
  const audiences = [audience];
  return serviceAccount === undefined
    ? { who: 'pod', audiences }
    : { who: 'serviceAccount', serviceAccount, audiences };
}

function credentialsOf(auth: AuthMethod): readonly SecretKeySelector[] {
  if (auth.method === 'none') return [];
  if (auth.method === 'token') return [auth.token];
  if (auth.method === 'appRole')
    return typeof auth.roleId === 'string' ? [auth.secretId] : [auth.roleId, auth.secretId];
  return auth.jwt.from === 'secret' ? [auth.jwt.secret] : [];
}

async function readTls(
  { ca, clientCertificate }: VaultSettings,
  identity: StoreIdentity,
  call: Call,
): Promise<TlsSettings> {
  const pem = await loadCa(ca, identity, call);
  if (clientCertificate === undefined) return pem === undefined ? {} : { ca: pem };
  const [cert, key] = await Promise.all([
    identity.credential(clientCertificate.cert, call),
    identity.credential(clientCertificate.key, call),
  ]);
  return { ...(pem !== undefined && { ca: pem }), cert: cert.exposeText(), key: key.exposeText() };
}
