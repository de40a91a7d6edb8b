import { LatchkeyError } from '../../errors.ts';
import { type Failure, failureOf, type Meaning } from './failure.ts';
import { loginRefused } from './login-errors.ts';
import { noAnswer } from './no-answer.ts';
import { type AccessStep, describePrincipal, type Scene, type Step } from './scene.ts';

// AWS names no time with its throttling; its quotas are counted by the second.
const THROTTLED_MS = 1000;

/** The error that a failed call of the SDK means. Errors of our own come through as they are. */
export function fromAws(error: unknown, step: Step, scene: Scene, signal: AbortSignal): LatchkeyError {
  // The SDK puts its metadata on whatever passes through it.
  if (error instanceof LatchkeyError) return new LatchkeyError(error.code, error.message, { hint: error.hint });
  const failure = failureOf(error);
  return fromFailure(failure, step, scene) ?? noAnswer(error, failure.status, scene, signal);
}

/** The error that AWS's words mean; undefined where they are none of AWS's that are known here. */
export function fromFailure(failure: Failure, step: Step, scene: Scene): LatchkeyError | undefined {
  const { meaning, status, retryAfterMs } = failure;
  const { service, host, region } = scene;
  if (meaning === undefined) return undefined;
  if (meaning === 'throttled') {
    return new LatchkeyError('PROVIDER_THROTTLED', `AWS ${service} in ${region} limits the rate of requests`, {
      hint: "It is tried again; raise the account's quota, or read fewer secrets at once",
      retryAfterMs: retryAfterMs ?? THROTTLED_MS,
    });
  }
  if (meaning === 'down') {
    return new LatchkeyError('PROVIDER_UNAVAILABLE', `AWS ${service} at ${host} failed (${status ?? failure.name})`, {
      hint: "Look at AWS's health dashboard for the region",
      retryAfterMs,
    });
  }
  return step.kind === 'access' ? REFUSALS[meaning](failure, step, scene) : loginRefused(failure, step, scene);
}

type Refusal = (failure: Failure, step: AccessStep, scene: Scene) => LatchkeyError | undefined;

const REFUSALS: Readonly<Record<Exclude<Meaning, 'throttled' | 'down'>, Refusal>> = {
  denied: (failure, step, scene) =>
    failure.says(/kms|ciphertext/i) ? undecryptable(failure, step, scene) : denied(step, scene),
  undecryptable,
  rejected,
  expired: rejected,
  absent,
  invalid,
};

function denied({ does, action, resource }: AccessStep, { region, principal }: Scene): LatchkeyError {
  const message = `AWS does not let ${describePrincipal(principal)} ${does} in ${region}`;
  const toWhom = principal.role === undefined ? 'its user' : 'that role';
  return new LatchkeyError('ACCESS_DENIED', message, {
    hint: `Allow ${action} on ${resource} to ${toWhom}, or check ${principal.source}`,
  });
}

function undecryptable(_: Failure, { does }: AccessStep, { region, principal }: Scene): LatchkeyError {
  const message = `AWS KMS does not let ${describePrincipal(principal)} decrypt what it needs to ${does} in ${region}`;
  return new LatchkeyError('ACCESS_DENIED', message, {
    hint: `Allow kms:Decrypt on its key to them, in IAM and in the key's policy, and check that the key is enabled; or check ${principal.source}`,
  });
}

function rejected({ meaning }: Failure, { does }: AccessStep, { region, principal }: Scene): LatchkeyError {
  const why = meaning === 'expired' ? 'has expired' : 'is not accepted';
  const message = `AWS refused to ${does} in ${region}: the session of ${describePrincipal(principal)} ${why}`;
  return new LatchkeyError('IDENTITY_REJECTED', message, {
    hint: `Check ${principal.source}, that its sessions were not revoked, and Latchkey's clock`,
  });
}

/** Nothing, where the call was not about one remote secret. */
function absent(failure: Failure, { key, version }: AccessStep, scene: Scene): LatchkeyError | undefined {
  const { service, region, principal } = scene;
  if (key === undefined) return undefined;
  const account = principal.role === undefined || key.startsWith('arn:') ? '' : ` of account ${principal.role.account}`;
  const where = `AWS ${service}${account} in ${region}`;
  if (version !== undefined) {
    return new LatchkeyError('SECRET_NOT_FOUND', `"${key}" has no version "${version}" in ${where}`, {
      hint: 'Correct the version or the key, or leave the version out for the current one',
    });
  }
  // "… the specified secret value for staging label: AWSCURRENT": a secret that was created and never filled.
  const what = failure.says(/secret value for/i) ? 'has no current value' : 'does not exist';
  return new LatchkeyError('SECRET_NOT_FOUND', `"${key}" ${what} in ${where}`, {
    hint: "Create it, or correct the key, or the store's prefix, region or role",
  });
}

function invalid(failure: Failure, { key, version, does }: AccessStep, { service, region }: Scene): LatchkeyError {
  if (key !== undefined && failure.says(/(marked|scheduled) (for )?delet/i)) {
    return new LatchkeyError('SECRET_NOT_FOUND', `"${key}" is marked for deletion in AWS ${service} in ${region}`, {
      hint: `Restore it: aws secretsmanager restore-secret --region ${region} --secret-id ${key}`,
    });
  }
  const asked = version === undefined ? does : `${does}, version "${version}"`;
  return new LatchkeyError('REF_INVALID', `AWS ${service} in ${region} finds the request invalid: ${asked}`, {
    hint: 'Correct the key, the version and the prefix of the store; a key is a name or an ARN',
  });
}
