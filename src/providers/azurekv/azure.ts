import type { Call, SecretsClient } from '../provider.ts';
import { createClient } from './client.ts';
import { scopeOf } from './clouds.ts';
import { createCredential } from './credential.ts';
import type { Way } from './entra.ts';
import { createHttp } from './http.ts';
import { createKeyVault } from './key-vault.ts';
import { logIn } from './login.ts';
import type { AzurekvSettings } from './settings.ts';

/** The network and the SDK: what is loaded when the first store of this kind is used. */
export interface Azure {
  connect(settings: AzurekvSettings, way: Omit<Way, 'send'>, call: Call): Promise<SecretsClient>;
}

export function createAzure({ ca }: { readonly ca?: string }): Azure {
  const send = createHttp(ca === undefined ? {} : { ca });
  return {
    async connect(settings, deps, call) {
      const way: Way = { ...deps, send };
      const { vaultUrl, host, cloud } = settings;
      const session = await logIn(settings, way, call);
      const scene = { host, reader: session.reader };
      const credential = createCredential({
        session,
        scope: scopeOf(cloud),
        scene,
        renew: (claims, signal) => logIn(settings, way, { signal }, claims),
      });
      const vault = createKeyVault({
        vaultUrl,
        cloud,
        scene,
        credential,
        send,
        maxResponseBytes: way.maxResponseBytes,
      });
      return createClient({ vault, host, expiresAt: session.expiresAt });
    },
  };
}
