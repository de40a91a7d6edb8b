import { shellCommand, shellWord } from '../../shell-word.ts';
import type { Grant, GrantReader } from '../grant.ts';
import type { Asked, ServiceAccountFacts } from '../provider.ts';
import { describeSelector } from '../selector.ts';
import type { AuthMethod } from './auth-settings.ts';
import { policyRules } from './policy-rules.ts';
import { inNamespace } from './scene.ts';
import type { VaultSettings } from './settings.ts';

type RoleAuth = AuthMethod & { readonly method: 'kubernetes' | 'jwt' };

/** A policy with each path that is read, and the role through which the ServiceAccount gets it. */
export function vaultGrants(settings: VaultSettings, asked: Asked, { serviceAccount }: GrantReader): readonly Grant[] {
  const { auth } = settings;
  const policy = policyGrant(settings, asked);
  if (serviceAccount === undefined || (auth.method !== 'kubernetes' && auth.method !== 'jwt')) return [policy];
  return [roleGrant(settings, auth, serviceAccount), policy];
}

function policyGrant(settings: VaultSettings, asked: Asked): Grant {
  const { auth } = settings;
  const sorted = [...policyRules(asked, settings)].toSorted(([left], [right]) => (left < right ? -1 : 1));
  const rules = sorted.map(([path, capabilities]) => {
    const allowed = [...capabilities].toSorted().map((capability) => `"${capability}"`);
    return `path ${quote(path)} {\n  capabilities = [${allowed.join(', ')}]\n}\n`;
  });
  return {
    purpose: 'read',
    title: `policy "${policyName(auth)}"${inNamespace(auth.namespace)}, which reads what is referred to`,
    principal: principalOf(settings),
    language: 'hcl',
    text: rules.join('\n'),
  };
}

function roleGrant(settings: VaultSettings, auth: RoleAuth, { namespace, name }: ServiceAccountFacts): Grant {
  const audience = auth.jwt.from === 'identity' ? auth.jwt.audience : '';
  const subject =
    auth.method === 'kubernetes'
      ? [`bound_service_account_names=${name}`, `bound_service_account_namespaces=${namespace}`, `audience=${audience}`]
      : [
          'role_type=jwt',
          'user_claim=sub',
          `bound_audiences=${audience}`,
          `bound_subject=system:serviceaccount:${namespace}:${name}`,
        ];
  const flag = settings.auth.namespace === '' ? '' : `${shellWord(`-namespace=${settings.auth.namespace}`)} `;
  const path = shellWord(`auth/${auth.mount.join('/')}/role/${roleName(auth)}`);
  return {
    purpose: 'login',
    title: `role that lets ServiceAccount ${namespace}/${name} in`,
    principal: principalOf(settings),
    language: 'sh',
    text: shellCommand(
      `vault write ${flag}${path}`,
      ...[...subject, `token_policies=${policyName(auth)}`, 'token_ttl=20m'].map(shellWord),
    ),
    note: 'this writes the whole role: keep what else it must have',
  };
}

function principalOf({ auth, host }: VaultSettings): string {
  return `${whoIs(auth)}${inNamespace(auth.namespace)} at ${host}`;
}

function whoIs(auth: AuthMethod): string {
  switch (auth.method) {
    case 'none':
      return 'the token that a proxy in front of Vault adds';
    case 'token':
      return `the token in ${describeSelector(auth.token)}`;
    case 'appRole':
      return `the AppRole of auth/${auth.mount.join('/')} with the secret id in ${describeSelector(auth.secretId)}`;
    case 'kubernetes':
    case 'jwt':
      return `role "${roleName(auth)}" of auth/${auth.mount.join('/')}`;
  }
}

function roleName({ role }: RoleAuth): string {
  return role === '' ? 'DEFAULT_ROLE' : role;
}

/** Follows from method and role, so that stores of one role mean one policy. */
function policyName(auth: AuthMethod): string {
  return ['latchkey', ...nameParts(auth)].join('-').toLowerCase(); // as Vault keeps names of policies
}

function nameParts(auth: AuthMethod): readonly string[] {
  switch (auth.method) {
    case 'none':
      return [];
    case 'token':
      return [auth.token.name];
    case 'appRole':
      return [...auth.mount, auth.secretId.name];
    case 'kubernetes':
    case 'jwt':
      return [...auth.mount, roleName(auth)];
  }
}

/** A string of HCL, in which `${` begins an expression. */
function quote(path: string): string {
  return JSON.stringify(path).replaceAll('${', String.raw`\u0024{`);
}
