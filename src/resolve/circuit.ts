import { type ErrorCode, LatchkeyError } from '../errors.ts';
import type { Clock } from '../kube/clock.ts';

export interface CircuitRule {
  /** Failures in a row that open the circuit. */
  readonly failures: number;
  readonly openMs: number;
}

/**
 * Leaves a failing store alone: after several transient failures in a row, and for as long as the provider asked to wait.
 * Any other answer, a refusal too, shows that the provider works and closes the circuit.
 */
export interface Circuit {
  /** Why nothing is called just now; `undefined` where a call may be tried. */
  refusal(): LatchkeyError | undefined;
  /** Throws the refusal, or runs the work and learns from its outcome. While open, one call at a time probes the store. */
  run<T>(work: () => Promise<T>): Promise<T>;
}

const FAILURES: ReadonlySet<ErrorCode> = new Set(['PROVIDER_THROTTLED', 'PROVIDER_TIMEOUT', 'PROVIDER_UNAVAILABLE']);
/** Of the provider, that is: the API server or we ourselves failed. */
const SAYS_NOTHING: ReadonlySet<ErrorCode> = new Set(['CLUSTER_UNAVAILABLE', 'INTERNAL']);
const FORGOTTEN_AFTER_MS = 60_000; // nobody called meanwhile: many may again at once, not behind one probe
const MAX_RETRY_AFTER_MS = 5 * 60_000; // a provider's longer wish is a mistake, or an attempt to close the store

export function createCircuit(title: string, rule: CircuitRule, clock: Clock): Circuit {
  let failures = 0;
  let failingSince = '';
  let retryAtMs = 0;
  let notBeforeMs = 0;
  let isProbing = false;

  return { refusal, run };

  function refusal(): LatchkeyError | undefined {
    const throttledMs = notBeforeMs - clock.now();
    if (throttledMs > 0) return throttled(title, throttledMs);
    if (!isOpen()) return undefined;

    const closedMs = retryAtMs - clock.now();
    if (closedMs > 0) return unavailable(`in ${formatSeconds(closedMs)}`, closedMs);
    return isProbing ? unavailable('just now', rule.openMs) : undefined;
  }

  async function run<T>(work: () => Promise<T>): Promise<T> {
    const refused = refusal();
    if (refused !== undefined) throw refused;

    const isProbe = isOpen();
    isProbing ||= isProbe;
    try {
      const result = await work();
      failures = 0;
      return result;
    } catch (thrown) {
      const error = LatchkeyError.from(thrown);
      learn(error);
      throw error;
    } finally {
      if (isProbe) isProbing = false;
    }
  }

  function learn({ code, retryAfterMs }: LatchkeyError): void {
    if (SAYS_NOTHING.has(code)) return;
    if (!FAILURES.has(code)) failures = 0;
    else if (retryAfterMs === undefined) fail();
    else notBeforeMs = Math.max(notBeforeMs, clock.now() + Math.min(retryAfterMs, MAX_RETRY_AFTER_MS));
  }

  function isOpen(): boolean {
    return failures >= rule.failures && !isForgotten();
  }

  function isForgotten(): boolean {
    return clock.now() - retryAtMs >= FORGOTTEN_AFTER_MS;
  }

  function fail(): void {
    if (isForgotten()) failures = 0;
    if (failures === 0) failingSince = clock.date().toISOString();
    failures += 1;
    retryAtMs = clock.now() + rule.openMs;
  }

  function unavailable(next: string, retryAfterMs: number): LatchkeyError {
    return new LatchkeyError(
      'PROVIDER_UNAVAILABLE',
      `${title} has failed since ${failingSince}; it is tried again ${next}`,
      {
        retryAfterMs,
      },
    );
  }
}

function throttled(title: string, retryAfterMs: number): LatchkeyError {
  return new LatchkeyError(
    'PROVIDER_THROTTLED',
    `${title} asks for no calls in the next ${formatSeconds(retryAfterMs)}`,
    {
      retryAfterMs,
    },
  );
}

export function formatSeconds(ms: number): string {
  return `${Math.ceil(ms / 100) / 10} s`;
}
