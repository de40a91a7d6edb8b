import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import type { IdentityNeed, Provider } from '../provider.ts';
import type { AuthSettings } from './auth-settings.ts';
import { createClient } from './client.ts';
import type { Google } from './google.ts';
import { gcpsmGrants } from './grants.ts';
import { impersonationOf } from './impersonation.ts';
import { logIn } from './login.ts';
import { readSettings } from './settings.ts';

/** Google Secret Manager, read as the Pod's ServiceAccount through workload identity federation. */
export const gcpsm: Provider = createGcpsm({ now: Date.now });

export function createGcpsm({ now }: { readonly now: () => number }): Provider {
  let loading: Promise<Google> | undefined;

  return {
    name: 'gcpsm',

    configure(block, limits) {
      const settings = readSettings(block, limits);
      const { maxResponseBytes } = limits;
      return {
        needs: needsOf(settings.auth),
        property: 'literal-first',
        grants: (asked, reader) => gcpsmGrants(settings, asked, reader),
        async connect(identity, call) {
          refuseMistakes(block);
          const google = await load();
          const session = await logIn(settings, { identity, send: google.send, maxResponseBytes, now }, call);
          const secretManager = google.secretManager(settings.services.secretmanager, maxResponseBytes);
          return createClient({ settings, session, secretManager });
        },
      };
    },

    async warm() {
      await load();
    },
  };

  /** The SDK is 350 modules, which nobody without such a store should wait for. */
  function load(): Promise<Google> {
    loading ??= import('./google.ts').then(({ createGoogle }) => createGoogle());
    return loading;
  }
}

function needsOf(auth: AuthSettings): IdentityNeed {
  if (auth.method === 'key') return { who: 'credentials', audiences: [], credentials: [auth.key], caBundles: [] };
  const { federation, serviceAccount, impersonate } = auth;
  return {
    ...(serviceAccount === undefined ? { who: 'pod' } : { who: 'serviceAccount', serviceAccount }),
    audiences: [federation.tokenAudience],
    credentials: [],
    caBundles: [],
    check(facts) {
      try {
        impersonationOf(impersonate, facts);
        return undefined;
      } catch (error) {
        return LatchkeyError.from(error);
      }
    },
  };
}

/** A store with mistakes is refused before; should one come through, no token leaves for it. */
function refuseMistakes(block: Fields): void {
  const mistakes = block.problems.map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length === 0) return;
  throw new LatchkeyError('STORE_INVALID', `the store has mistakes: ${mistakes.join('; ')}`, {
    hint: 'Correct the store',
  });
}
