import { describe, expect, it } from 'vitest';
import type { Fetched, Outcome } from '../../../../src/providers/provider.ts';
import { allow } from '../../../support/aws-policies.ts';
import { AWS_PLACE } from '../../../support/loopback-aws.ts';
import type { AwsParameter } from '../../../support/loopback-aws-parameters.ts';
import { CALL, openAws, ROLE, ROLE_ARN, type OpenAwsSettings } from '../../../support/open-aws.ts';

const { region, account } = AWS_PLACE;
const PARAMETERS: ReadonlyMap<string, AwsParameter> = new Map<string, AwsParameter>([
  ['/prod/db', { versions: [{ value: 'old', labels: ['stable'] }, { value: 'new' }], tags: { team: 'payments' } }],
  ['/prod/db/replica', { versions: [{ value: 'replica' }], tags: { team: 'payments', env: 'prod' } }],
  ['/test/db', { versions: [{ value: 'test' }], tags: { env: 'test' } }],
  ['plain', { versions: [{ value: 'a,b' }], type: 'StringList' }],
]);

function open(settings: OpenAwsSettings = {}) {
  return openAws({ parameters: PARAMETERS, ...settings, block: { service: 'ParameterStore', ...settings.block } });
}

function summary(outcome: Outcome<Fetched>): string {
  return outcome.ok ? outcome.value.value.exposeText() : outcome.error.code;
}

describe('Parameter Store', () => {
  it.each([
    ['/prod/db', undefined, 'new', '2'],
    ['/prod/db', '1', 'old', '1'],
    ['/prod/db', 'stable', 'old', '1'],
    ['/prod/db:1', undefined, 'old', '1'],
    [`arn:aws:ssm:${region}:${account}:parameter/prod/db`, undefined, 'new', '2'],
    ['plain', undefined, 'a,b', '1'],
  ])('reads %s, version %s', async (key, version, text, number) => {
    const { connect } = await open();
    const client = await connect();

    const fetched = await client.read({ key, ...(version !== undefined && { version }) }, CALL);

    expect([fetched.value.exposeText(), fetched.version]).toEqual([text, number]);
  });

  it('puts the prefix of the store before each key', async () => {
    const { connect } = await open({ block: { prefix: '/prod/' } });
    const client = await connect();

    const { value } = await client.read({ key: 'db' }, CALL);

    expect(value.exposeText()).toBe('new');
  });

  it('reads ten parameters in one call', async () => {
    const names = Array.from({ length: 10 }, (_, index) => `/many/${index}`);
    const parameters = new Map(names.map((name) => [name, { versions: [{ value: name }] }]));
    const { server, connect } = await open({ parameters });
    const { batch } = await connect();

    const outcomes = await batch?.read(
      names.map((key) => ({ key })),
      CALL,
    );

    expect(outcomes?.map(summary)).toEqual(names);
    expect(batch?.max).toBe(10);
    expect([server.count('ssm.GetParameters'), server.count('ssm.GetParameter')]).toEqual([1, 0]);
  });

  it('gives each item of a batch its own outcome, in order', async () => {
    const { server, connect } = await open();
    const { batch } = await connect();

    const outcomes = await batch?.read(
      [
        { key: '/nothing' },
        { key: 'plain' },
        { key: '/test/db', version: '9' },
        { key: '/prod/db', version: 'stable' },
      ],
      CALL,
    );

    expect(outcomes?.map(summary)).toEqual(['SECRET_NOT_FOUND', 'a,b', 'SECRET_NOT_FOUND', 'old']);
    expect(server.count('ssm.GetParameter')).toBe(0);
  });

  it('never takes one version of a parameter for another', async () => {
    const { server, connect } = await open();
    const { batch } = await connect();

    const outcomes = await batch?.read(
      [
        { key: '/prod/db' },
        { key: '/prod/db', version: '1' },
        { key: '/prod/db', version: 'stable' },
        { key: 'plain' },
      ],
      CALL,
    );

    expect(outcomes?.map(summary)).toEqual(['new', 'old', 'old', 'a,b']);
    expect([server.count('ssm.GetParameters'), server.count('ssm.GetParameter')]).toEqual([1, 3]);
  });

  it('reads alone a parameter that comes in another version', async () => {
    const { server, connect } = await open();
    const { batch } = await connect();
    server.interrupt({ status: 200, body: { Parameters: [{ Name: '/prod/db', Value: 'wrong', Version: 2 }] } });

    const [outcome] = (await batch?.read([{ key: '/prod/db', version: '1' }], CALL)) ?? [];

    expect(outcome).toMatchObject({ ok: false, error: { code: 'PROVIDER_UNAVAILABLE' } });
    expect(server.requests.at(-1)?.headers['x-amz-target']).toBe('AmazonSSM.GetParameter');
  });

  it('reads as a role that may not read batches', async () => {
    const policy = allow(['ssm:GetParameter', `arn:aws:ssm:${region}:${account}:parameter/prod/*`]);
    const { connect } = await open({ roles: { [ROLE_ARN]: { ...ROLE, policy } } });
    const client = await connect();

    const batch = client.batch?.read([{ key: '/prod/db' }], CALL);

    await expect(batch).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
    await expect(client.read({ key: '/prod/db' }, CALL)).resolves.toMatchObject({ version: '2' });
  });

  it.each([
    [{ key: '/prod/db' }, true],
    [{ key: '/prod/db', version: '1' }, true],
    [{ key: '/prod/db', metadata: true }, false],
    [{ key: '/prod/db:1' }, false],
    [{ key: `arn:aws:ssm:${region}:${account}:parameter/prod/db` }, false],
    [{ key: '/prod db' }, false],
  ])('takes %j into a batch: %s', async (ref, accepted) => {
    const { connect } = await open();

    const { batch } = await connect();

    expect(batch?.accepts(ref)).toBe(accepted);
  });
});

