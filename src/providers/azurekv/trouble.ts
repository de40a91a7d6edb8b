import { type ErrorCode, LatchkeyError } from '../../errors.ts';
import type { HttpAnswer } from './http.ts';

/** Why a service cannot serve, by status; others are told by their number. */
const STATES: Readonly<Record<number, string>> = {
  500: 'failed',
  502: 'cannot be reached by what stands before it',
  503: 'is unavailable',
};

/** Trouble that passes, whoever asks for what. Undefined where the answer is a refusal, an absence or something unknown. */
export function troubleOf(answer: HttpAnswer): LatchkeyError | undefined {
  const { host, status } = answer;
  if (status === 429) {
    return transient(
      'PROVIDER_THROTTLED',
      `${host} limits the rate of requests`,
      'Wait, or spread secrets over vaults',
      answer,
    );
  }
  if (status === 408 || status === 504) {
    return transient('PROVIDER_TIMEOUT', `${host} did not answer in time`, 'Wait for Azure', answer);
  }
  if (status >= 500) {
    const state = STATES[status] ?? `answered ${status}`;
    return transient('PROVIDER_UNAVAILABLE', `${host} ${state}`, "Look at Azure's status page", answer);
  }
  if (status >= 300 && status < 400) {
    const message = `${host} answered with a redirect (${status}), and Latchkey follows none`;
    return transient('PROVIDER_UNAVAILABLE', message, 'Name the host itself in the store', answer);
  }
  return undefined;
}

/** An answer in no form of Azure's: a proxy, a web page, another service. */
export function notAzure({ host, status }: Pick<HttpAnswer, 'host' | 'status'>): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} answered ${status} in a form that is not Azure's`, {
    hint: 'Check what answers there: a proxy, a private endpoint, another service',
  });
}

/** Azure refused without a reason that is known here. */
export function unexplained({ host, status }: Pick<HttpAnswer, 'host' | 'status'>): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${host} answered ${status}`, {
    hint: "Look into the vault's or the tenant's logs at that time",
  });
}

function transient(code: ErrorCode, message: string, hint: string, { retryAfterMs }: HttpAnswer): LatchkeyError {
  return new LatchkeyError(code, message, { hint, retryAfterMs });
}
