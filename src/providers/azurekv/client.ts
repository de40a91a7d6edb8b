import { isMapping } from '../../fields.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, Fetched, RemoteRef, SecretsClient } from '../provider.ts';
import { findSecrets } from './find.ts';
import type { KeyVault } from './key-vault.ts';
import { type ObjectName, parseObjectName } from './object-name.ts';
import { notAzure } from './trouble.ts';

export interface AzurekvReader {
  readonly vault: KeyVault;
  readonly host: string;
  readonly expiresAt: Date;
}

/** In the order in which External Secrets writes them: what is public of a key, and nothing that Key Vault may add. */
const JWK_MEMBERS = ['kid', 'kty', 'key_ops', 'n', 'e', 'crv', 'x', 'y'] as const;

/** Reads objects of one vault with one session. There is nothing to close: Entra's tokens end by themselves. */
export function createClient({ vault, host, expiresAt }: AzurekvReader): SecretsClient {
  async function read(ref: RemoteRef, { signal }: Call): Promise<Fetched> {
    const object = parseObjectName(ref);
    if (object.kind !== 'secret') return readBundle(object, ref, signal);
    const { value, version, tags } = await vault.secret(object.name, object.version, signal);
    return fetched(ref.metadata === true ? tagsJson(tags) : Buffer.from(value), version);
  }

  /** A key as its public JWK, a certificate as its DER bytes. */
  async function readBundle(object: ObjectName, { metadata }: RemoteRef, signal: AbortSignal): Promise<Fetched> {
    const bundle = await vault.bundle(object, signal);
    const { key, cer, id, tags } = bundle;
    const kid = isMapping(key) ? key['kid'] : undefined;
    const version = versionOf(object.kind === 'key' ? kid : id);
    if (metadata === true) return fetched(tagsJson(isMapping(tags) ? tags : {}), version);
    if (object.kind === 'key' && isMapping(key)) return fetched(jwkJson(key), version);
    if (object.kind === 'certificate' && typeof cer === 'string') return fetched(Buffer.from(cer, 'base64'), version);
    throw notAzure({ host, status: 200 });
  }

  return { expiresAt, read, find: (query, call) => findSecrets(query, vault, call) };
}

function fetched(bytes: Uint8Array, version: string | undefined): Fetched {
  return { value: new SecretValue(bytes), ...(version !== undefined && { version }) };
}

/** As Go's encoding/json writes a map: names in byte order, `<`, `>` and `&` escaped. */
function tagsJson(tags: Readonly<Record<string, unknown>>): Uint8Array {
  const sorted = Object.entries(tags).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  const members = sorted.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`);
  return goJson(`{${members.join(',')}}`);
}

function jwkJson(key: Readonly<Record<string, unknown>>): Uint8Array {
  const present = JWK_MEMBERS.filter((name) => key[name] !== undefined);
  return goJson(JSON.stringify(Object.fromEntries(present.map((name) => [name, key[name]]))));
}

function goJson(json: string): Uint8Array {
  const escaped = json.replaceAll(
    /[<>&\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return Buffer.from(escaped);
}

/** The last part of an identifier: `https://payments.vault.azure.net/keys/signing/78deebed…`. */
function versionOf(id: unknown): string | undefined {
  return typeof id === 'string' ? /\/[a-z]+\/[^/]+\/([^/]+)$/.exec(id)?.[1] : undefined;
}
