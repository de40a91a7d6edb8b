import { caBundlesOf } from '../certificates.ts';
import { refuseMistakes } from '../mistakes.ts';
import type { ConfiguredStore, IdentityNeed, Provider } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';
import { kubernetesGrants } from './grants.ts';
import { PEER_NAME } from './scene.ts';
import { readSettings } from './settings.ts';

/** Secrets of another cluster or namespace, read with the Pod's own ServiceAccount where that cluster knows it. */
export const kubernetes: Provider = createKubernetes({ now: Date.now });

export function createKubernetes({ now }: { readonly now: () => number }): Provider {
  return {
    name: 'kubernetes',

    configure(block, limits): ConfiguredStore {
      const settings = readSettings(block, limits);
      const { auth, ca, namespace } = settings;
      const { maxResponseBytes } = limits;
      return {
        needs: { ...identityOf(auth), caBundles: auth.method === 'kubeconfig' ? [] : caBundlesOf(ca) },
        property: 'data-key',
        grants: (asked, reader) => kubernetesGrants(settings, asked, reader),
        async connect(identity, call) {
          refuseMistakes(block);
          const [{ openAccess }, { createHttp }, { createAsk }, { createClient }] = await load();
          const { server, tls, token, principal, expiresAt } = await openAccess(settings, { identity, now }, call);
          const { host } = server;
          const http = createHttp({ peer: peerAt(host), tls, maxResponseBytes });
          const ask = createAsk(http.send, server, token);
          const scene = { host, namespace, principal };
          return createClient({ ask, scene, expiresAt, maxResponseBytes, close: () => http.close() });
        },
      };
    },

    async warm() {
      await load();
    },
  };
}

function load() {
  return Promise.all([import('./access.ts'), import('../http.ts'), import('./api.ts'), import('./client.ts')]);
}

function peerAt(host: string) {
  const server = 'spec.provider.kubernetes.server';
  return { name: PEER_NAME, host, addressField: `${server}.url`, caField: `${server}.caBundle` };
}

function identityOf(auth: AuthSettings): Omit<IdentityNeed, 'caBundles'> {
  switch (auth.method) {
    case 'identity': {
      const { audience, serviceAccount } = auth;
      const asked = { audiences: [audience], credentials: [] };
      return serviceAccount === undefined
        ? { who: 'pod', ...asked }
        : { who: 'serviceAccount', serviceAccount, ...asked };
    }
    case 'token':
      return { who: 'credentials', audiences: [], credentials: [auth.token] };
    case 'certificate':
      return { who: 'credentials', audiences: [], credentials: [auth.cert, auth.key] };
    case 'kubeconfig':
      return { who: 'credentials', audiences: [], credentials: [auth.kubeconfig] };
  }
}
