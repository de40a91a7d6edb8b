import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { PolicyDocument } from '../../../support/loopback-aws-iam.ts';
import { aSecret, CALL, openAws } from '../../../support/open-aws.ts';

const PAGE = readFileSync(new URL('../../../../docs/providers/aws.md', import.meta.url), 'utf8');

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** What the page says, on an account that takes it by its word. */
function openAsWritten(block: object) {
  const [trust, policy] = blocks('json').map((text): PolicyDocument => JSON.parse(text));
  const [, name = '', arn = ''] = /annotate serviceaccount -n payments (\S+) \S+role-arn=(\S+)/.exec(PAGE) ?? [];
  if (trust === undefined || policy === undefined) throw new Error('the page has no policies');
  return openAws({
    roles: { [arn]: { trust, policy } },
    identity: { serviceAccount: { name, annotations: { 'eks.amazonaws.com/role-arn': arn } } },
    secrets: new Map([
      ['payments/db', aSecret('from-secrets-manager')],
      ['orders/db', aSecret()],
    ]),
    parameters: new Map([['/payments/db', { versions: [{ value: 'from-parameter-store' }] }]]),
    block,
  });
}

describe('docs/providers/aws.md', () => {
  it('creates a role that reads what its Pod refers to, and nothing else', async () => {
    const [store = ''] = blocks('yaml');
    const { spec }: { spec: { provider: { aws: object } } } = parse(store);
    const { connect } = await openAsWritten(spec.provider.aws);
    const client = await connect();

    const single = await client.read({ key: 'payments/db' }, CALL);
    const outcomes = await client.batch?.read([{ key: 'payments/db' }, { key: 'orders/db' }], CALL);

    expect(single.value.exposeText()).toBe('from-secrets-manager');
    expect(outcomes).toMatchObject([{ ok: true }, { ok: false, error: { code: 'ACCESS_DENIED' } }]);
  });

  it('lets the same role read parameters', async () => {
    const { connect } = await openAsWritten({ service: 'ParameterStore' });
    const client = await connect();

    const single = await client.read({ key: '/payments/db' }, CALL);
    const outcomes = await client.batch?.read([{ key: '/payments/db' }], CALL);

    expect(single.value.exposeText()).toBe('from-parameter-store');
    expect(outcomes).toMatchObject([{ ok: true }]);
  });

  it('refers to the store by its name', () => {
    const [store = '', pod = ''] = blocks('yaml');
    const { metadata }: { metadata: { name: string } } = parse(store);

    expect(pod).toContain(`secretstore://${metadata.name}/payments/db`);
  });
});
