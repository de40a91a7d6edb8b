import type { AwsAnswer, AwsPlace } from './loopback-aws.ts';
import { listed, named, text } from './loopback-aws-input.ts';

/** One secret; the last version is current, the one before is AWSPREVIOUS. */
export interface AwsSecret {
  readonly versions: readonly AwsSecretVersion[];
  readonly tags?: Readonly<Record<string, string>>;
  readonly state?: 'deleted' | 'undecryptable';
}

export interface AwsSecretVersion {
  /** At least 32 characters. */
  readonly id: string;
  readonly value: string | Uint8Array;
  readonly stages?: readonly string[];
}

const MAX_BATCH = 20;
const CREATED = 1_767_323_045.678;
const MISSING: AwsAnswer = refuse('ResourceNotFoundException', "Secrets Manager can't find the specified secret.");
const DELETED: AwsAnswer = refuse(
  'InvalidRequestException',
  "You can't perform this operation on the secret because it was marked for deletion.",
);
const UNDECRYPTABLE: AwsAnswer = refuse('AccessDeniedException', 'Access to KMS is not allowed');

/** Answers as the Secrets Manager API is described, from contents in memory. */
export function createAwsSecrets(secrets: ReadonlyMap<string, AwsSecret>, place: AwsPlace) {
  const operations: Readonly<Record<string, (input: unknown) => AwsAnswer>> = {
    GetSecretValue: (input) => getValue(text(input, 'SecretId'), input),
    BatchGetSecretValue: getBatch,
    DescribeSecret: describe,
    ListSecrets: list,
  };
  return (operation: string, input: unknown): AwsAnswer => {
    const answer = operations[operation];
    if (answer === undefined) throw new Error(`secretsmanager.${operation} is not known`);
    return answer(input);
  };

  function getValue(id: string, input: unknown): AwsAnswer {
    const [name, secret] = find(id) ?? [];
    if (name === undefined || secret === undefined) return MISSING;
    if (secret.state === 'deleted') return DELETED;
    if (secret.state === 'undecryptable') return UNDECRYPTABLE;
    const [wantedId, wantedStage] = [named(input, 'VersionId'), named(input, 'VersionStage')];
    if (wantedId !== undefined && wantedId.length < 32) {
      return refuse(
        'ValidationException',
        "Value at 'versionId' failed to satisfy constraint: Member must have length greater than or equal to 32",
      );
    }
    const version = secret.versions.find((candidate, index) => {
      const isStaged = stagesOf(secret, index).includes(wantedStage ?? 'AWSCURRENT');
      return wantedId === undefined ? isStaged : candidate.id === wantedId;
    });
    if (version === undefined) {
      const what = wantedId === undefined ? `staging label: ${wantedStage ?? 'AWSCURRENT'}` : `VersionId: ${wantedId}`;
      return refuse('ResourceNotFoundException', `Secrets Manager can't find the specified secret value for ${what}`);
    }
    return { status: 200, body: entryOf(name, secret, version) };
  }

  /** Its errors stand beside the values, with status 200. */
  function getBatch(input: unknown): AwsAnswer {
    const ids = listed(input, 'SecretIdList');
    if (ids.length === 0 || ids.length > MAX_BATCH) {
      return refuse('InvalidParameterException', 'SecretIdList must hold 1 to 20 ids');
    }
    const answers = ids.map((id) => [id, getValue(id, {})] as const);
    return {
      status: 200,
      body: {
        SecretValues: answers.flatMap(([, { status, body }]) => (status === 200 ? [body] : [])),
        Errors: answers.flatMap(([SecretId, { status, body }]) =>
          status === 200 ? [] : [{ SecretId, ErrorCode: named(body, '__type'), Message: named(body, 'Message') }],
        ),
      },
    };
  }

  function describe(input: unknown): AwsAnswer {
    const [name, secret] = find(text(input, 'SecretId')) ?? [];
    if (name === undefined || secret === undefined) return MISSING;
    return { status: 200, body: { ARN: arnOf(name), Name: name, Tags: tagsOf(secret) } };
  }

  /** Filters compare beginnings; pages hold two, so that paging is tried. */
  function list(input: unknown): AwsAnswer {
    const filters = filtersOf(input);
    const found = [...secrets].filter(([name, secret]) => {
      const tags = Object.entries(secret.tags ?? {});
      const texts = { name: [name], 'tag-key': tags.map(([key]) => key), 'tag-value': tags.map(([, value]) => value) };
      return (
        secret.state !== 'deleted' &&
        filters.every(({ key, values }) => {
          if (!(key in texts)) throw new Error(`the filter ${key} is not known`);
          return values.some((value) =>
            texts[key as keyof typeof texts].some((candidate) => candidate.startsWith(value)),
          );
        })
      );
    });
    const start = Number(named(input, 'NextToken') ?? 0);
    const page = found
      .slice(start, start + 2)
      .map(([name, secret]) => ({ ARN: arnOf(name), Name: name, Tags: tagsOf(secret) }));
    return {
      status: 200,
      body: { SecretList: page, ...(start + 2 < found.length && { NextToken: String(start + 2) }) },
    };
  }

  function find(id: string): readonly [string, AwsSecret] | undefined {
    return [...secrets].find(([name]) => name === id || arnOf(name) === id || arnOf(name).slice(0, -7) === id);
  }

  function entryOf(name: string, secret: AwsSecret, version: AwsSecretVersion) {
    const { id, value } = version;
    return {
      ARN: arnOf(name),
      Name: name,
      VersionId: id,
      VersionStages: stagesOf(secret, secret.versions.indexOf(version)),
      CreatedDate: CREATED,
      ...(typeof value === 'string'
        ? { SecretString: value }
        : { SecretBinary: Buffer.from(value).toString('base64') }),
    };
  }

  function arnOf(name: string): string {
    return `arn:${place.partition}:secretsmanager:${place.region}:${place.account}:secret:${name}-AbCdEf`;
  }
}

function stagesOf({ versions }: AwsSecret, index: number): readonly string[] {
  const usual =
    ({ 1: ['AWSCURRENT'], 2: ['AWSPREVIOUS'] } as Record<number, readonly string[]>)[versions.length - index] ?? [];
  return [...usual, ...(versions[index]?.stages ?? [])];
}

function tagsOf({ tags = {} }: AwsSecret) {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

function filtersOf(input: unknown): readonly { readonly key: string; readonly values: readonly string[] }[] {
  return listed(input, 'Filters', true).map((filter) => ({
    key: text(filter, 'Key'),
    values: listed(filter, 'Values'),
  }));
}

function refuse(type: string, Message: string): AwsAnswer {
  return { status: 400, body: { __type: type, Message } };
}
