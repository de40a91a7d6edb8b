import type { PlaneResponse } from '../plane/request-json.ts';
import type { Stage } from './stage.ts';

/** A login of Vault that is no Pod's: what a store with credentials of its own uses. */
export interface AppRole {
  readonly roleId: string;
  readonly secretId: string;
}

/** Makes an AppRole `name` whose tokens may read `secret/<name>/*`. */
export async function createAppRole({ vault }: Stage, name: string): Promise<AppRole> {
  const role = `auth/approle/role/${name}`;
  const { body: mounts } = await succeed(vault.api<Record<string, unknown>>('GET', 'sys/auth'));
  if (mounts['approle/'] === undefined)
    await succeed(vault.api('POST', 'sys/auth/approle', { body: { type: 'approle' } }));
  const policy = `path "secret/data/${name}/*" { capabilities = ["read"] }`;
  await succeed(vault.api('POST', `sys/policies/acl/${name}`, { body: { policy } }));
  await succeed(vault.api('POST', role, { body: { token_policies: [name], token_ttl: '10m' } }));
  // One after the other: OpenBao refuses a write that meets another transaction of the same role.
  const id = await succeed(vault.api<{ data: { role_id: string } }>('GET', `${role}/role-id`));
  const secret = await succeed(vault.api<{ data: { secret_id: string } }>('POST', `${role}/secret-id`, { body: {} }));
  return { roleId: id.body.data.role_id, secretId: secret.body.data.secret_id };
}

async function succeed<Body>(call: Promise<PlaneResponse<Body>>): Promise<PlaneResponse<Body>> {
  const answer = await call;
  if (answer.status >= 300) throw new Error(`OpenBao answered ${answer.status}: ${answer.text}`);
  return answer;
}
