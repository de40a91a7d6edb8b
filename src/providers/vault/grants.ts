import { shellCommand, shellWord } from '../../shell-word.ts';
import type { Grant, GrantReader } from '../grant.ts';
import type { RemoteRef, ServiceAccountFacts } from '../provider.ts';
import type { AuthMethod } from './auth-settings.ts';
import { readerOf } from './login.ts';
import { dataPath, metadataPath, namedSecretPath, splitMount } from './paths.ts';
import { inNamespace } from './scene.ts';
import type { VaultSettings } from './settings.ts';

type RoleAuth = AuthMethod & { readonly method: 'kubernetes' | 'jwt' };

/** A policy with each path that is read, and the role through which the ServiceAccount gets it. */
export function vaultGrants(
  settings: VaultSettings,
  refs: readonly RemoteRef[],
  { serviceAccount }: GrantReader,
): readonly Grant[] {
  const { auth } = settings;
  const policy = policyGrant(settings, refs);
  if (serviceAccount === undefined || (auth.method !== 'kubernetes' && auth.method !== 'jwt')) return [policy];
  return [roleGrant(settings, auth, serviceAccount), policy];
}

function policyGrant(settings: VaultSettings, refs: readonly RemoteRef[]): Grant {
  const { auth } = settings;
  const paths = new Set(refs.map((ref) => policyPath(ref, settings)));
  const rules = [...paths].toSorted().map((path) => `path ${quote(path)} {\n  capabilities = ["read"]\n}\n`);
  const wide = [...paths].some(isWide);
  return {
    purpose: 'read',
    title: `policy "${policyName(auth)}"${inNamespace(auth.namespace)}, which reads what is referred to`,
    principal: principalOf(settings),
    language: 'hcl',
    text: rules.join('\n'),
    ...(wide && { note: 'a policy cannot name "+", "{{" or a "*" at the end literally: these paths match others, too' }),
  };
}

function roleGrant(settings: VaultSettings, auth: RoleAuth, { namespace, name }: ServiceAccountFacts): Grant {
  const audience = auth.jwt.from === 'identity' ? auth.jwt.audience : '';
  const subject =
    auth.method === 'kubernetes'
      ? [
          `bound_service_account_names=${name}`,
          `bound_service_account_namespaces=${namespace}`,
          `audience=${audience}`,
        ]
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
  const who = auth.method === 'none' ? 'the token that the proxy in front of Vault adds' : readerOf(auth).reader;
  // Other readers name their mount, or the Secret that the token lies in.
  const mount =
    (auth.method === 'kubernetes' || auth.method === 'jwt') && auth.role !== '' ? ` of ${mountOf(auth)}` : '';
  return `${who}${mount}${inNamespace(auth.namespace)} at ${host}`;
}

function mountOf({ mount }: RoleAuth): string {
  return `auth/${mount.join('/')}`;
}

function roleName({ role }: RoleAuth): string {
  return role === '' ? 'DEFAULT_ROLE' : role;
}

/** Follows from method and role, so that stores of one role mean one policy. */
function policyName(auth: AuthMethod): string {
  if (auth.method === 'none' || auth.method === 'token') return 'latchkey';
  const parts = auth.method === 'appRole' ? auth.mount : [...auth.mount, roleName(auth)];
  return `latchkey-${parts.join('-')}`.toLowerCase(); // Vault keeps names of policies in lower case
}

/** As the namespace of the login sees it, where policies stand. */
function policyPath({ key, metadata }: RemoteRef, settings: VaultSettings): string {
  const secret = namedSecretPath(key, settings);
  const path = (metadata === true ? metadataPath : dataPath)(secret, settings.version);
  return [...namespaceBelow(settings), ...path].map(policySegment).join('/');
}

function namespaceBelow({ namespace, auth }: VaultSettings): readonly string[] {
  const [inside, outside] = [splitMount(namespace), splitMount(auth.namespace)];
  return outside.every((segment, index) => inside[index] === segment) ? inside.slice(outside.length) : [];
}

/** `{{…}}` would be filled in with what Vault knows of the caller. */
function policySegment(segment: string): string {
  return segment.includes('{{') ? '+' : segment;
}

function isWide(path: string): boolean {
  return path.endsWith('*') || path.split('/').includes('+');
}

/** A string of HCL, in which `${` begins an expression. */
function quote(path: string): string {
  return JSON.stringify(path).replaceAll('${', String.raw`\u0024{`);
}
