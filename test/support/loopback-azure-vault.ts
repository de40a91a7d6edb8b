import type { ProviderAnswer, ProviderRequest } from './provider-server.ts';
import { LEAK_MARKER } from './test-identity.ts';

export interface AzureVersion {
  /** 32 hexadecimal digits. */
  readonly id: string;
  /** A secret's text, a certificate's DER in base64, or a key's JWK without `kid`. */
  readonly value: string | Readonly<Record<string, unknown>>;
  readonly isDisabled?: boolean;
}

export interface AzureObject {
  /** The newest last. */
  readonly versions: readonly AzureVersion[];
  readonly tags?: Readonly<Record<string, string>>;
}

export type Collection = 'secrets' | 'keys' | 'certificates';

/** A role assignment, or an access policy; names only where the vault uses roles. */
export interface AzureGrant {
  readonly clientId: string;
  readonly permission: `${Collection}/${'get' | 'list'}`;
  /** Absent: every object. */
  readonly name?: string;
}

export interface AzureVault {
  readonly model?: 'rbac' | 'policy';
  readonly objects: Readonly<Partial<Record<Collection, Readonly<Record<string, AzureObject>>>>>;
  readonly grants: readonly AzureGrant[];
  /** Whom the firewall keeps out: everybody. */
  readonly isClosed?: boolean;
}

/** Who asks, and what the vault calls itself. */
export interface VaultCaller {
  /** Undefined: no token, or none that is worth something. */
  readonly clientId: string | undefined;
  readonly url: string;
  readonly tenantId: string;
}

const API_VERSIONS = ['7.4', '7.5', '7.6', '2025-07-01', '2026-04-01'];
const ABSENT = { secrets: 'SecretNotFound', keys: 'KeyNotFound', certificates: 'CertificateNotFound' } as const;
const PAGE_SIZE = 25;

/** Key Vault's data plane: objects of one vault, as its REST API describes them. */
export function askVault(vault: AzureVault, caller: VaultCaller, request: ProviderRequest): ProviderAnswer {
  if (request.method !== 'GET') throw new Error(`${request.method} ${request.path}`);
  if (!API_VERSIONS.includes(request.query.get('api-version') ?? '')) return refuse(400, 'BadParameter');
  const [, collection, name = '', version = '', ...rest] = request.path.split('/');
  if (!isCollection(collection) || rest.length > 0) throw new Error(`${request.path} is not known`);

  if (caller.clientId === undefined) {
    const challenge = `Bearer authorization="https://login.microsoftonline.com/${caller.tenantId}", resource="https://vault.azure.net"`;
    return { ...refuse(401, 'Unauthorized'), headers: { 'WWW-Authenticate': challenge } };
  }
  if (vault.isClosed === true) return refuse(403, 'Forbidden', 'ForbiddenByFirewall');
  if (!/^[0-9A-Za-z-]{0,127}$/.test(name)) return refuse(400, 'BadParameter');
  if (!mayRead(vault, caller.clientId, `${collection}/${name === '' ? 'list' : 'get'}`, name)) {
    return refuse(403, 'Forbidden', vault.model === 'policy' ? 'ForbiddenByPolicy' : 'ForbiddenByRbac');
  }
  const objects = vault.objects[collection] ?? {};
  return name === '' ? list(objects, collection, caller, request) : get(objects, collection, name, version, caller);
}

function mayRead({ grants, model }: AzureVault, clientId: string, permission: string, name: string): boolean {
  return grants.some(
    (grant) =>
      grant.clientId === clientId &&
      grant.permission === permission &&
      (grant.name === undefined || (model !== 'policy' && grant.name === name)),
  );
}

function get(
  objects: Readonly<Record<string, AzureObject>>,
  collection: Collection,
  name: string,
  version: string,
  { url }: VaultCaller,
): ProviderAnswer {
  // Names are compared without regard to case.
  const object = Object.entries(objects).find(([candidate]) => candidate.toLowerCase() === name.toLowerCase())?.[1];
  const found = version === '' ? object?.versions.at(-1) : object?.versions.find(({ id }) => id === version);
  if (object === undefined || found === undefined) return refuse(404, ABSENT[collection]);
  // The public part of keys and certificates stays readable.
  if (found.isDisabled === true && collection === 'secrets') return refuse(403, 'Forbidden', 'SecretDisabled');
  const id = `${url}/${collection}/${name}/${found.id}`;
  const common = { attributes: attributesOf(found), ...(object.tags !== undefined && { tags: object.tags }) };
  if (collection === 'secrets') return { status: 200, body: { value: found.value, id, ...common } };
  if (collection === 'keys') return { status: 200, body: { key: { kid: id, ...Object(found.value) }, ...common } };
  return { status: 200, body: { id, cer: found.value, x5t: 'x', kid: id.replace('certificates', 'keys'), ...common } };
}

function list(
  objects: Readonly<Record<string, AzureObject>>,
  collection: Collection,
  { url }: VaultCaller,
  { query }: ProviderRequest,
): ProviderAnswer {
  const size = Number(query.get('maxresults') ?? PAGE_SIZE);
  if (!(size >= 1 && size <= PAGE_SIZE)) return refuse(400, 'BadParameter');
  const start = Number(query.get('$skiptoken') ?? 0);
  const all = Object.entries(objects);
  const value = all.slice(start, start + size).map(([name, { versions, tags }]) => ({
    id: `${url}/${collection}/${name}`,
    attributes: attributesOf(versions.at(-1)),
    ...(tags !== undefined && { tags }),
  }));
  const next = `${url}/${collection}?api-version=${query.get('api-version')}&$skiptoken=${start + size}&maxresults=${size}`;
  return { status: 200, body: { value, nextLink: start + size < all.length ? next : null } };
}

function attributesOf(version: AzureVersion | undefined) {
  const recoveryLevel = 'Recoverable+Purgeable';
  return { enabled: version?.isDisabled !== true, created: 1_767_323_045, updated: 1_767_323_045, recoveryLevel };
}

function isCollection(text: string | undefined): text is Collection {
  return text === 'secrets' || text === 'keys' || text === 'certificates';
}

/** As Key Vault answers; its message quotes the caller, whom no message of ours may quote from there. */
function refuse(status: number, code: string, inner?: string): ProviderAnswer {
  return {
    status,
    body: { error: { code, message: LEAK_MARKER, ...(inner !== undefined && { innererror: { code: inner } }) } },
  };
}
