import { LatchkeyError } from '../../src/errors.ts';
import type { Clock } from '../../src/kube/clock.ts';
import type {
  ConfiguredStore,
  Fetched,
  Outcome,
  RemoteRef,
  SecretsClient,
  StoreIdentity,
} from '../../src/providers/provider.ts';
import { SecretValue } from '../../src/secret-value.ts';

/** A provider in memory that counts. Its answers are what `secrets` and the switches say at the time of the call. */
export interface ScriptedProvider extends Partial<ConfiguredStore> {
  /** Text, a refusal, or either by identity. */
  readonly secrets: Map<string, Answer | ((identity: StoreIdentity) => Answer)>;
  /** Identity keys, in order. */
  readonly logins: string[];
  /** Keys that were read one by one, in order. */
  readonly reads: string[];
  /** Keys of each batch call. */
  readonly batches: string[][];
  closed: number;
  latencyMs: number;
  loginError: LatchkeyError | undefined;
  /** What closing a client takes. */
  closing: () => Promise<void>;
  toMap: SecretsClient['toMap'] | undefined;
  /** Fails every read. */
  outage: LatchkeyError | undefined;
  clientLifetimeMs: number | undefined;
  /** Most keys in one batch call; none where undefined. */
  batchMax: number | undefined;
  batchError: LatchkeyError | undefined;
  /** When each call that left the process began, logins too. */
  readonly callsAtMs: number[];
  calls(): number;
}

type Answer = string | LatchkeyError;

const FOREVER = new AbortController().signal;

export function scriptedProvider(clock: Clock, secrets: Readonly<Record<string, Answer>> = {}): ScriptedProvider {
  const provider: ScriptedProvider = {
    secrets: new Map(Object.entries(secrets)),
    logins: [],
    reads: [],
    batches: [],
    closed: 0,
    latencyMs: 0,
    loginError: undefined,
    closing: async () => undefined,
    toMap: undefined,
    outage: undefined,
    clientLifetimeMs: undefined,
    batchMax: undefined,
    batchError: undefined,
    callsAtMs: [],
    calls: () => provider.callsAtMs.length,

    async connect(identity) {
      provider.logins.push(identity.key);
      await pass();
      if (provider.loginError !== undefined) throw provider.loginError;
      const { clientLifetimeMs, batchMax, toMap } = provider;
      return {
        ...(clientLifetimeMs !== undefined && { expiresAt: new Date(clock.date().getTime() + clientLifetimeMs) }),
        ...(batchMax !== undefined && {
          batch: {
            max: batchMax,
            accepts: ({ version }) => version === undefined,
            read: (refs) => readBatch(refs, identity),
          },
        }),
        ...(toMap !== undefined && { toMap }),
        async read({ key }) {
          provider.reads.push(key);
          await pass();
          return answer(key, identity);
        },
        async close() {
          provider.closed += 1;
          await provider.closing();
        },
      };
    },
  };
  return provider;

  async function readBatch(refs: readonly RemoteRef[], identity: StoreIdentity): Promise<readonly Outcome<Fetched>[]> {
    provider.batches.push(refs.map(({ key }) => key));
    await pass();
    if (provider.batchError !== undefined) throw provider.batchError;
    return refs.map(({ key }) => {
      try {
        return { ok: true, value: answer(key, identity) };
      } catch (error) {
        return { ok: false, error: LatchkeyError.from(error) };
      }
    });
  }

  async function pass(): Promise<void> {
    provider.callsAtMs.push(clock.now());
    if (provider.latencyMs > 0) await clock.sleep(provider.latencyMs, FOREVER);
  }

  function answer(key: string, identity: StoreIdentity): Fetched {
    if (provider.outage !== undefined) throw provider.outage;
    const scripted = provider.secrets.get(key);
    const answered = typeof scripted === 'function' ? scripted(identity) : scripted;
    if (typeof answered === 'string') return { value: SecretValue.fromText(answered) };
    throw answered ?? new LatchkeyError('SECRET_NOT_FOUND', `secret "${key}" does not exist`);
  }
}
