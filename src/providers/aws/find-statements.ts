import { LatchkeyError } from '../../errors.ts';
import { literalPrefix } from '../literal-prefix.ts';
import type { FindQuery } from '../provider.ts';
import { resourceArn } from './access.ts';
import { parameterRoot, requireCriteria } from './find-query.ts';
import type { Statement } from './policy-text.ts';
import type { Principal } from './scene.ts';
import type { AwsSettings } from './settings.ts';

export interface FindStatements {
  readonly read: readonly Statement[];
  /** What only saves calls. */
  readonly batch: readonly Statement[];
}

// What AWS takes, and no more: a "*", "?" or "${" must not become one of a policy.
const SECRET_BEGINNING = /^[\w/+=.@!-]*$/;
const PARAMETER_PATH = /^[\w./-]*$/;
const TAG = /^[\p{L}\p{Z}\p{N}_.:/=+@-]*$/u;

/** What finding takes, and reading what may be found: IAM opens by the beginning of a name, and by tags. */
export function findStatements(query: FindQuery, settings: AwsSettings, principal: Principal): FindStatements {
  requireCriteria(query);
  const scene = { settings, session: { principal } };
  if (settings.service === 'SecretsManager') return inSecretsManager(query, allSecrets(scene));
  const path = parameterRoot(query);
  check(PARAMETER_PATH, path, 'path of parameters');
  // The values come with the names.
  if (query.name !== undefined) {
    return { read: [allow('ssm:GetParametersByPath', resourceArn(path, scene, 'ssm'))], batch: [] };
  }
  const below = `${resourceArn(path, scene, 'ssm').replace(/\/$/, '')}/*`;
  return {
    read: [allow('ssm:DescribeParameters', '*'), allow('ssm:GetParameter', below, query.tags)],
    batch: [allow('ssm:GetParameters', below, query.tags)],
  };
}

function inSecretsManager({ path = '', name, tags }: FindQuery, all: string): FindStatements {
  const [prefix = ''] = [path, literalPrefix(name?.regexp)].toSorted((a, b) => b.length - a.length);
  check(SECRET_BEGINNING, prefix, 'beginning of names');
  return {
    read: [allow('secretsmanager:ListSecrets', '*'), allow('secretsmanager:GetSecretValue', `${all}${prefix}*`, tags)],
    batch: [allow('secretsmanager:BatchGetSecretValue', '*')],
  };
}

function allSecrets(scene: Parameters<typeof resourceArn>[1]): string {
  return resourceArn('', scene, 'secretsmanager').replace(/-[?]{6}$/, '');
}

function allow(action: string, resource: string, tags: FindQuery['tags'] = {}): Statement {
  const conditions = Object.entries(tags).map(([key, value]): [string, string] => {
    for (const text of [key, value]) check(TAG, text, 'tag');
    return [`aws:ResourceTag/${key}`, value];
  });
  return {
    Effect: 'Allow',
    Action: action,
    Resource: [resource],
    ...(conditions.length > 0 && { Condition: { StringEquals: Object.fromEntries(conditions) } }),
  };
}

function check(allowed: RegExp, text: string, what: string): void {
  if (allowed.test(text)) return;
  throw new LatchkeyError('REF_INVALID', `find: "${text}" is no ${what} that AWS takes`, {
    hint: 'Correct find.path, find.name or find.tags',
  });
}
