import { type ErrorCode, LatchkeyError } from '../../errors.ts';
import { isMapping } from '../../fields.ts';
import type { ApiAnswer } from './api.ts';
import { notKubernetes, type Scene, serverOf, type Step } from './scene.ts';

type Meaning = 'redirected' | 'unknown' | 'forbidden' | 'absent' | 'throttled';

/** What is not here is PROVIDER_UNAVAILABLE: doubtful access must never look like absence. */
const MEANINGS: Readonly<Record<number, Meaning>> = {
  301: 'redirected',
  302: 'redirected',
  303: 'redirected',
  307: 'redirected',
  308: 'redirected',
  401: 'unknown',
  403: 'forbidden',
  404: 'absent',
  429: 'throttled',
};

const TROUBLES: Readonly<Record<number, string>> = {
  410: 'changed its list while it was read',
  500: 'failed',
  502: 'cannot be reached by its proxy',
  503: 'is not available',
  504: 'did not answer in its own time',
};

/** The error that an answer without what was asked for means. The API server's own words decide, and are never repeated. */
export function fromAnswer(answer: ApiAnswer, step: Step, scene: Scene): LatchkeyError {
  const meaning = MEANINGS[answer.status];
  switch (meaning) {
    case 'redirected':
      return redirected(answer, scene);
    case 'throttled':
      return transient('PROVIDER_THROTTLED', `${serverOf(scene)} limits the rate of requests`, answer, 'Wait');
    case 'unknown':
      return rejected(scene); // also from proxies in front, which answer in forms of their own
    case 'forbidden':
      if (!isStatus(answer)) return notKubernetes(answer.status, scene);
      if (isAnonymous(answer)) return rejected(scene);
      return step.kind === 'review' ? notTold(scene) : forbidden(step, scene);
    case 'absent':
      return step.kind === 'get' && isAbsent(answer, step.name)
        ? absent(step.name, scene)
        : notKubernetes(answer.status, scene);
    case undefined:
    default:
      return unavailable(answer, scene);
  }
}

/** Who may read no Secret at all. */
export function mayReadNothing(scene: Scene): LatchkeyError {
  const { namespace, principal } = scene;
  const message = `${serverOf(scene)} lets ${principal.title} read no Secret in namespace "${namespace}"`;
  return new LatchkeyError('ACCESS_DENIED', message, { hint: roleFor('read-secrets', '--verb=get', scene) });
}

/** Who may not even ask what it may do. */
function notTold(scene: Scene): LatchkeyError {
  const message = `${serverOf(scene)} does not let ${scene.principal.title} ask for its own rules`;
  return new LatchkeyError('ACCESS_DENIED', message, { hint: 'Bind system:basic-user to it' });
}

function rejected(scene: Scene): LatchkeyError {
  const { title, check } = scene.principal;
  return new LatchkeyError('IDENTITY_REJECTED', `${serverOf(scene)} does not accept ${title}`, {
    hint: `Check ${check}`,
  });
}

function forbidden(step: Exclude<Step, { readonly kind: 'review' }>, scene: Scene): LatchkeyError {
  const { namespace, principal } = scene;
  const [what, hint] =
    step.kind === 'get'
      ? [`get secrets "${step.name}"`, roleFor(`read-${step.name}`, `--verb=get --resource-name=${step.name}`, scene)]
      : ['list secrets', roleFor('find-secrets', '--verb=get,list', scene)];
  const message = `${serverOf(scene)} does not let ${principal.title} ${what} in namespace "${namespace}"`;
  return new LatchkeyError('ACCESS_DENIED', message, { hint });
}

/** The Role and its binding as commands: what people can run, or write down as manifests. */
function roleFor(role: string, rule: string, { namespace, principal }: Scene): string {
  const commands = [
    `kubectl create role ${role} -n ${namespace} ${rule} --resource=secrets`,
    `kubectl create rolebinding ${role} -n ${namespace} --role=${role} ${principal.subject}`,
  ];
  return `Run in ${principal.bindIn}: ${commands.join('; ')}`;
}

function absent(name: string, scene: Scene): LatchkeyError {
  const { namespace } = scene;
  return new LatchkeyError(
    'SECRET_NOT_FOUND',
    `${serverOf(scene)} has no Secret "${name}" in namespace "${namespace}"`,
    { hint: 'Create it, or correct the key or spec.provider.kubernetes.remoteNamespace' },
  );
}

function redirected(answer: ApiAnswer, scene: Scene): LatchkeyError {
  const message = `${serverOf(scene)} answered with a redirect (${answer.status}), and Latchkey follows none`;
  const hint = 'Set spec.provider.kubernetes.server.url to the API server itself';
  return transient('PROVIDER_UNAVAILABLE', message, answer, hint);
}

function unavailable(answer: ApiAnswer, scene: Scene): LatchkeyError {
  const trouble = TROUBLES[answer.status] ?? `answered ${answer.status}`;
  return transient('PROVIDER_UNAVAILABLE', `${serverOf(scene)} ${trouble}`, answer, "Look at that cluster's state");
}

function transient(code: ErrorCode, message: string, { retryAfterMs }: ApiAnswer, hint: string): LatchkeyError {
  return new LatchkeyError(code, message, { hint, retryAfterMs });
}

function isStatus({ body }: ApiAnswer): boolean {
  return body?.['kind'] === 'Status';
}

/** An API server takes a client certificate that it does not trust for no certificate at all. */
function isAnonymous({ body }: ApiAnswer): boolean {
  const message = body?.['message'];
  return typeof message === 'string' && message.includes('User "system:anonymous"');
}

/** A 404 of the Secret itself; a path or an API that is not there says something else. */
function isAbsent(answer: ApiAnswer, name: string): boolean {
  const details = answer.body?.['details'];
  return (
    isStatus(answer) &&
    answer.body?.['reason'] === 'NotFound' &&
    isMapping(details) &&
    details['kind'] === 'secrets' &&
    details['name'] === name
  );
}
