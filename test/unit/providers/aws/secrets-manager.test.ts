import { describe, expect, it } from 'vitest';
import { allow } from '../../../support/aws-policies.ts';
import { AWS_PLACE } from '../../../support/loopback-aws.ts';
import { aSecret, CALL, openAws, ROLE, ROLE_ARN } from '../../../support/open-aws.ts';
import type { Fetched, Outcome } from '../../../../src/providers/provider.ts';

const { region, account } = AWS_PLACE;
const OLD = '6f0e2d0c-0000-4000-8000-00000000000a';
const NEW = '6f0e2d0c-0000-4000-8000-00000000000b';
const SECRETS = new Map([
  [
    'prod/db',
    {
      versions: [
        { id: OLD, value: 'old', stages: ['blue'] },
        { id: NEW, value: 'new' },
      ],
    },
  ],
  ['prod/p12', aSecret(Uint8Array.of(0, 255))],
  ['prod/gone', aSecret('x', { state: 'deleted' })],
  ['prod/sealed', aSecret('x', { state: 'undecryptable' })],
  ['locked', aSecret('x')],
]);
const MAY_READ_PROD = {
  ...ROLE,
  policy: allow(
    ['secretsmanager:GetSecretValue', `arn:aws:secretsmanager:${region}:${account}:secret:prod/*`],
    ['secretsmanager:BatchGetSecretValue', '*'],
  ),
};

function summary(outcome: Outcome<Fetched>): string {
  return outcome.ok ? outcome.value.value.exposeText() : outcome.error.code;
}

describe('Secrets Manager', () => {
  it.each([
    [undefined, 'new', NEW],
    ['AWSCURRENT', 'new', NEW],
    ['AWSPREVIOUS', 'old', OLD],
    ['blue', 'old', OLD],
    [`uuid/${OLD}`, 'old', OLD],
  ])('reads version %s', async (version, text, id) => {
    const { connect } = await openAws({ secrets: SECRETS });
    const client = await connect();

    const fetched = await client.read({ key: 'prod/db', ...(version !== undefined && { version }) }, CALL);

    expect(fetched.value.exposeText()).toBe(text);
    expect(fetched.version).toBe(`uuid/${id}`);
  });

  it('reads by ARN, and with the prefix of the store before a name', async () => {
    const arn = `arn:aws:secretsmanager:${region}:${account}:secret:prod/db-AbCdEf`;
    const byArn = await openAws({ secrets: SECRETS });
    const byPrefix = await openAws({ secrets: SECRETS, block: { prefix: 'prod/' } });

    const clients = await Promise.all([byArn.connect(), byPrefix.connect()]);
    const values = await Promise.all([clients[0].read({ key: arn }, CALL), clients[1].read({ key: 'db' }, CALL)]);

    expect(values.map(({ value }) => value.exposeText())).toEqual(['new', 'new']);
  });

  it('reads twenty secrets in one call', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `many/${index}`);
    const { server, connect } = await openAws({ secrets: new Map(names.map((name) => [name, aSecret(name)])) });
    const { batch } = await connect();

    const outcomes = await batch?.read(
      names.map((key) => ({ key })),
      CALL,
    );

    expect(outcomes?.map(summary)).toEqual(names);
    expect(batch?.max).toBe(20);
    expect([server.count('secretsmanager.BatchGetSecretValue'), server.count('secretsmanager.GetSecretValue')]).toEqual(
      [1, 0],
    );
  });

  it('gives each item of a batch its own outcome, in order', async () => {
    const arn = `arn:aws:secretsmanager:${region}:${account}:secret:prod/db`;
    const { server, connect } = await openAws({ secrets: SECRETS, roles: { [ROLE_ARN]: MAY_READ_PROD } });
    const { batch } = await connect();
    const keys = ['prod/nothing', 'prod/p12', 'locked', 'prod/gone', 'prod/sealed', 'prod/db', `${arn}-AbCdEf`, arn];

    const outcomes = await batch?.read(
      keys.map((key) => ({ key })),
      CALL,
    );

    expect(outcomes?.map(summary)).toEqual([
      'SECRET_NOT_FOUND',
      '\u0000\ufffd',
      'ACCESS_DENIED',
      'SECRET_NOT_FOUND',
      'ACCESS_DENIED',
      'new',
      'new',
      'new',
    ]);
    expect(server.count('secretsmanager.GetSecretValue')).toBe(0);
  });

  it('reads alone what the answer to a batch left out', async () => {
    const { server, connect } = await openAws({ secrets: SECRETS });
    const { batch } = await connect();
    server.interrupt({ status: 200, body: {} });

    const reading = batch?.read([{ key: 'prod/db' }], CALL);
    const [outcome] = (await reading) ?? [];

    expect(server.requests.slice(1).map(({ headers }) => headers['x-amz-target'])).toEqual([
      'secretsmanager.BatchGetSecretValue',
      'secretsmanager.GetSecretValue',
    ]);
    expect(outcome).toMatchObject({ ok: false, error: { code: 'PROVIDER_UNAVAILABLE' } });
  });

  it.each([
    [{ key: 'prod/db' }, true],
    [{ key: `arn:aws:secretsmanager:${region}:${account}:secret:prod/db-AbCdEf` }, true],
    [{ key: 'prod/db', version: 'AWSPREVIOUS' }, false],
    [{ key: 'prod/db', metadata: true }, false],
    [{ key: 'prod db' }, false],
    [{ key: 'a'.repeat(513) }, false],
  ])('takes %j into a batch: %s', async (ref, accepted) => {
    const { connect } = await openAws();

    const { batch } = await connect();

    expect(batch?.accepts(ref)).toBe(accepted);
  });
});

