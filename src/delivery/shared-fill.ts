import { LatchkeyError } from '../errors.ts';
import type { Call } from '../identity/store-identity.ts';
import type { PlannedSecret } from '../planning/plan.ts';
import type { Asker } from '../identity/store-identity-factory.ts';
import { createSingleFlight, orAborted } from '../single-flight.ts';
import type { Filler, FillResult } from './fill.ts';
import type { SecretWriter } from './secret-writer.ts';

export interface SharedFillOptions {
  readonly filler: Filler;
  readonly writer: SecretWriter;
  /** Whether a Secret is not to be filled again while it is there, because its values would be others each time. */
  readonly isRandom: (secret: PlannedSecret, namespace: string) => boolean;
  /** Fills of one namespace at the same time; a forged review must not be able to occupy us. */
  readonly fillsPerNamespace: number;
  /** Bounds a fill that goes on after the admission that started it ran out of time. */
  readonly timeoutMs: number;
}

const DONE: FillResult = Object.freeze({ problems: [], warnings: [] });

/**
 * The filler for many Pods at once: what this replica wrote a moment ago is done, and Pods that want the same Secrets
 * share one fill. A fill is not cancelled with the admission that started it, because others may wait for it.
 */
export function createSharedFiller(options: SharedFillOptions): Filler {
  const { filler, writer, isRandom, fillsPerNamespace, timeoutMs } = options;
  const fills = createSingleFlight<FillResult>();
  const counts = new Map<string, number>();

  return {
    async fill(secrets, asker, write, call) {
      const { namespace } = asker;
      const wanted = write ? secrets.filter(({ name }) => !writer.trusts(namespace, name)) : secrets;
      if (wanted.length === 0) return DONE;
      const key = JSON.stringify([write, namespace, ...wanted.map(workOf)]);
      try {
        return await orAborted(
          fills.join(key, () => start(wanted, asker, write)),
          call.signal,
          tooLate,
        );
      } catch (error) {
        return { problems: [LatchkeyError.from(error)], warnings: [] };
      }
    },
  };

  async function start(secrets: readonly PlannedSecret[], asker: Asker, write: boolean): Promise<FillResult> {
    const { namespace } = asker;
    const count = counts.get(namespace) ?? 0;
    if (count >= fillsPerNamespace) throw busy(namespace);
    counts.set(namespace, count + 1);
    try {
      return await fillMissing(secrets, asker, write, { signal: AbortSignal.timeout(timeoutMs) });
    } finally {
      const left = (counts.get(namespace) ?? 1) - 1;
      if (left === 0) counts.delete(namespace);
      else counts.set(namespace, left);
    }
  }

  /** What an earlier round of the same admission wrote, on whichever replica, is not fetched again. */
  async function fillMissing(
    secrets: readonly PlannedSecret[],
    asker: Asker,
    write: boolean,
    call: Call,
  ): Promise<FillResult> {
    const missing = await Promise.all(
      secrets.map(async (secret) => {
        const { name, recorded } = secret;
        const mayBeKept = recorded || isRandom(secret, asker.namespace);
        if (!mayBeKept || !write) return !recorded;
        return (await writer.probe(asker.namespace, name, call)) === undefined;
      }),
    );
    const wanted = secrets.filter((_, index) => missing[index]);
    return wanted.length === 0 ? DONE : await filler.fill(wanted, asker, write, call);
  }
}

/** Of an ExternalSecret's copy also what is checked of its values, which is each Pod's own. */
function workOf({ name, definition }: PlannedSecret): unknown {
  return definition === undefined ? name : [name, definition.optional, definition.variables];
}

function tooLate(): LatchkeyError {
  return new LatchkeyError('PROVIDER_TIMEOUT', 'the values did not arrive in time', {
    hint: 'The Pod is retried by its controller; a bare Pod must be applied again',
  });
}

function busy(namespace: string): LatchkeyError {
  return new LatchkeyError('BUSY', `too many Pods of namespace "${namespace}" are waiting for their values`, {
    hint: 'They are retried by their controllers; raise webhook.coldFillsPerNamespace if this is usual',
  });
}
