import type { Fields } from '../../fields.ts';
import type { ProviderLimits, SecretKeySelector } from '../provider.ts';
import { endpointProblem } from '../endpoints.ts';
import { type AuthSettings, readAuth } from './auth-settings.ts';
import { type CaSource, readCaSource } from '../certificates.ts';
import { isPlainSegment, type KvVersion, splitMount } from './paths.ts';
import { readSelector } from '../selector.ts';

/** A store's `spec.provider.vault`, read and checked. */
export interface VaultSettings {
  /** Without a slash at its end. */
  readonly server: string;
  /** Host and port, for messages. */
  readonly host: string;
  readonly mount: readonly string[];
  readonly version: KvVersion;
  readonly namespace: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly ca: CaSource;
  readonly clientCertificate: { readonly cert: SecretKeySelector; readonly key: SecretKeySelector } | undefined;
  readonly auth: AuthSettings;
}

// What identifies the caller or frames the request is ours to send.
const RESERVED_HEADER =
  /^(authorization|proxy-authorization|connection|content-length|content-type|cookie|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|x-vault-(namespace|token|request|wrap-ttl))$/i;
const HEADER_NAME = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;
const HEADER_VALUE = /^[\t\u0020-\u007e]*$/;

export function readSettings(block: Fields, limits: ProviderLimits): VaultSettings {
  const server = readServer(block, limits);
  const namespace = splitMount(block.optionalText('namespace', { example: 'admin/team' }) ?? '').join('/');
  const ca = readCaSource(block);
  const clientCertificate = readClientCertificate(block);
  // Accepted because stores carry them: they order reads after writes, and Latchkey never writes.
  block.boolean('readYourWrites', false);
  block.boolean('forwardInconsistent', false);
  return {
    server: server?.href.replace(/\/+$/, '') ?? '',
    host: server?.host ?? '',
    mount: readMount(block),
    version: block.oneOf('version', ['v1', 'v2'], 'v2'),
    namespace,
    headers: readHeaders(block),
    ca,
    clientCertificate,
    auth: readAuth(block, namespace, limits),
  };
}

function readServer(block: Fields, limits: ProviderLimits): URL | undefined {
  const text = block.text('server', { example: 'https://vault.example.com:8200' });
  if (text === '') return undefined;
  const server = URL.parse(text);
  if (server === null || !/^https?:$/.test(server.protocol)) {
    block.problem('server', 'must be an http or https URL such as "https://vault.example.com:8200"');
    return undefined;
  }
  if (server.username !== '' || server.password !== '' || server.search !== '' || server.hash !== '') {
    block.problem('server', 'must be an address alone, without user, query or fragment');
    return undefined;
  }
  const problem = endpointProblem('vault', server.hostname, limits.endpoints);
  if (problem !== undefined) block.problem('server', problem);
  return server;
}

/** The mount; a `/data` at its end, as people copy it from an API path, is dropped. */
function readMount(block: Fields): readonly string[] {
  const segments = splitMount(block.optionalText('path', { example: 'secret' }) ?? '');
  if (!segments.every(isPlainSegment)) block.problem('path', 'must be the mount of a KV engine, such as "secret"');
  return segments.length > 1 && segments.at(-1) === 'data' ? segments.slice(0, -1) : segments;
}

function readHeaders(block: Fields): Readonly<Record<string, string>> {
  const headers = block.textMap('headers');
  for (const [name, value] of Object.entries(headers)) {
    if (RESERVED_HEADER.test(name)) block.problem(`headers.${name}`, 'must not be set by a store');
    else if (!HEADER_NAME.test(name)) block.problem('headers', 'must have header names such as "X-Team"');
    else if (!HEADER_VALUE.test(value)) block.problem(`headers.${name}`, 'must be one line of ASCII text');
  }
  return headers;
}

function readClientCertificate(block: Fields): VaultSettings['clientCertificate'] {
  const tls = block.object('tls');
  const cert = tls?.object('certSecretRef');
  const key = tls?.object('keySecretRef');
  if (tls !== undefined && (cert === undefined) !== (key === undefined)) {
    tls.problem('', 'needs both certSecretRef and keySecretRef');
  }
  if (cert === undefined || key === undefined) return undefined;
  return { cert: readSelector(cert, { key: 'tls.crt' }), key: readSelector(key, { key: 'tls.key' }) };
}
