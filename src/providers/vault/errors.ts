import { type ErrorCode, LatchkeyError } from '../../errors.ts';
import { absent } from './absence.ts';
import { mentions } from './answer.ts';
import type { HttpAnswer } from './http.ts';
import { inNamespace, type LoginStep, notVault, type Scene, type Step } from './scene.ts';

type Meaning = 'redirected' | 'refused' | 'absent' | 'throttled';

/** What is not here is PROVIDER_UNAVAILABLE: doubtful access must never look like absence. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  301: 'redirected',
  302: 'redirected',
  303: 'redirected',
  307: 'redirected',
  308: 'redirected',
  401: 'refused',
  403: 'refused',
  404: 'absent',
  429: 'throttled',
};

/** Why Vault cannot serve, by status; others are told by their number. */
const TROUBLES: Readonly<Record<number, string>> = {
  412: 'does not have the newest state yet',
  472: 'is a standby of a replicated cluster',
  473: 'is a standby',
  500: 'failed',
  501: 'is not initialized',
  502: 'cannot be reached by its proxy',
  503: 'is sealed or in maintenance',
  504: 'did not answer its proxy',
};

/** The error that an answer without a value means. Vault's own words decide, and are never repeated. */
export function fromAnswer(answer: HttpAnswer, step: Step, scene: Scene): LatchkeyError {
  const meaning = MEANINGS[answer.status];
  if (meaning === 'redirected') return redirected(answer, scene);
  if (meaning === 'throttled') {
    const message = `Vault at ${scene.host} limits the rate of requests`;
    return transient('PROVIDER_THROTTLED', message, answer, "Raise Vault's rate limit quota, or wait");
  }
  if (answer.status in TROUBLES || answer.status >= 500) return unavailable(answer, scene);
  if (answer.body === undefined) return notVault(answer, scene);
  if (step.kind === 'login') return refusesLogin(answer) ? loginRefused(step) : unavailable(answer, scene);
  if (meaning === 'refused' || lacksToken(answer)) return refused(answer, step, scene);
  if (meaning === 'absent' && step.kind !== 'validate') return absent(answer, step, scene);
  return unavailable(answer, scene);
}

/** Vault's methods say 400 to many a wrong credential, and 404 where none is mounted. */
function refusesLogin({ status }: HttpAnswer): boolean {
  return status === 400 || MEANINGS[status] !== undefined;
}

/** Older Vaults say 400 to a request without a token, newer ones and OpenBao 403. */
function lacksToken(answer: HttpAnswer): boolean {
  return answer.status === 400 && mentions(answer, 'missing client token');
}

function loginRefused({ who, mount, role, namespace, check }: LoginStep): LatchkeyError {
  const withRole = role === '' ? '' : ` with role "${role}"`;
  const message = `Vault refused the login of ${who} at ${mount}${withRole}${inNamespace(namespace)}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, { hint: `Check ${check}, and that ${mount} is enabled` });
}

function refused(
  answer: HttpAnswer,
  step: Exclude<Step, LoginStep>,
  { reader, namespace, token }: Scene,
): LatchkeyError {
  if (token === 'none') {
    const asks = step.kind === 'validate' ? 'token' : `token to ${step.kind} "${step.path}"`;
    return new LatchkeyError(
      'IDENTITY_REJECTED',
      `Vault wants a ${asks}, and the store has no auth${inNamespace(namespace)}`,
      {
        hint: 'Set spec.provider.vault.auth, or let the proxy in front of Vault add a token that may do this',
      },
    );
  }
  if (step.kind === 'validate') {
    return new LatchkeyError('IDENTITY_REJECTED', `Vault does not accept ${reader}${inNamespace(step.namespace)}`, {
      hint: 'Check that the token is alive and that its policies allow to read auth/token/lookup-self',
    });
  }
  const { kind, path } = step;
  if (answer.status !== 403 || mentions(answer, 'invalid token', 'bad token')) {
    const message = `Vault does not accept the token of ${reader} to ${kind} "${path}"${inNamespace(namespace)}`;
    return new LatchkeyError('IDENTITY_REJECTED', message, {
      hint: 'Check that the token is alive, and spec.provider.vault.auth',
    });
  }
  // Listing goes down from here, so the rule must cover what is below.
  const rule = `path "${path}${kind === 'list' ? '*' : ''}" { capabilities = ["${kind}"] }`;
  const alive = token === 'own' ? 'Check that the token is alive, or add' : 'Add';
  return new LatchkeyError('ACCESS_DENIED', `Vault does not let ${reader} ${kind} "${path}"${inNamespace(namespace)}`, {
    hint: `${alive} to one of its policies: ${rule}`,
  });
}

function unavailable(answer: HttpAnswer, { host }: Scene): LatchkeyError {
  const trouble = TROUBLES[answer.status] ?? `answered ${answer.status}`;
  return transient('PROVIDER_UNAVAILABLE', `Vault at ${host} ${trouble}`, answer, "Look at Vault's state and log");
}

function redirected(answer: HttpAnswer, { host }: Scene): LatchkeyError {
  const message = `Vault at ${host} answered with a redirect (${answer.status}), and Latchkey follows none`;
  const hint = 'Set spec.provider.vault.server to the active node, or to a load balancer in front of the nodes';
  return transient('PROVIDER_UNAVAILABLE', message, answer, hint);
}

function transient(code: ErrorCode, message: string, { retryAfterMs }: HttpAnswer, hint: string): LatchkeyError {
  return new LatchkeyError(code, message, { hint, retryAfterMs });
}
