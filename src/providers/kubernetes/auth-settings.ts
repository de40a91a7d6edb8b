import type { Fields } from '../../fields.ts';
import { audienceProblem } from '../endpoints.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';
import { readRequiredSelector, readSelector } from '../selector.ts';

/** With what a cluster is asked. A kubeconfig also says which cluster. */
export type AuthSettings =
  | {
      readonly method: 'identity';
      readonly audience: string;
      /** Absent: the Pod's own. */
      readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
    }
  | { readonly method: 'token'; readonly token: SecretKeySelector }
  | { readonly method: 'certificate'; readonly cert: SecretKeySelector; readonly key: SecretKeySelector }
  | { readonly method: 'kubeconfig'; readonly kubeconfig: SecretKeySelector };

const METHODS = ['cert', 'token', 'serviceAccount'] as const;

/** Reads `auth` or `authRef`. Neither means the Pod's own ServiceAccount. */
export function readAuth(block: Fields, limits: ProviderLimits): AuthSettings {
  const auth = block.object('auth');
  const authRef = block.object('authRef');
  if (authRef !== undefined) {
    if (auth !== undefined) block.problem('authRef', 'must not stand beside auth');
    return { method: 'kubeconfig', kubeconfig: readSelector(authRef) };
  }
  if (auth === undefined) return readIdentity(block, undefined, limits);

  const [method, ...others] = METHODS.filter((name) => auth.has(name));
  if (method === undefined) {
    auth.problem('', `must name one of ${METHODS.join(', ')}`);
    return readIdentity(block, undefined, limits);
  }
  if (others.length > 0) auth.problem('', `must name one method, not ${[method, ...others].join(' and ')}`);
  for (const other of others) readMethod(other, auth, limits); // its mistakes are worth naming too
  return readMethod(method, auth, limits);
}

function readMethod(name: (typeof METHODS)[number], auth: Fields, limits: ProviderLimits): AuthSettings {
  const fields = auth.object(name) ?? auth;
  switch (name) {
    case 'cert':
      return {
        method: 'certificate',
        cert: readRequiredSelector(fields, 'clientCert'),
        key: readRequiredSelector(fields, 'clientKey'),
      };
    case 'token':
      return { method: 'token', token: readRequiredSelector(fields, 'bearerToken') };
    case 'serviceAccount':
      return readIdentity(auth, fields, limits);
  }
}

function readIdentity(parent: Fields, account: Fields | undefined, limits: ProviderLimits): AuthSettings {
  const asked = account?.texts('audiences') ?? [];
  for (const audience of asked) {
    const problem = audienceProblem('kubernetes', audience, limits.audiences);
    if (problem !== undefined) account?.problem('audiences', problem);
  }
  const audience = asked[0] ?? limits.audiences[0];
  if (audience === undefined) {
    const list = "the operator's list identity.audiences.kubernetes is empty";
    (account ?? parent).problem('', `needs an audience that the other cluster accepts, and ${list}`);
  }

  const identity = { method: 'identity', audience: audience ?? '' } as const;
  if (account === undefined) return identity;
  const namespace = account.optionalText('namespace');
  const name = account.text('name', { example: 'api' });
  return { ...identity, serviceAccount: namespace === undefined ? { name } : { name, namespace } };
}
