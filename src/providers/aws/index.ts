import { setTimeout } from 'node:timers/promises';
import { LatchkeyError } from '../../errors.ts';
import type { Fields } from '../../fields.ts';
import type {
  Call,
  ConfiguredStore,
  IdentityNeed,
  Provider,
  ProviderLimits,
  SecretsClient,
  ServiceAccountFacts,
  StoreIdentity,
} from '../provider.ts';
import type { Access } from './access.ts';
import { hostOf } from './endpoint-settings.ts';
import { awsGrants } from './grants.ts';
import type { Pool } from './pool.ts';
import type { Scene } from './scene.ts';
import { type AwsSettings, readSettings, type Service } from './settings.ts';
import { createTokenBuckets, type TokenBucketDeps } from './token-bucket.ts';
import { type WebIdentity, webIdentityOf } from './web-identity.ts';

/** AWS Secrets Manager and Parameter Store, read with the role of the Pod's own ServiceAccount. */
export const aws: Provider = createAws({
  now: Date.now,
  sleep: (ms, signal) => setTimeout(ms, undefined, { signal }),
});

/** The SDK comes with the first use: its parts are behind these imports alone. */
const CLIENTS: Readonly<Record<Service, () => Promise<(access: Access) => SecretsClient>>> = {
  SecretsManager: async () => (await import('./secrets-manager.ts')).createSecretsManager,
  ParameterStore: async () => (await import('./parameter-store.ts')).createParameterStore,
};

const TITLES = { SecretsManager: 'Secrets Manager', ParameterStore: 'Parameter Store' } as const;

export function createAws(deps: TokenBucketDeps): Provider {
  const buckets = createTokenBuckets(deps);
  let pool: Promise<Pool> | undefined;

  function sharedPool(): Promise<Pool> {
    pool ??= import('./pool.ts').then(({ createPool }) => createPool());
    return pool;
  }

  async function connect(
    settings: AwsSettings,
    limits: ProviderLimits,
    identity: StoreIdentity,
    call: Call,
  ): Promise<SecretsClient> {
    const { service, region, endpoints } = settings;
    const { maxResponseBytes } = limits;
    const [{ logIn }, createClient, connections] = await Promise.all([
      import('./login.ts'),
      CLIENTS[service](),
      sharedPool(),
    ]);
    const webIdentity = (serviceAccount: ServiceAccountFacts) => {
      const found = lookUp(serviceAccount, settings, limits);
      if (found instanceof LatchkeyError) throw found;
      return found;
    };
    const login = { identity, webIdentity, pool: connections, maxResponseBytes, now: deps.now };
    const session = await logIn(settings, login, call);

    const host = hostOf(endpoints.service);
    const scene: Scene = { service: TITLES[service], host, region, principal: session.principal };
    const requestHandler = connections.handler({ host, maxResponseBytes });
    return createClient({ settings, session, scene, requestHandler, buckets });
  }

  return {
    name: 'aws',

    configure(block, limits): ConfiguredStore {
      const settings = readSettings(block, limits);
      return {
        needs: needsOf(settings, limits),
        property: 'literal-first',
        grants: (asked, reader) => awsGrants(settings, limits, asked, reader),
        async connect(identity, call) {
          refuseMistakes(block);
          return connect(settings, limits, identity, call);
        },
      };
    },

    async warm() {
      await Promise.all([sharedPool(), import('./login.ts'), ...Object.values(CLIENTS).map((load) => load())]);
    },
  };
}

function needsOf(settings: AwsSettings, limits: ProviderLimits): IdentityNeed {
  const { auth } = settings;
  if (auth.method === 'accessKey') {
    const { accessKeyId, secretAccessKey, sessionToken } = auth;
    const credentials = [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])];
    return { who: 'credentials', audiences: [], credentials, caBundles: [] };
  }
  const { serviceAccount, audience } = auth;
  return {
    ...(serviceAccount === undefined ? { who: 'pod' } : { who: 'serviceAccount', serviceAccount }),
    // A ServiceAccount's own annotation may choose another one of the operator's list.
    audiences: [audience],
    credentials: [],
    caBundles: [],
    check(facts) {
      const found = lookUp(facts, settings, limits);
      return found instanceof LatchkeyError ? found : undefined;
    },
  };
}

function lookUp(
  serviceAccount: ServiceAccountFacts,
  settings: AwsSettings,
  limits: ProviderLimits,
): WebIdentity | LatchkeyError {
  const usualAudience = settings.auth.method === 'webIdentity' ? settings.auth.audience : '';
  return webIdentityOf(serviceAccount, settings, usualAudience, limits);
}

/** A store with mistakes is refused before; should one come through, no token leaves for it. */
function refuseMistakes(block: Fields): void {
  const mistakes = block.problems.map(({ path, message }) => `${path}: ${message}`);
  if (mistakes.length === 0) return;
  throw new LatchkeyError('STORE_INVALID', `the store has mistakes: ${mistakes.join('; ')}`, {
    hint: 'Correct the store',
  });
}
