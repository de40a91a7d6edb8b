import {
  type ProviderAnswer,
  type ProviderRequest,
  type ProviderServer,
  type ProviderServerSettings,
  startProviderServer,
} from './provider-server.ts';

/** A secret's versions as JSON text, the oldest first. */
export type KeeperSecrets = Readonly<Record<string, readonly string[]>>;

export interface KeeperContents {
  readonly secrets: KeeperSecrets;
  /** `user:password`; absent: everybody may read. */
  readonly user?: string;
  /** Keys that the user may not read. */
  readonly locked?: readonly string[];
}

/**
 * A small service as people put behind a webhook store. It knows one path, `/v1/secrets/KEY?version=N`, and anything else
 * is an error of the test.
 */
export function startLoopbackKeeper(
  { secrets, user, locked = [] }: KeeperContents,
  settings?: ProviderServerSettings,
): Promise<ProviderServer> {
  return startProviderServer(handle, settings);

  function handle({ method, path, query, headers }: ProviderRequest): ProviderAnswer {
    const key = /^\/v1\/secrets\/(.+)$/.exec(path)?.[1];
    if (method !== 'GET' || key === undefined) throw new Error(`${method} ${path}`);
    if (user !== undefined && headers['authorization'] !== `Basic ${btoa(user)}`) return refuse(401, 'who are you?');
    if (locked.includes(key)) return refuse(403, `${key} is not for you`);
    const versions = secrets[key] ?? [];
    const asked = query.get('version') ?? '';
    const json = versions[asked === '' ? versions.length - 1 : Number(asked) - 1];
    return json === undefined ? refuse(404, `no ${key}`) : answer(200, `{"ok":true,"data":${json}}`);
  }
}

function refuse(status: number, error: string): ProviderAnswer {
  return answer(status, JSON.stringify({ ok: false, error }));
}

/** Text, so that numbers keep their form. */
function answer(status: number, body: string): ProviderAnswer {
  return { status, headers: { 'Content-Type': 'application/json' }, body };
}
