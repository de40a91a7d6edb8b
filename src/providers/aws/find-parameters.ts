import {
  DescribeParametersCommand,
  GetParametersByPathCommand,
  type ParameterStringFilter,
  type SSMClient,
} from '@aws-sdk/client-ssm';
import { LatchkeyError } from '../../errors.ts';
import { SecretValue } from '../../secret-value.ts';
import type { Call, FindQuery, Found } from '../provider.ts';
import { type Access, ask, resourceArn } from './access.ts';
import { checkFound, parameterRoot, readQuery, type Search } from './find-query.ts';
import { type FoundReader, readFound } from './read-found.ts';
import type { AccessStep } from './scene.ts';
import type { Quota } from './token-bucket.ts';

export interface ParameterFinder extends FoundReader {
  readonly access: Access;
  readonly client: SSMClient;
  /** What single reads are counted with. */
  readonly quota: Quota;
}

const DESCRIBE: Quota = { name: 'ssm:DescribeParameters', perSecond: 10 };
const DESCRIBE_STEP: AccessStep = {
  kind: 'access',
  does: 'list parameters',
  action: 'ssm:DescribeParameters',
  resource: '*',
};
const MAX_BY_PATH = 10; // the most that AWS gives at once
const MAX_DESCRIBED = 50;

/**
 * Every parameter below `path` whose name matches, else every one with all tags, by its full name. The store's prefix plays
 * no part. By name, values come with the names; where the identity may not read by path, they are listed and then read.
 */
export async function findParameters(query: FindQuery, call: Call, finder: ParameterFinder): Promise<readonly Found[]> {
  const search = await readQuery(query);
  if (!search.byName) return readFound(await describe(search, call, finder), finder);
  try {
    return await readByPath(search, call, finder);
  } catch (error) {
    if (!isDenied(error)) throw error;
    return readFound(await describeInstead(search, call, finder, error), finder);
  }
}

/** Where that is refused as well, the first refusal names the better permission to add. */
async function describeInstead(
  search: Search,
  call: Call,
  finder: ParameterFinder,
  refusal: unknown,
): Promise<readonly string[]> {
  try {
    return await describe(search, call, finder);
  } catch (error) {
    throw isDenied(error) ? refusal : error;
  }
}

function isDenied(error: unknown): boolean {
  return LatchkeyError.from(error).code === 'ACCESS_DENIED';
}

async function readByPath(search: Search, call: Call, finder: ParameterFinder): Promise<readonly Found[]> {
  const { access, client, quota } = finder;
  const path = parameterRoot(search);
  const step: AccessStep = {
    kind: 'access',
    does: `read the parameters below "${path}"`,
    action: 'ssm:GetParametersByPath',
    resource: resourceArn(path, access, 'ssm'),
  };
  const found: Found[] = [];
  let next: string | undefined;
  do {
    const command = new GetParametersByPathCommand({
      Path: path,
      Recursive: true,
      WithDecryption: true,
      MaxResults: MAX_BY_PATH,
      NextToken: next,
    });
    const send = () => client.send(command, { abortSignal: call.signal });
    const { Parameters = [], NextToken } = await ask(access, { step, quota, call, send });
    for (const { Name = '', Value } of Parameters) {
      if (Value !== undefined && search.matches(Name)) found.push({ key: Name, value: SecretValue.fromText(Value) });
    }
    checkFound(found.length, search);
    next = NextToken;
  } while (next !== undefined);
  return found;
}

async function describe(search: Search, call: Call, { access, client }: ParameterFinder): Promise<readonly string[]> {
  const names: string[] = [];
  const filters = filtersOf(search);
  let next: string | undefined;
  do {
    const command = new DescribeParametersCommand({
      ParameterFilters: filters,
      MaxResults: MAX_DESCRIBED,
      NextToken: next,
    });
    const send = () => client.send(command, { abortSignal: call.signal });
    const page = await ask(access, { step: DESCRIBE_STEP, quota: DESCRIBE, call, send });
    names.push(
      ...(page.Parameters ?? []).flatMap(({ Name }) => (Name !== undefined && search.matches(Name) ? [Name] : [])),
    );
    checkFound(names.length, search);
    next = page.NextToken;
  } while (next !== undefined);
  return names;
}

function filtersOf(search: Search): ParameterStringFilter[] {
  const byTag = search.byName ? [] : Object.entries(search.tags); // a name wins over tags
  return [
    ...(search.path === undefined ? [] : [{ Key: 'Path', Option: 'Recursive', Values: [parameterRoot(search)] }]),
    ...byTag.map(([key, value]) => ({ Key: `tag:${key}`, Option: 'Equals', Values: [value] })),
  ];
}
