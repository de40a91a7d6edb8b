import type { ProviderAnswer } from './provider-server.ts';

/** One KV engine; names are paths inside it. Values are JSON text, so that numbers keep their form. */
export interface KvEngine {
  readonly version: 1 | 2;
  /** Version 2 keeps all in order; version 1 uses the first alone. */
  readonly secrets: ReadonlyMap<string, KvSecret>;
}

export interface KvSecret {
  readonly versions: readonly KvRevision[];
  readonly metadata?: Readonly<Record<string, string>>;
}

export interface KvRevision {
  readonly json: string;
  readonly state?: 'deleted' | 'destroyed';
}

const NOTHING: ProviderAnswer = { status: 404, body: { errors: [] } };
const CREATED = '2026-01-02T03:04:05.678901Z';
const DELETED = '2026-02-03T04:05:06.789012Z';

/** Answers as OpenBao 2.7.2 does, which was asked the same. `path` is below the mount. */
export function askKv({ version, secrets }: KvEngine, path: string, query: URLSearchParams): ProviderAnswer {
  if (version === 1) {
    if (query.get('list') === 'true') return list(secrets, path);
    const json = secrets.get(path)?.versions[0]?.json;
    return json === undefined ? NOTHING : envelope(json, 2_764_800);
  }
  const [engine = '', ...rest] = path.split('/');
  const name = rest.join('/');
  if (engine === 'data') return readRevision(secrets.get(name), query.get('version'));
  if (engine === 'metadata')
    return query.get('list') === 'true' ? list(secrets, name) : readMetadata(secrets.get(name));
  const warning =
    'Invalid path for a versioned K/V secrets engine. See the API docs for the appropriate API endpoints.';
  return { status: 404, body: { request_id: 'r', data: null, warnings: [warning] } };
}

function readRevision(secret: KvSecret | undefined, asked: string | null): ProviderAnswer {
  const number = asked === null ? (secret?.versions.length ?? 0) : Number(asked);
  if (!Number.isInteger(number)) return { status: 400, body: { errors: ['Field validation failed'] } };
  const revision = secret?.versions[number - 1];
  if (secret === undefined || revision === undefined) return NOTHING;

  const { json, state } = revision;
  const metadata = JSON.stringify({
    created_time: CREATED,
    custom_metadata: secret.metadata ?? null,
    deletion_time: state === undefined ? '' : DELETED,
    destroyed: state === 'destroyed',
    version: number,
  });
  const answer = envelope(`{"data":${state === undefined ? json : 'null'},"metadata":${metadata}}`);
  return state === undefined ? answer : { ...answer, status: 404 };
}

function readMetadata(secret: KvSecret | undefined): ProviderAnswer {
  if (secret === undefined) return NOTHING;
  return envelope(
    JSON.stringify({
      cas_required: false,
      created_time: CREATED,
      current_version: secret.versions.length,
      custom_metadata: secret.metadata ?? null,
      delete_version_after: '0s',
      versions: {},
    }),
  );
}

function list(secrets: KvEngine['secrets'], folder: string): ProviderAnswer {
  if (folder !== '' && !folder.endsWith('/')) throw new Error(`LIST of "${folder}" without a slash at its end`);
  const below = [...secrets.keys()].filter((name) => name.startsWith(folder)).map((name) => name.slice(folder.length));
  const keys = [...new Set(below.map((name) => name.replace(/\/.*$/, '/')))].sort();
  return keys.length === 0 ? NOTHING : envelope(JSON.stringify({ keys }));
}

/** Built as text: JSON.stringify would round what the secret holds. */
function envelope(data: string, lease = 0): ProviderAnswer {
  const body = `{"request_id":"r","lease_id":"","renewable":false,"lease_duration":${lease},"data":${data},"warnings":null,"auth":null}`;
  return { status: 200, headers: { 'Content-Type': 'application/json' }, body };
}