describe('find in Secrets Manager', () => {
  const TAGGED = new Map([
    ['prod/a', aSecret('1', { tags: { team: 'payments', env: 'prod' } })],
    ['prod/b', aSecret('2', { tags: { team: 'payments-eu', env: 'prod' } })],
    ['prod/c', aSecret('3', { tags: { env: 'payments', team: 'prod' } })],
    ['prod/d', aSecret('4', { tags: { team: 'payments', env: 'prod' } })],
    ['test/prod/a', aSecret('5', { tags: { team: 'payments' } })],
    ['prod/gone', aSecret('6', { state: 'deleted', tags: { team: 'payments', env: 'prod' } })],
  ]);

  it.each([
    [{ name: { regexp: 'prod/[ab]' } }, ['prod/a', 'prod/b', 'test/prod/a']],
    [{ path: 'prod', name: { regexp: 'a$' } }, ['prod/a']],
    [{ tags: { team: 'payments' } }, ['prod/a', 'prod/d', 'test/prod/a']],
    [{ tags: { team: 'payments', env: 'prod' } }, ['prod/a', 'prod/d']],
    [{ path: 'prod/d', tags: { team: 'payments', env: 'prod' } }, ['prod/d']],
    [{ name: { regexp: 'd$' }, tags: { team: 'payments' } }, ['prod/d']],
    [{ tags: { team: 'nobody' } }, []],
  ])('finds by %j', async (query, keys) => {
    const { connect } = await openAws({ secrets: TAGGED, block: { prefix: 'prod/' } });
    const client = await connect();

    const found = await client.find?.(query, CALL);

    expect(found?.map(({ key }) => key)).toEqual(keys);
  });

  it('reads what it found in batches', async () => {
    const many = new Map(Array.from({ length: 45 }, (_, index) => [`many/${index}`, aSecret(String(index))]));
    const { server, connect } = await openAws({ secrets: many });
    const client = await connect();

    const found = await client.find?.({ name: { regexp: '.' } }, CALL);

    expect(found?.map(({ value }) => value.exposeText())).toEqual(
      [...many.keys()].map((key) => key.slice('many/'.length)),
    );
    expect([server.count('secretsmanager.BatchGetSecretValue'), server.count('secretsmanager.GetSecretValue')]).toEqual(
      [3, 0],
    );
  });

  it('reads one by one where batches are refused', async () => {
    const { server, connect } = await openAws({ secrets: TAGGED });
    server.forbid('secretsmanager:BatchGetSecretValue');
    const client = await connect();

    const found = await client.find?.({ tags: { team: 'payments' } }, CALL);

    expect(found?.map(({ value }) => value.exposeText())).toEqual(['1', '4', '5']);
  });

  it('refuses to leave out what it may not read', async () => {
    const { connect } = await openAws({
      secrets: SECRETS,
      roles: { [ROLE_ARN]: { ...MAY_READ_PROD, policy: allow(['secretsmanager:ListSecrets', '*']) } },
    });
    const client = await connect();

    await expect(client.find?.({ name: { regexp: 'db' } }, CALL)).rejects.toMatchObject({ code: 'ACCESS_DENIED' });
  });

  it('refuses to look for everything', async () => {
    const { connect } = await openAws({ secrets: SECRETS });
    const client = await connect();

    await expect(client.find?.({ path: 'prod' }, CALL)).rejects.toMatchObject({ code: 'REF_INVALID' });
  });
});
