import { crc32c } from '../../src/providers/gcpsm/crc32c.ts';
import { apiError, errorInfo } from './loopback-gcp-tokens.ts';
import type { ProviderAnswer, ProviderRequest } from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

export interface GoogleProject {
  readonly number: string;
  /** By name; those of a location as `LOCATION/NAME`. */
  readonly secrets: ReadonlyMap<string, GoogleSecret>;
  readonly grants: readonly Grant[];
  /** The API is off. */
  readonly isDisabled?: boolean;
}

export interface GoogleSecret {
  /** Oldest first; numbers run from 1. */
  readonly versions: readonly GoogleVersion[];
  readonly aliases?: Readonly<Record<string, number>>;
  readonly labels?: Readonly<Record<string, string>>;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface GoogleVersion {
  readonly data: string | Uint8Array;
  readonly state?: 'DISABLED' | 'DESTROYED';
  /** What the answer says instead of the true checksum. */
  readonly checksum?: number;
}

export interface Grant {
  readonly member: string;
  /** One secret as it is named in `secrets`, or `*`. */
  readonly secret: string;
  readonly permissions: readonly Permission[];
}

export type Permission =
  | 'secretmanager.versions.access'
  | 'secretmanager.versions.list'
  | 'secretmanager.secrets.get'
  | 'secretmanager.secrets.list';

export const READ: readonly Permission[] = ['secretmanager.versions.access', 'secretmanager.secrets.get'];
const PATH =
  /^projects\/([^/]+)(?:\/locations\/([^/]+))?\/secrets(?:\/([^/:]+)(?:\/versions(?:\/([^/:]+))?)?)?(:access)?$/;
const UNAUTHENTICATED = 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie';

interface Asked {
  readonly project: GoogleProject;
  readonly parent: string;
  /** As it stands in `secrets`; a location's folder with nothing behind it for a list. */
  readonly key: string;
  readonly name: string;
  readonly query: URLSearchParams;
}

/** Secret Manager's REST API, the reading part. `path` is below `/v1/`. */
export function askSecretManager(
  projects: Readonly<Record<string, GoogleProject>>,
  members: readonly string[] | undefined,
  path: string,
  { method, query }: ProviderRequest,
): ProviderAnswer {
  const [, projectId, location, secret, version, access] = PATH.exec(path) ?? [];
  if (method !== 'GET' || projectId === undefined) throw new Error(`${method} ${path}`);
  if (members === undefined) return apiError(401, 'UNAUTHENTICATED', UNAUTHENTICATED);
  const project = projects[projectId];
  if (project === undefined || project.isDisabled === true) return refusedProject(projectId, project);

  const folder = location === undefined ? '' : `${location}/`;
  const parent = `projects/${project.number}${location === undefined ? '' : `/locations/${location}`}/secrets`;
  const asked: Asked = { project, parent, key: `${folder}${secret ?? ''}`, name: `${parent}/${secret}`, query };
  if (access !== undefined && version !== undefined)
    return allowed('secretmanager.versions.access', () => read(asked, version));
  if (secret === undefined) return allowed('secretmanager.secrets.list', () => list(asked, folder));
  if (path.endsWith('/versions')) return allowed('secretmanager.versions.list', () => listVersions(asked));
  if (version !== undefined) throw new Error(`${path} without :access`);
  return allowed('secretmanager.secrets.get', () => describe(asked));

  function allowed(permission: Permission, answer: () => ProviderAnswer): ProviderAnswer {
    const isGranted = asked.project.grants.some(
      (grant) =>
        (members ?? []).includes(grant.member) &&
        grant.permissions.includes(permission) &&
        (grant.secret === '*' || grant.secret === asked.key),
    );
    if (isGranted) return answer();
    const message = `Permission '${permission}' denied for resource '${path}' (or it may not exist). ${LEAK_MARKER}`;
    const info = errorInfo('IAM_PERMISSION_DENIED', 'iam.googleapis.com', { permission });
    return apiError(403, 'PERMISSION_DENIED', message, [info]);
  }
}

function refusedProject(id: string, project: GoogleProject | undefined): ProviderAnswer {
  const reason = project === undefined ? 'CONSUMER_INVALID' : 'SERVICE_DISABLED';
  const metadata = { service: 'secretmanager.googleapis.com', consumer: `projects/${id}` };
  const info = errorInfo(reason, 'googleapis.com', metadata);
  return apiError(403, 'PERMISSION_DENIED', `Secret Manager API has not been used in project ${id}`, [info]);
}

function read({ project, key, name }: Asked, asked: string): ProviderAnswer {
  const secret = project.secrets.get(key);
  if (secret === undefined || secret.versions.length === 0) {
    return apiError(404, 'NOT_FOUND', `Secret [${name}] not found or has no versions.`);
  }
  const number = asked === 'latest' ? secret.versions.length : (secret.aliases?.[asked] ?? Number(asked));
  const version = secret.versions[number - 1];
  if (version === undefined) return apiError(404, 'NOT_FOUND', `Secret Version [${name}/versions/${asked}] not found.`);
  if (version.state !== undefined) {
    const message = `Secret Version [${name}/versions/${number}] is in ${version.state} state.`;
    return apiError(400, 'FAILED_PRECONDITION', message);
  }
  const data = Buffer.from(version.data);
  const dataCrc32c = String(version.checksum ?? crc32c(data));
  const payload = { data: data.toString('base64'), dataCrc32c };
  return { status: 200, body: { name: `${name}/versions/${number}`, payload } };
}

function describe({ project, key, name }: Asked): ProviderAnswer {
  const secret = project.secrets.get(key);
  if (secret === undefined) return apiError(404, 'NOT_FOUND', `Secret [${name}] not found.`);
  return { status: 200, body: toSecret(name, secret) };
}

function list({ project, parent, query }: Asked, folder: string): ProviderAnswer {
  const terms = (query.get('filter') ?? '').split(' ').filter((term) => term !== '');
  const found = [...project.secrets]
    .filter(([key]) => key.startsWith(folder) && !key.slice(folder.length).includes('/'))
    .map(([key, secret]) => toSecret(`${parent}/${key.slice(folder.length)}`, secret))
    .filter((secret) => terms.every((term) => matches(term, secret)));
  return page('secrets', found, query);
}

function listVersions({ project, key, name, query }: Asked): ProviderAnswer {
  const versions = project.secrets.get(key)?.versions ?? [];
  const found = versions
    .map(({ state = 'ENABLED' }, index) => ({ name: `${name}/versions/${index + 1}`, state }))
    .filter(({ state }) => query.get('filter') === null || query.get('filter') === `state:${state}`)
    .toReversed();
  return page('versions', found, query);
}

function page(field: string, items: readonly object[], query: URLSearchParams): ProviderAnswer {
  const size = Number(query.get('pageSize') ?? 100);
  if (!(size > 0)) throw new Error('a list without a page size');
  const from = Number(query.get('pageToken') ?? 0);
  const next = from + size < items.length ? { nextPageToken: String(from + size) } : {};
  return { status: 200, body: { [field]: items.slice(from, from + size), totalSize: items.length, ...next } };
}

function matches(term: string, { name, labels = {} }: ReturnType<typeof toSecret>): boolean {
  const [, key, value] = /^labels\.([^=]+)=(.*)$/.exec(term) ?? [];
  if (key !== undefined) return labels[key] === value;
  const [, text] = /^name:(.+)$/.exec(term) ?? [];
  if (text === undefined) throw new Error(`the filter term ${term}`);
  return name.includes(text);
}

/** Empty maps are left out, as in all of Google's JSON. */
function toSecret(name: string, { labels, annotations }: GoogleSecret) {
  return {
    name,
    replication: { automatic: {} },
    createTime: '2026-01-02T03:04:05.678901Z',
    etag: '"16214584d1479c"',
    ...(labels !== undefined && { labels }),
    ...(annotations !== undefined && { annotations }),
  };
}
