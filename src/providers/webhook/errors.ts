import { type ErrorCode, LatchkeyError } from '../../errors.ts';
import type { HttpAnswer } from '../http.ts';
import { titleOf } from '../no-answer.ts';

/** Who asks where: what messages name. Holds no secret. */
export interface Scene {
  readonly host: string;
  /** With what: `the credentials in Secret webhook-credentials`. */
  readonly caller: string;
}

export const PEER_NAME = 'the service';

/** The beginning of a page for people: a login form, or a proxy's word, and neither value nor absence. */
const PAGE = /^\s*<(!doctype html|html)[\s>]/i;
const PAGE_START_BYTES = 256;

/** Whether the answer carries a value. */
export function isValue({ status, body }: HttpAnswer): boolean {
  return status >= 200 && status < 300 && !isPage(body);
}

/** The error that another answer means. What is not known is PROVIDER_UNAVAILABLE: only a plain 404 is absence. */
export function fromAnswer(answer: HttpAnswer, key: string, scene: Scene): LatchkeyError {
  const { status } = answer;
  const service = serviceOf(scene);
  if (status === 401) {
    return new LatchkeyError('IDENTITY_REJECTED', `${service} does not accept ${scene.caller}`, {
      hint: 'Check spec.provider.webhook.headers, and the Secrets in secrets that they use',
    });
  }
  if (status === 403) {
    return new LatchkeyError('ACCESS_DENIED', `${service} does not let ${scene.caller} read "${key}"`, {
      hint: `Allow it there to read "${key}", or present other credentials`,
    });
  }
  if (status === 429) return transient('PROVIDER_THROTTLED', `${service} limits the rate of requests`, answer, 'Wait');
  if (isPage(answer.body)) {
    return transient('PROVIDER_UNAVAILABLE', `${service} answered ${status} with a web page`, answer, CHECK_URL);
  }
  if (status === 404) {
    return new LatchkeyError('SECRET_NOT_FOUND', `${service} has no "${key}"`, {
      hint: 'Create it, or correct the key or spec.provider.webhook.url',
    });
  }
  if (status >= 300 && status < 400) {
    const message = `${service} answered with a redirect (${status}), and Latchkey follows none`;
    return transient('PROVIDER_UNAVAILABLE', message, answer, 'Set spec.provider.webhook.url to where it leads');
  }
  return transient(
    'PROVIDER_UNAVAILABLE',
    `${service} answered ${status}`,
    answer,
    `Look at its state, and c${CHECK_URL.slice(1)}`,
  );
}

/** An answer that is JSON nowhere, where the store says that it is. */
export function notJson({ status }: HttpAnswer, scene: Scene): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `${serviceOf(scene)} answered ${status} with no JSON`, {
    hint: 'Check spec.provider.webhook.url; without result.jsonPath the whole answer is the value',
  });
}

/** JSON that does not hold what the store says it holds. This is no absence: the service may be saying anything. */
export function notThere(jsonPath: string, scene: Scene): LatchkeyError {
  return new LatchkeyError('STORE_INVALID', `the answer of ${serviceOf(scene)} holds no value at ${jsonPath}`, {
    hint: 'Compare spec.provider.webhook.result.jsonPath with what the service answers',
  });
}

const CHECK_URL = 'Check that spec.provider.webhook.url is the address of the service, not of a proxy or a login page';

function serviceOf({ host }: Scene): string {
  return titleOf({ name: PEER_NAME, host });
}

function isPage(body: Uint8Array): boolean {
  return PAGE.test(Buffer.from(body.subarray(0, PAGE_START_BYTES)).toString('latin1'));
}

function transient(code: ErrorCode, message: string, { retryAfterMs }: HttpAnswer, hint: string): LatchkeyError {
  return new LatchkeyError(code, message, { hint, retryAfterMs });
}