describe('find in Parameter Store', () => {
  it.each([
    [{ name: { regexp: 'db' } }, ['/prod/db', '/prod/db/replica', '/test/db']],
    [{ path: '/prod', name: { regexp: 'db$' } }, ['/prod/db']],
    [{ path: 'prod', name: { regexp: 'replica' } }, ['/prod/db/replica']],
    [{ tags: { team: 'payments' } }, ['/prod/db', '/prod/db/replica']],
    [{ tags: { team: 'payments', env: 'prod' } }, ['/prod/db/replica']],
    [{ path: '/test', tags: { env: 'test' } }, ['/test/db']],
    [{ name: { regexp: 'plain' }, tags: { team: 'payments' } }, ['plain']],
  ])('finds by %j', async (query, keys) => {
    const { connect } = await open({ block: { prefix: '/prod/' } });
    const client = await connect();

    const found = await client.find?.(query, CALL);

    expect(found?.map(({ key }) => key)).toEqual(keys);
  });

  it('lists and reads where the identity may not read by path', async () => {
    const { server, connect } = await open();
    server.forbid('ssm:GetParametersByPath');
    server.forbid('ssm:GetParameters');
    const client = await connect();

    const found = await client.find?.({ path: '/prod', name: { regexp: 'db' } }, CALL);

    expect(found?.map(({ value }) => value.exposeText())).toEqual(['new', 'replica']);
  });

  it('names the permission to add where neither is allowed', async () => {
    const { server, connect } = await open();
    server.forbid('ssm:GetParametersByPath');
    server.forbid('ssm:DescribeParameters');
    const client = await connect();

    const finding = client.find?.({ path: '/prod', name: { regexp: 'db' } }, CALL);

    await expect(finding).rejects.toMatchObject({
      code: 'ACCESS_DENIED',
      hint: expect.stringContaining(`ssm:GetParametersByPath on arn:aws:ssm:${region}:${account}:parameter/prod `),
    });
  });
});
