import type { Fields } from '../../fields.ts';
import { audienceProblem } from '../endpoints.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';
import { isPlainSegment, splitMount } from './paths.ts';
import { readRequiredSelector, readSelector } from '../selector.ts';

/** Where a login gets its JWT: a token of the identity for an audience, or one that lies in a Secret. */
export type JwtSource =
  | {
      readonly from: 'identity';
      readonly audience: string;
      readonly serviceAccount?: { readonly name: string; readonly namespace?: string };
    }
  | { readonly from: 'secret'; readonly secret: SecretKeySelector };

export type AuthMethod =
  | { readonly method: 'none' }
  | { readonly method: 'token'; readonly token: SecretKeySelector }
  | {
      readonly method: 'appRole';
      readonly mount: readonly string[];
      readonly roleId: string | SecretKeySelector;
      readonly secretId: SecretKeySelector;
    }
  | {
      readonly method: 'kubernetes' | 'jwt';
      readonly mount: readonly string[];
      /** Empty: the mount's default role (jwt only). */
      readonly role: string;
      readonly jwt: JwtSource;
    };

export type AuthSettings = AuthMethod & { readonly namespace: string };

const METHODS = ['tokenSecretRef', 'appRole', 'kubernetes', 'jwt'] as const;
const NOT_YET = ['ldap', 'userPass', 'cert', 'iam', 'gcp'] as const;

/** Reads `auth`. Absent means no login at all: a Vault proxy in front adds the token. */
export function readAuth(block: Fields, storeNamespace: string, limits: ProviderLimits): AuthSettings {
  const auth = block.object('auth');
  if (auth === undefined) return { method: 'none', namespace: storeNamespace };

  const namespace = splitMount(auth.optionalText('namespace') ?? storeNamespace).join('/');
  const unsupported = NOT_YET.filter((name) => auth.has(name));
  for (const name of unsupported) auth.problem(name, `is not supported yet; use one of ${METHODS.join(', ')}`);

  const [method, ...others] = METHODS.filter((name) => auth.has(name));
  if (method === undefined) {
    if (unsupported.length === 0) auth.problem('', `must name one of ${METHODS.join(', ')}`);
    return { method: 'none', namespace };
  }
  if (others.length > 0) auth.problem('', `must name one method, not ${[method, ...others].join(' and ')}`);
  for (const other of others) readMethod(other, auth, limits); // its mistakes are worth naming too
  return { ...readMethod(method, auth, limits), namespace };
}

function readMethod(name: (typeof METHODS)[number], auth: Fields, limits: ProviderLimits): AuthMethod {
  const fields = auth.object(name);
  if (fields === undefined) return { method: 'none' };
  switch (name) {
    case 'tokenSecretRef':
      return { method: 'token', token: readSelector(fields) };
    case 'appRole':
      return {
        method: 'appRole',
        mount: readMount(fields, 'path', 'approle'),
        roleId: readRoleId(fields),
        secretId: readRequiredSelector(fields, 'secretRef'),
      };
    case 'kubernetes':
      return {
        method: 'kubernetes',
        mount: readMount(fields, 'mountPath', 'kubernetes'),
        role: fields.text('role', { example: 'api' }),
        jwt: readJwtSource(fields, fields.object('serviceAccountRef'), [], limits, 'token'),
      };
    case 'jwt': {
      const token = fields.object('kubernetesServiceAccountToken');
      token?.integer('expirationSeconds', { min: 600 });
      return {
        method: 'jwt',
        mount: readMount(fields, 'path', 'jwt'),
        role: fields.optionalText('role', { example: 'api' }) ?? '',
        jwt: readJwtSource(fields, token?.object('serviceAccountRef'), token?.texts('audiences') ?? [], limits),
      };
    }
  }
}

function readMount(fields: Fields, name: string, usual: string): readonly string[] {
  const segments = splitMount(fields.optionalText(name, { example: usual }) ?? usual);
  if (segments.length === 0 || !segments.every(isPlainSegment))
    fields.problem(name, `must be a mount such as "${usual}"`);
  if (segments.length > 1 && segments[0] === 'auth')
    fields.problem(name, 'must be the mount without "auth/" before it');
  return segments;
}

function readRoleId(fields: Fields): string | SecretKeySelector {
  const roleId = fields.optionalText('roleId');
  if (roleId !== undefined) return roleId;
  const roleRef = fields.object('roleRef');
  if (roleRef === undefined) fields.problem('roleId', 'is required, here or by roleRef');
  return roleRef === undefined ? '' : readSelector(roleRef);
}

/** `secretRef`, else a token of the ServiceAccount that is named, else of the Pod's own. */
function readJwtSource(
  fields: Fields,
  serviceAccountRef: Fields | undefined,
  audiences: readonly string[],
  limits: ProviderLimits,
  usualKey?: string,
): JwtSource {
  const secretRef = fields.object('secretRef');
  if (secretRef !== undefined) {
    if (serviceAccountRef !== undefined) fields.problem('secretRef', 'must not stand beside a ServiceAccount');
    return { from: 'secret', secret: readSelector(secretRef, usualKey === undefined ? {} : { key: usualKey }) };
  }

  const asked = [...audiences, ...(serviceAccountRef?.texts('audiences') ?? [])];
  for (const audience of asked) {
    const problem = audienceProblem('vault', audience, limits.audiences);
    if (problem !== undefined) fields.problem('', problem);
  }
  const audience = asked[0] ?? limits.audiences[0];
  if (audience === undefined)
    fields.problem('', "needs an audience, and the operator's list identity.audiences.vault is empty");

  const source = { from: 'identity', audience: audience ?? '' } as const;
  if (serviceAccountRef === undefined) return source;
  const namespace = serviceAccountRef.optionalText('namespace');
  const name = serviceAccountRef.text('name', { example: 'api' });
  return { ...source, serviceAccount: namespace === undefined ? { name } : { name, namespace } };
}
