import {
  GetParameterCommand,
  GetParametersCommand,
  type GetParametersResult,
  ListTagsForResourceCommand,
  type Parameter,
  SSMClient,
} from '@aws-sdk/client-ssm';
import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, Fetched, Outcome, RemoteRef, SecretsClient } from '../provider.ts';
import { type Access, ask, resourceArn } from './access.ts';
import { clientConfig } from './client-config.ts';
import { fromFailure } from './errors.ts';
import { itemFailure } from './failure.ts';
import { findParameters } from './find-parameters.ts';
import { outcomeOf } from './outcome.ts';
import type { AccessStep } from './scene.ts';
import { tagsToJson } from './tags.ts';
import type { Quota } from './token-bucket.ts';

/** A parameter, and which of its versions. */
interface Named {
  readonly name: string;
  readonly version?: string | undefined;
}

const MAX_BATCH = 10;
/** AWS counts GetParameter, GetParameters and GetParametersByPath together, 40 a second unless the account pays for more. */
const READ: Quota = { name: 'ssm:GetParameter', perSecond: 40 };
const TAGS: Quota = { name: 'ssm:ListTagsForResource', perSecond: 10 };
// One malformed name would fail a whole batch; it gets a call, and an error, of its own. So do ARNs and names with a
// selector in them: they may mean a parameter that stands in the batch under another name.
const PLAIN_NAME = /^[\w./-]{1,1011}$/;

/** Reads the Parameter Store of AWS Systems Manager with one session. */
export function createParameterStore(access: Access): SecretsClient {
  const { settings, session, requestHandler, scene } = access;
  const { region, endpoints, prefix } = settings;
  const client = new SSMClient({
    ...clientConfig({ region, endpoint: endpoints.service, requestHandler }),
    credentials: session.credentials,
  });

  async function readValue(named: Named, call: Call): Promise<Fetched> {
    const command = new GetParameterCommand({ Name: selectorOf(named), WithDecryption: true });
    const send = () => client.send(command, { abortSignal: call.signal });
    const { Parameter: parameter } = await ask(access, { step: readStep(named), quota: READ, call, send });
    return toFetched(parameter, named, access);
  }

  async function readTags(name: string, call: Call): Promise<Fetched> {
    const step: AccessStep = {
      ...readStep({ name }),
      does: `read the tags of "${name}"`,
      action: 'ssm:ListTagsForResource',
    };
    const command = new ListTagsForResourceCommand({ ResourceType: 'Parameter', ResourceId: name });
    const send = () => client.send(command, { abortSignal: call.signal });
    const { TagList } = await ask(access, { step, quota: TAGS, call, send });
    if (TagList === undefined) throw unusable(name, access);
    return { value: tagsToJson(TagList) };
  }

  async function readBatch(asked: readonly Named[], call: Call): Promise<readonly Outcome<Fetched>[]> {
    // Answers are told apart by name: two versions of one parameter are read alone, lest one passes for the other.
    const together = asked.filter(({ name }) => asked.filter((other) => other.name === name).length === 1);
    const answer = together.length === 0 ? {} : await getParameters(together, call);
    const { Parameters = [], InvalidParameters = [] } = answer;

    return Promise.all(
      asked.map(async (named): Promise<Outcome<Fetched>> => {
        const isTogether = together.includes(named);
        const parameter = isTogether ? Parameters.find((candidate) => isNamed(candidate, named)) : undefined;
        if (parameter !== undefined) return outcomeOf(async () => toFetched(parameter, named, access));
        const error = isTogether && InvalidParameters.includes(selectorOf(named)) ? absent(named) : undefined;
        // Else AWS names the parameter otherwise than we do.
        return error === undefined ? outcomeOf(() => readValue(named, call)) : { ok: false, error };
      }),
    );
  }

  function getParameters(asked: readonly Named[], call: Call): Promise<GetParametersResult> {
    const step: AccessStep = {
      kind: 'access',
      does: `read ${asked.length} parameters in one call`,
      action: 'ssm:GetParameters',
      resource: 'each of them',
    };
    const command = new GetParametersCommand({ Names: asked.map(selectorOf), WithDecryption: true });
    return ask(access, { step, quota: READ, call, send: () => client.send(command, { abortSignal: call.signal }) });
  }

  function absent(named: Named): LatchkeyError | undefined {
    const code = named.version === undefined ? 'ParameterNotFound' : 'ParameterVersionNotFound';
    return fromFailure(itemFailure(code, ''), readStep(named), scene);
  }

  function readStep({ name, version }: Named): AccessStep {
    const resource = resourceArn(name, access, 'ssm');
    return { kind: 'access', does: `read "${name}"`, action: 'ssm:GetParameter', resource, key: name, version };
  }

  return {
    expiresAt: session.expiresAt,
    read({ key, version, metadata }, call) {
      const name = prefix + key;
      return metadata === true ? readTags(name, call) : readValue({ name, version }, call);
    },
    batch: {
      max: MAX_BATCH,
      accepts: ({ key, metadata }: RemoteRef) => metadata !== true && PLAIN_NAME.test(prefix + key),
      read: (refs, call) => readBatch(refs.map(namedOf), call),
    },
    find: (query, call) =>
      findParameters(query, call, {
        access,
        client,
        quota: READ,
        maxBatch: MAX_BATCH,
        readBatch: (names) =>
          readBatch(
            names.map((name) => ({ name })),
            call,
          ),
        readOne: (name) => readValue({ name }, call),
      }),
    async close() {
      client.destroy();
    },
  };

  function namedOf({ key, version }: RemoteRef): Named {
    return { name: prefix + key, version };
  }
}

/** A version's number or label stands behind a colon. */
function selectorOf({ name, version }: Named): string {
  return version === undefined ? name : `${name}:${version}`;
}

/** By name, and of the version that was asked for where it has a number. */
function isNamed({ Name, Version }: Parameter, { name, version = '' }: Named): boolean {
  return Name === name && (!/^\d+$/.test(version) || String(Version) === version);
}

function toFetched(parameter: Parameter | undefined, { name }: Named, access: Access): Fetched {
  if (parameter?.Value === undefined) throw unusable(name, access);
  const { Value, Version } = parameter;
  return { value: SecretValue.fromText(Value), ...(Version !== undefined && { version: String(Version) }) };
}

/** An answer without what belongs to it did not come from AWS. */
function unusable(name: string, { scene }: Access): LatchkeyError {
  return new LatchkeyError('PROVIDER_UNAVAILABLE', `the answer of ${scene.host} for "${name}" holds no parameter`, {
    hint: 'Check what answers there: a proxy, a private endpoint, another service',
  });
}
