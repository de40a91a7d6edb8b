import {
  BatchGetSecretValueCommand,
  DescribeSecretCommand,
  GetSecretValueCommand,
  SecretsManagerClient,
} from '@aws-sdk/client-secrets-manager';
import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, Fetched, Outcome, RemoteRef, SecretsClient } from '../provider.ts';
import { type Access, ask, resourceArn } from './access.ts';
import { clientConfig } from './client-config.ts';
import { fromFailure } from './errors.ts';
import { itemFailure } from './failure.ts';
import { findSecrets } from './find-secrets.ts';
import { outcomeOf } from './outcome.ts';
import type { AccessStep } from './scene.ts';
import { tagsToJson } from './tags.ts';
import type { Quota } from './token-bucket.ts';

/** One remote secret as the API hands it out. */
interface SecretEntry {
  readonly ARN?: string | undefined;
  readonly Name?: string | undefined;
  readonly VersionId?: string | undefined;
  readonly SecretString?: string | undefined;
  readonly SecretBinary?: Uint8Array | undefined;
}

const MAX_BATCH = 20;
/** AWS counts GetSecretValue and DescribeSecret together. */
const SINGLE: Quota = { name: 'secretsmanager:GetSecretValue', perSecond: 10_000 };
const BATCH: Quota = { name: 'secretsmanager:BatchGetSecretValue', perSecond: 100 };
// One malformed id would fail a whole batch; it gets a call, and an error, of its own.
const SECRET_ID = /^[\w/+=.@:!-]{1,512}$/;

/** Reads AWS Secrets Manager with one session. */
export function createSecretsManager(access: Access): SecretsClient {
  const { settings, session, requestHandler, scene } = access;
  const { region, endpoints, prefix } = settings;
  const client = new SecretsManagerClient({
    ...clientConfig({ region, endpoint: endpoints.service, requestHandler }),
    credentials: session.credentials,
  });

  async function readValue(id: string, version: string | undefined, call: Call): Promise<Fetched> {
    const step = readStep(id, version);
    const command = new GetSecretValueCommand({ SecretId: id, ...versionOf(version) });
    const send = () => client.send(command, { abortSignal: call.signal });
    return toFetched(await ask(access, { step, quota: SINGLE, call, send }), id, access);
  }

  async function readTags(id: string, call: Call): Promise<Fetched> {
    const resource = resourceArn(id, access, 'secretsmanager');
    const step: AccessStep = {
      kind: 'access',
      does: `read the tags of "${id}"`,
      action: 'secretsmanager:DescribeSecret',
      resource,
      key: id,
    };
    const command = new DescribeSecretCommand({ SecretId: id });
    const send = () => client.send(command, { abortSignal: call.signal });
    const { Name, Tags } = await ask(access, { step, quota: SINGLE, call, send });
    if (Name === undefined) throw unusable(id, access);
    return { value: tagsToJson(Tags) };
  }

  async function readBatch(ids: readonly string[], call: Call): Promise<readonly Outcome<Fetched>[]> {
    const step: AccessStep = {
      kind: 'access',
      does: `read ${ids.length} secrets in one call`,
      action: 'secretsmanager:BatchGetSecretValue',
      resource: '*',
    };
    const command = new BatchGetSecretValueCommand({ SecretIdList: [...ids] });
    const send = () => client.send(command, { abortSignal: call.signal });
    const { SecretValues = [], Errors = [] } = await ask(access, { step, quota: BATCH, call, send });

    return Promise.all(
      ids.map(async (id): Promise<Outcome<Fetched>> => {
        const entry = SecretValues.find((candidate) => isNamed(candidate, id));
        if (entry !== undefined) return outcomeOf(async () => toFetched(entry, id, access));
        const said = Errors.find(({ SecretId }) => SecretId === id);
        const failure = said && itemFailure(said.ErrorCode ?? '', said.Message ?? '');
        const error = failure && fromFailure(failure, readStep(id, undefined), scene);
        // Neither here nor there: the answer was cut, or names the secret otherwise than we do.
        return error === undefined ? outcomeOf(() => readValue(id, undefined, call)) : { ok: false, error };
      }),
    );
  }

  function readStep(id: string, version: string | undefined): AccessStep {
    const resource = resourceArn(id, access, 'secretsmanager');
    return {
      kind: 'access',
      does: `read "${id}"`,
      action: 'secretsmanager:GetSecretValue',
      resource,
      key: id,
      version,
    };
  }

  return {
    expiresAt: session.expiresAt,
    read({ key, version, metadata }, call) {
      const id = prefix + key;
      return metadata === true ? readTags(id, call) : readValue(id, version, call);
    },
    batch: {
      max: MAX_BATCH,
      accepts: ({ key, version, metadata }: RemoteRef) =>
        version === undefined && metadata !== true && SECRET_ID.test(prefix + key),
      read: (refs, call) =>
        readBatch(
          refs.map(({ key }) => prefix + key),
          call,
        ),
    },
    find: (query, call) =>
      findSecrets(query, call, {
        access,
        client,
        maxBatch: MAX_BATCH,
        readBatch: (names) => readBatch(names, call),
        readOne: (name) => readValue(name, undefined, call),
      }),
    async close() {
      client.destroy();
    },
  };
}

/** `uuid/ID` is a version id; anything else a staging label, of which every secret has AWSCURRENT. */
function versionOf(version: string | undefined): { VersionId?: string; VersionStage?: string } {
  if (version === undefined) return {};
  return version.startsWith('uuid/') ? { VersionId: version.slice('uuid/'.length) } : { VersionStage: version };
}

/** By name, ARN, or an ARN without the six characters that AWS adds. */
function isNamed({ Name, ARN }: SecretEntry, id: string): boolean {
  return Name === id || ARN === id || (id.startsWith('arn:') && ARN?.slice(0, -'-AbCdEf'.length) === id);
}

function toFetched({ SecretString, SecretBinary, VersionId }: SecretEntry, id: string, access: Access): Fetched {
  const value =
    SecretString === undefined ? SecretBinary && new SecretValue(SecretBinary) : SecretValue.fromText(SecretString);
  if (value === undefined) throw unusable(id, access);
  return { value, ...(VersionId !== undefined && { version: `uuid/${VersionId}` }) };
}

/** An answer without what belongs to it did not come from AWS. */
function unusable(id: string, { scene }: Access): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `the answer of ${scene.host} for "${id}" holds no secret`, {
    hint: 'Check what answers there: a proxy, a private endpoint, another service',
  });
}
