import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, Fetched, RemoteRef, SecretsClient } from '../provider.ts';
import { wrongVersion } from './absence.ts';
import { dataOf, integerOf } from './answer.ts';
import { fromAnswer } from './errors.ts';
import { findSecrets } from './find.ts';
import type { HttpAnswer } from './http.ts';
import { isJsonObject, JsonNumber, toGoJson } from '../json.ts';
import type { Session } from './login.ts';
import { dataPath, type MountSettings, metadataPath, namedSecretPath, type SecretPath } from './paths.ts';
import { notVault, type PathStep, type Scene } from './scene.ts';
import { toMap } from './to-map.ts';
import type { VaultCaller, VaultTransport } from './transport.ts';

export interface VaultReader extends MountSettings {
  readonly session: Session;
  readonly transport: VaultTransport;
  readonly scene: Scene;
  /** The namespace the session's token was made in; it is looked up and revoked there. */
  readonly authNamespace: string;
}

const REVOKE_MS = 2000;
// The metadata that External Secrets adds to what people wrote themselves.
const SYSTEM_METADATA = ['created_time', 'current_version', 'delete_version_after'] as const;

/** Reads KV secrets with one session, until it is closed. */
export function createClient(reader: VaultReader): SecretsClient {
  const { session, transport, scene, authNamespace, version: kv } = reader;
  const send = transport.as(session.token, scene.namespace);
  let closing: Promise<void> | undefined;

  async function read(ref: RemoteRef, call: Call): Promise<Fetched> {
    const secret = namedSecretPath(ref.key, reader);
    return ref.metadata === true ? { value: toValue(await readMetadata(secret, call)) } : readValue(secret, ref, call);
  }

  async function readValue(secret: SecretPath, ref: RemoteRef, call: Call): Promise<Fetched> {
    const version = kv === 'v2' ? checkedVersion(ref) : undefined;
    const path = dataPath(secret, kv);
    const answer = await send({ method: 'GET', path, ...(version !== undefined && { query: { version } }) }, call);
    const data = dataOf(answer);
    const step: PathStep = { kind: 'read', path: path.join('/'), secret, version };
    if (data === undefined) throw unread(answer, step, scene);
    if (kv === 'v1') return { value: toValue(data) };

    const { data: value, metadata } = data;
    if (isJsonObject(value)) {
      const number = isJsonObject(metadata) ? integerOf(metadata['version']) : undefined;
      return { value: toValue(value), ...(number !== undefined && { version: number }) };
    }
    // A deleted version keeps its metadata; without any, this is an engine of version 1 with a secret at data/….
    throw isJsonObject(metadata)
      ? fromAnswer({ ...answer, status: 404 }, step, scene)
      : wrongVersion(secret, 'v1', scene);
  }

  async function readMetadata(secret: SecretPath, call: Call): Promise<Readonly<Record<string, string>>> {
    if (kv === 'v1') {
      throw new LatchkeyError('REF_INVALID', 'a KV engine of version 1 keeps no metadata', {
        hint: 'Leave out metadataPolicy: Fetch',
      });
    }
    const path = metadataPath(secret, kv);
    const answer = await send({ method: 'GET', path }, call);
    const data = dataOf(answer);
    if (data === undefined) throw unread(answer, { kind: 'read', path: path.join('/'), secret }, scene);
    const { custom_metadata: custom, ...system } = data;
    return {
      ...asTexts(system, SYSTEM_METADATA),
      ...(isJsonObject(custom) && asTexts(custom, Object.keys(custom))),
    };
  }

  async function release(): Promise<void> {
    if (session.revocable) await revoke(transport.as(session.token, authNamespace));
    await transport.close();
  }

  return {
    expiresAt: session.expiresAt,
    read,
    find: (query, call) => findSecrets(query, call, { ...reader, send, readMetadata, read }),
    toMap,
    async validate(call) {
      const path = ['auth', 'token', 'lookup-self'];
      const answer = await transport.as(session.token, authNamespace)({ method: 'GET', path }, call);
      if (dataOf(answer) === undefined) {
        throw answer.status === 200
          ? notVault(answer, scene)
          : fromAnswer(answer, { kind: 'validate', namespace: authNamespace }, scene);
      }
    },
    close() {
      closing ??= release();
      return closing;
    },
  };
}

/** Best effort: what could not be revoked ends with its lease. */
async function revoke(send: VaultCaller): Promise<void> {
  const signal = AbortSignal.timeout(REVOKE_MS);
  await send({ method: 'POST', path: ['auth', 'token', 'revoke-self'] }, { signal }).catch(() => undefined);
}

function checkedVersion({ version }: RemoteRef): string | undefined {
  if (version === undefined || /^[1-9]\d{0,8}$/.test(version)) return version;
  throw new LatchkeyError('REF_INVALID', `"${version}" is no version of a KV secret`, {
    hint: 'Write a whole number from 1, or leave the version out for the latest',
  });
}

/** A 200 without the data that belongs to it did not come from Vault. */
function unread(answer: HttpAnswer, step: PathStep, scene: Scene): LatchkeyError {
  return answer.status === 200 ? notVault(answer, scene) : fromAnswer(answer, step, scene);
}

function toValue(data: Readonly<Record<string, unknown>>): SecretValue {
  return SecretValue.fromText(toGoJson(data));
}

function asTexts(values: Readonly<Record<string, unknown>>, names: readonly string[]): Record<string, string> {
  const present = names.filter((name) => values[name] !== undefined && values[name] !== null);
  return Object.fromEntries(present.map((name) => [name, asText(values[name])]));
}

function asText(value: unknown): string {
  if (value instanceof JsonNumber) return value.literal;
  return typeof value === 'string' ? value : toGoJson(value);
}
