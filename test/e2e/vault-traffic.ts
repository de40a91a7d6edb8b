import { readFile } from 'node:fs/promises';
import type { Vault } from '../plane/vault.ts';

/** One call that OpenBao answered, out of its audit log. */
export interface VaultCall {
  readonly kind: 'login' | 'read' | 'other';
  readonly path: string;
  readonly atMs: number;
  /** The accessor of the token, as the log hashes it: each replica has a login of its own. */
  readonly session: string;
  /** Who logged in: `namespace/name`. */
  readonly serviceAccount: string;
}

interface AuditLine {
  readonly type: 'request' | 'response';
  readonly time: string;
  readonly error?: string;
  readonly request: { readonly path: string };
  readonly auth?: { readonly accessor?: string; readonly metadata?: Readonly<Record<string, string>> };
}

const LOGIN = 'auth/kubernetes/login';

/** Every answered call with a role of `auth/kubernetes`, logins included. A login that failed has no role: it fails here. */
export async function callsOfRole({ auditLogPath }: Vault, role: string, sinceMs = 0): Promise<readonly VaultCall[]> {
  const calls: VaultCall[] = [];
  for (const text of (await readFile(auditLogPath, 'utf8')).split('\n')) {
    if (!text.includes('"type":"response"')) continue;
    const { time, error, request, auth } = JSON.parse(text) as AuditLine;
    const atMs = Date.parse(time);
    if (atMs < sinceMs) continue;
    if (request.path === LOGIN && error !== undefined) throw new Error(`a login failed: ${error}`);
    if (auth?.metadata?.['role'] !== role) continue;
    const { service_account_namespace: namespace, service_account_name: name } = auth.metadata;
    const serviceAccount = `${namespace}/${name}`;
    calls.push({
      kind: kindOf(request.path),
      path: request.path,
      atMs,
      session: auth.accessor ?? '',
      serviceAccount,
    });
  }
  return calls;
}

/** The calls of each login. */
export function sessionsOf(calls: readonly VaultCall[]): readonly (readonly VaultCall[])[] {
  return [...Map.groupBy(calls, ({ session }) => session).values()];
}

/** How many tokens of a role are alive. */
export async function liveTokens(vault: Vault, role: string): Promise<number> {
  const { body } = await vault.api<{ data?: { keys: readonly string[] } }>('GET', 'auth/token/accessors?list=true');
  const looked = await Promise.all(
    (body.data?.keys ?? []).map((accessor) =>
      vault.api<{ data?: { meta?: Readonly<Record<string, string>> | null } }>('POST', 'auth/token/lookup-accessor', {
        body: { accessor },
      }),
    ),
  );
  return looked.filter(({ body: token }) => token.data?.meta?.['role'] === role).length;
}

function kindOf(path: string): VaultCall['kind'] {
  if (path === LOGIN) return 'login';
  return path.startsWith('secret/data/') ? 'read' : 'other';
}
