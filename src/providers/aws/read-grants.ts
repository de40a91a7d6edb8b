import { LatchkeyError } from '../../errors.ts';
import type { Grant } from '../grant.ts';
import type { Asked, RemoteRef } from '../provider.ts';
import { resourceArn } from './access.ts';
import { findStatements } from './find-statements.ts';
import { policyText, type Statement } from './policy-text.ts';
import type { Principal } from './scene.ts';
import type { AwsSettings, Service } from './settings.ts';

interface Actions {
  readonly resource: 'secretsmanager' | 'ssm';
  readonly read: string;
  readonly tags: string;
  readonly batch: string;
  /** What the batch call can be allowed on: each item, or nothing smaller than all. */
  readonly batchOn: 'each' | 'all';
  /** As the client decides it. */
  readonly isBatched: (name: string, ref: RemoteRef) => boolean;
}

const ACTIONS: Readonly<Record<Service, Actions>> = {
  SecretsManager: {
    resource: 'secretsmanager',
    read: 'secretsmanager:GetSecretValue',
    tags: 'secretsmanager:DescribeSecret',
    batch: 'secretsmanager:BatchGetSecretValue',
    batchOn: 'all', // it hands out what GetSecretValue allows
    isBatched: (_, { version }) => version === undefined,
  },
  ParameterStore: {
    resource: 'ssm',
    read: 'ssm:GetParameter',
    tags: 'ssm:ListTagsForResource',
    batch: 'ssm:GetParameters',
    batchOn: 'each',
    isBatched: (name) => !name.includes(':'),
  },
};

// What AWS takes, and no more: a "*" or "?" in a key must not become one of a policy.
const SECRET = /^(?:arn:[\w-]+:secretsmanager:[\w-]+:\d{12}:secret:)?[\w/+=.@!-]{1,512}$/;
const PARAMETER = /^((?:arn:[\w-]+:ssm:[\w-]+:\d{12}:parameter\/)?[\w./-]{1,1011})(?::[\w.-]+)?$/;
/** Six characters that Secrets Manager adds; an ARN may come without them. */
const SUFFIX = /-[A-Za-z0-9]{6}$/;
const KINDS = { secretsmanager: 'secret', ssm: 'parameter' } as const;

/** IAM knows no expressions. */
const FOUND_NOTE = 'what is found is opened by the beginning of its name and by its tags; ';

/** What the principal needs for what is asked with this store's service; the call for many at once apart, as optional. */
export function readGrants(settings: AwsSettings, { refs, finds }: Asked, principal: Principal): readonly Grant[] {
  const { resource, read, tags, batch: many, batchOn: manyOn, isBatched } = ACTIONS[settings.service];
  const { values = [], described = [] } = Object.groupBy(refs, ({ metadata }) =>
    metadata === true ? 'described' : 'values',
  );
  const found = finds.map((query) => findStatements(query, settings, principal));
  const batched = arnsOf(values.filter((ref) => isBatched(settings.prefix + ref.key, ref)));
  const carrier = { principal: principal.role === undefined ? principal.who : `role ${principal.role.arn}` };
  const grant: Grant = {
    ...carrier,
    purpose: 'read',
    title: 'policy that reads what is referred to',
    language: 'json',
    text: policyText(
      ...distinct([
        ...allow(read, arnsOf(values)),
        ...allow(tags, arnsOf(described)),
        ...found.flatMap((statements) => statements.read),
      ]),
    ),
    note: `${finds.length > 0 ? FOUND_NOTE : ''}values under a KMS key of your own take kms:Decrypt on that key as well`,
  };
  const batch = distinct([
    ...(batched.length < 2 ? [] : allow(many, manyOn === 'all' ? ['*'] : batched)),
    ...found.flatMap((statements) => statements.batch),
  ]);
  if (batch.length === 0) return [grant];
  return [
    grant,
    {
      ...carrier,
      purpose: 'read',
      title: 'policy that reads many with one call',
      language: 'json',
      text: policyText(...batch),
      note: 'it saves calls, and opens nothing that the other policy does not',
      optional: true,
    },
  ];

  function arnsOf(some: readonly RemoteRef[]): readonly string[] {
    return [...new Set(some.map(({ key }) => arnOf(settings.prefix + key, settings, principal, resource)))].toSorted();
  }
}

function allow(action: string, resources: readonly string[]): readonly Statement[] {
  return resources.length === 0 ? [] : [{ Effect: 'Allow', Action: action, Resource: resources }];
}

function distinct(statements: readonly Statement[]): readonly Statement[] {
  return [...new Map(statements.map((statement) => [JSON.stringify(statement), statement])).values()];
}

function arnOf(name: string, settings: AwsSettings, principal: Principal, resource: Actions['resource']): string {
  if (resource === 'ssm') {
    const [, parameter] = PARAMETER.exec(name) ?? [];
    if (parameter !== undefined) return resourceArn(parameter, { settings, session: { principal } }, resource);
  } else if (SECRET.test(name)) {
    const arn = resourceArn(name, { settings, session: { principal } }, resource);
    return name === arn && !SUFFIX.test(arn) ? `${arn}-??????` : arn;
  }
  throw new LatchkeyError('REF_INVALID', `"${name}" is no name that AWS takes for a ${KINDS[resource]}`, {
    hint: 'Correct the key, or the prefix of the store',
  });
}
