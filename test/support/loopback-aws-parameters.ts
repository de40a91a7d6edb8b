import type { AwsAnswer, AwsPlace } from './loopback-aws.ts';
import { flagged, listed, named, text } from './loopback-aws-input.ts';

/** One parameter; versions count from 1. */
export interface AwsParameter {
  readonly versions: readonly { readonly value: string; readonly labels?: readonly string[] }[];
  readonly type?: 'String' | 'StringList' | 'SecureString';
  readonly tags?: Readonly<Record<string, string>>;
}

const MAX_BATCH = 10;
const PAGE = 2; // small, so that paging is tried
const MISSING: AwsAnswer = { status: 400, body: { __type: 'ParameterNotFound' } };
const LATEST = '';

/** Answers as the Parameter Store API is described, from contents in memory. */
export function createAwsParameters(parameters: ReadonlyMap<string, AwsParameter>, place: AwsPlace) {
  const operations: Readonly<Record<string, (input: unknown) => AwsAnswer>> = {
    GetParameter: getOne,
    GetParameters: getMany,
    GetParametersByPath: getByPath,
    DescribeParameters: describe,
    ListTagsForResource: listTags,
  };
  return (operation: string, input: unknown): AwsAnswer => {
    const answer = operations[operation];
    if (answer === undefined) throw new Error(`AmazonSSM.${operation} is not known`);
    return answer(input);
  };

  function getOne(input: unknown): AwsAnswer {
    mustDecrypt(input);
    const { name, selector } = parse(text(input, 'Name'));
    const parameter = parameters.get(name);
    if (parameter === undefined) return MISSING;
    const entry = entryOf(name, parameter, selector);
    if (entry !== undefined) return { status: 200, body: { Parameter: entry } };
    const message = `Systems Manager could not find version ${selector} of ${name}. Verify the version and try again.`;
    return { status: 400, body: { __type: 'ParameterVersionNotFound', message } };
  }

  /** What is not there is named, without a reason, with status 200. */
  function getMany(input: unknown): AwsAnswer {
    mustDecrypt(input);
    const names = listed(input, 'Names');
    if (names.length === 0 || names.length > MAX_BATCH)
      return invalid('Member must have length less than or equal to 10');
    const found = names.map((asked) => {
      const { name, selector } = parse(asked);
      const parameter = parameters.get(name);
      return [asked, parameter && entryOf(name, parameter, selector)] as const;
    });
    return {
      status: 200,
      body: {
        Parameters: found.flatMap(([, entry]) => (entry === undefined ? [] : [entry])),
        InvalidParameters: found.flatMap(([asked, entry]) => (entry === undefined ? [asked] : [])),
      },
    };
  }

  function getByPath(input: unknown): AwsAnswer {
    mustDecrypt(input);
    if (!flagged(input, 'Recursive')) throw new Error('only recursive reads are known');
    const path = text(input, 'Path');
    if (!path.startsWith('/')) return invalid('The parameter path must begin with a slash');
    const found = [...parameters].filter(([name]) => isBelow(name, path));
    const { page, next } = pageOf(found, input);
    return {
      status: 200,
      body: { Parameters: page.map(([name, parameter]) => entryOf(name, parameter, LATEST)), ...next },
    };
  }

  function describe(input: unknown): AwsAnswer {
    const filters = listed(input, 'ParameterFilters', true);
    const found = [...parameters].filter(([name, { tags = {} }]) =>
      filters.every((filter) => {
        const [key, values] = [text(filter, 'Key'), listed(filter, 'Values')];
        if (key === 'Path') return values.some((path) => isBelow(name, path));
        if (!key.startsWith('tag:') || named(filter, 'Option') !== 'Equals')
          throw new Error(`the filter ${key} is not known`);
        return values.includes(tags[key.slice('tag:'.length)] ?? '');
      }),
    );
    const { page, next } = pageOf(found, input);
    return { status: 200, body: { Parameters: page.map(([Name]) => ({ Name })), ...next } };
  }

  function listTags(input: unknown): AwsAnswer {
    if (text(input, 'ResourceType') !== 'Parameter') throw new Error('only parameters are known');
    const parameter = parameters.get(text(input, 'ResourceId'));
    if (parameter === undefined) return { status: 400, body: { __type: 'InvalidResourceId' } };
    const TagList = Object.entries(parameter.tags ?? {}).map(([Key, Value]) => ({ Key, Value }));
    return { status: 200, body: { TagList } };
  }

  function entryOf(name: string, { versions, type = 'SecureString' }: AwsParameter, selector: string) {
    const number = /^\d+$/.test(selector)
      ? Number(selector)
      : versions.findIndex(({ labels = [] }) => labels.includes(selector)) + 1;
    const version = selector === LATEST ? versions.length : number;
    const found = versions[version - 1];
    if (found === undefined) return undefined;
    return {
      ARN: parameterArn(name, place),
      Name: name,
      Type: type,
      Value: found.value,
      Version: version,
      DataType: 'text',
      ...(selector !== LATEST && { Selector: `:${selector}` }),
    };
  }
}

export function parameterArn(name: string, { partition, region, account }: AwsPlace): string {
  return `arn:${partition}:ssm:${region}:${account}:parameter/${name.replace(/^\//, '')}`;
}

/** `NAME:SELECTOR`, where the name may be an ARN. */
export function parse(asked: string): { readonly name: string; readonly selector: string } {
  const [, arnName] = /^arn:[^:]+:ssm:[^:]*:\d*:parameter(\/.+)$/.exec(asked) ?? [];
  const [name = '', selector = LATEST] = (arnName ?? asked).split(':');
  return { name, selector };
}

function pageOf(found: readonly (readonly [string, AwsParameter])[], input: unknown) {
  const start = Number(named(input, 'NextToken') ?? 0);
  const end = start + PAGE;
  return { page: found.slice(start, end), next: end < found.length ? { NextToken: String(end) } : {} };
}

function isBelow(name: string, path: string): boolean {
  return path === '/' || name.startsWith(path.endsWith('/') ? path : `${path}/`);
}

/** Without it a SecureString comes as its cipher text. */
function mustDecrypt(input: unknown): void {
  if (!flagged(input, 'WithDecryption')) throw new Error('WithDecryption is missing');
}

function invalid(message: string): AwsAnswer {
  return { status: 400, body: { __type: 'ValidationException', message } };
}
