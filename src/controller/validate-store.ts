import { LatchkeyError } from '../errors.ts';
import type { IdentityFactory } from '../identity/store-identity-factory.ts';
import type { Call } from '../identity/store-identity.ts';
import type { ConfiguredStore } from '../providers/provider.ts';
import { orAborted } from '../single-flight.ts';
import type { Store } from '../stores/store.ts';

/** What a store's Ready condition says; reasons are External Secrets'. */
export interface Verdict {
  readonly status: 'True' | 'False';
  readonly reason: 'Valid' | 'ValidationUnknown' | 'InvalidProviderConfig' | 'ValidationFailed';
  /** One line, at most 1000 characters. */
  readonly message: string;
  /** What the provider, or the way to it, failed with. */
  readonly error?: LatchkeyError;
}

export interface ValidateStoreOptions {
  readonly identityOf: IdentityFactory;
  readonly timeoutMs: number;
}

const MAX_MESSAGE = 1000; // the API server's limit for Events; a condition reads no better with more
/** Whom nobody asks for: a store that names its identity needs no ServiceAccount of a Pod. */
const NO_SERVICE_ACCOUNT = { namespace: '', name: '', uid: '', annotations: {} };

/** Logs in to the store as the identity that it names. Never throws. */
export async function validateStore(store: Store, options: ValidateStoreOptions, call: Call): Promise<Verdict> {
  const { configured } = store;
  if (configured === undefined || store.problems.length > 0)
    return invalid(`the store has mistakes: ${store.problems.join('; ')}`);
  const dependsOn = unnamedIdentity(store, configured);
  if (dependsOn !== undefined) {
    return { status: 'True', reason: 'ValidationUnknown', message: `not validated here: read with ${dependsOn}` };
  }

  try {
    const signal = AbortSignal.any([call.signal, AbortSignal.timeout(options.timeoutMs)]);
    await orAborted(logIn(store, configured, options, { signal }), signal, () => notAnswered(options.timeoutMs));
    return { status: 'True', reason: 'Valid', message: 'store validated' };
  } catch (thrown) {
    const error = LatchkeyError.from(thrown);
    const reason = error.fault === 'user' ? 'InvalidProviderConfig' : 'ValidationFailed';
    return { status: 'False', reason, message: toLine(error.line), error };
  }
}

/** What differs from Pod to Pod, so that nothing can be said of the store alone. */
function unnamedIdentity({ kind }: Store, { needs }: ConfiguredStore): string | undefined {
  if (needs.who === 'pod') return "each Pod's own ServiceAccount";
  if (kind === 'SecretStore') return undefined;
  if (needs.who === 'serviceAccount' && needs.serviceAccount?.namespace === undefined) {
    return `the ServiceAccount "${needs.serviceAccount?.name ?? ''}" of each Pod's namespace`;
  }
  const [credential] = needs.credentials.filter(({ namespace }) => namespace === undefined);
  return credential === undefined ? undefined : `the ${credential.kind} "${credential.name}" of each Pod's namespace`;
}

async function logIn(
  store: Store,
  configured: ConfiguredStore,
  { identityOf }: ValidateStoreOptions,
  call: Call,
): Promise<void> {
  const identity = identityOf(store, { namespace: store.namespace ?? '', serviceAccount: NO_SERVICE_ACCOUNT });
  const client = await configured.connect(identity, call);
  try {
    await client.validate?.(call);
  } finally {
    // What could not be revoked expires by itself.
    await client.close?.().catch(() => undefined);
  }
}

function invalid(message: string): Verdict {
  return { status: 'False', reason: 'InvalidProviderConfig', message: toLine(message) };
}

function notAnswered(timeoutMs: number): LatchkeyError {
  return new LatchkeyError('PROVIDER_TIMEOUT', `the provider did not answer in ${timeoutMs / 1000} s`, {
    hint: 'It is tried again',
  });
}

function toLine(text: string): string {
  const line = text.replaceAll(/\s+/g, ' ');
  return line.length <= MAX_MESSAGE ? line : `${line.slice(0, MAX_MESSAGE - 1)}…`;
}
