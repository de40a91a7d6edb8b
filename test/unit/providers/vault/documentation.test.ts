import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseReference } from '../../../../src/references/parse-reference.ts';
import { failure } from '../../../contract/stage.ts';
import type { KvSecret } from '../../../support/loopback-kv.ts';
import type { VaultRole, VaultRule } from '../../../support/loopback-vault.ts';
import { CALL, openVault, type OpenVaultSettings } from '../../../support/open-vault.ts';
import type { ProviderAnswer } from '../../../support/provider-server.ts';
import { subjectOf, testIdentity } from '../../../support/test-identity.ts';

interface StoreManifest {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly provider: { readonly vault: { readonly server: string; readonly path: string; readonly auth: object } };
  };
}

const PAGE = readFileSync(new URL('../../../../docs/providers/vault.md', import.meta.url), 'utf8');
const [POLICY = '', ...LOGINS] = blocks('sh');
const [STORE = '', POD = ''] = blocks('yaml');
const { metadata, spec }: StoreManifest = parse(STORE);
const REFERENCES = [...POD.matchAll(/secretstore:[^\s}]+/g)].map(([text]) => parseReference(text));
const SECRET: KvSecret = {
  versions: ['old', 'older', 'before', 'now'].map((password) => ({ json: JSON.stringify({ password }) })),
};

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** The page's policy; what Vault's HCL has beyond paths and capabilities does not stand in it. */
function policyRules(): readonly VaultRule[] {
  return [...POLICY.matchAll(/^path "([^"]+)" +\{ capabilities = (\[[^\]]+\]) \}/gm)].map(
    ([, path = '', listed = '']) => ({
      path,
      capabilities: JSON.parse(listed) as VaultRule['capabilities'],
    }),
  );
}

/** The roles that the page writes, by `mount/role`, with its policy. */
function rolesAsWritten(): Readonly<Record<string, VaultRole>> {
  const [, policy = ''] = /vault policy write (\S+)/.exec(POLICY) ?? [];
  const roles = LOGINS.map((commands) => {
    const [, mount = '', role = '', text = ''] = /vault write auth\/(\w+)\/role\/(\S+) \\\n(.*)/s.exec(commands) ?? [];
    const settings = Object.fromEntries([...text.matchAll(/(\w+)=(\S+)/g)].map(([, name, value]) => [name, value]));
    const { bound_service_account_names: name = '', bound_service_account_namespaces: namespace = '' } = settings;
    return [
      `${mount}/${role}`,
      {
        audience: settings['audience'] ?? settings['bound_audiences'] ?? '',
        subjects: [settings['bound_subject'] ?? subjectOf({ namespace, name })],
        rules: settings['token_policies'] === policy ? policyRules() : [],
        leaseSeconds: Number.parseInt(settings['token_ttl'] ?? '', 10) * 60,
      },
    ] as const;
  });
  return Object.fromEntries(roles);
}

/** A Vault that was set up by the page's commands, with what the Pod refers to and a secret of others. */
function openAsWritten({ contents, block, ...rest }: OpenVaultSettings = {}) {
  const { server: _, ...written } = spec.provider.vault;
  const secrets = new Map([
    ['payments/db', SECRET],
    ['orders/db', SECRET],
  ]);
  return openVault({
    contents: { engines: { [written.path]: { version: 2, secrets } }, roles: rolesAsWritten(), ...contents },
    block: { ...written, ...block },
    ...rest,
  });
}

describe('docs/providers/vault.md', () => {
  it.each([
    ['kubernetes', spec.provider.vault.auth],
    ['jwt', { jwt: { role: 'payments-api' } }],
  ])('creates a role of %s that reads what its Pod refers to, and nothing else', async (_, auth) => {
    const { connect } = await openAsWritten({ block: { auth } });
    const client = await connect();

    const fetched = await Promise.all(
      REFERENCES.map(({ key, version }) => client.read({ key, ...(version !== undefined && { version }) }, CALL)),
    );
    const error = await failure(client.read({ key: 'orders/db' }, CALL));

    expect(fetched.map(({ value }) => value.exposeText())).toEqual([
      '{"password":"now"}',
      '{"password":"before"}',
      '{"password":"now"}',
    ]);
    expect(error.code).toBe('ACCESS_DENIED');
  });

  it.each([
    [
      'kubernetes',
      spec.provider.vault.auth,
      'bound_service_account_names, bound_service_account_namespaces and audience',
    ],
    ['jwt', { jwt: { role: 'payments-api' } }, 'bound_audiences'],
  ])('lets no other ServiceAccount in through %s, and names what to compare', async (_, auth, settings) => {
    const identity = testIdentity({ serviceAccount: { name: 'worker' } });
    const { connect } = await openAsWritten({ block: { auth }, identity });

    const error = await failure(connect());

    expect(error).toMatchObject({ code: 'IDENTITY_REJECTED', hint: expect.stringContaining(settings) });
    for (const [setting] of settings.matchAll(/[a-z]+_[a-z_]+/g)) expect(LOGINS.join('')).toContain(`${setting}=`);
  });

  it('lets it find, and read metadata, with the second line of the policy', async () => {
    const { connect } = await openAsWritten();
    const client = await connect();

    const found = await client.find?.({ path: 'payments' }, CALL);

    expect(found?.map(({ key }) => key)).toEqual(['payments/db']);
    await expect(client.read({ key: 'payments/db', metadata: true }, CALL)).resolves.toBeDefined();
  });

  it('shows a policy in the form that a refusal asks for', async () => {
    const { connect } = await openAsWritten();
    const client = await connect();

    const { hint = '' } = await failure(client.read({ key: 'orders/db' }, CALL));

    const [, line = ''] = /(path .*)$/.exec(hint) ?? [];
    expect(POLICY.replaceAll(/ +/g, ' ')).toContain(line.replace('orders/db', 'payments/*'));
  });

  it('refers to the store by its name', () => {
    expect(REFERENCES.map(({ store }) => store)).toEqual(
      REFERENCES.map(() => ({ kind: 'SecretStore', name: metadata.name })),
    );
  });
});

describe('the refusals in docs/providers/vault.md', () => {
  interface Refusal {
    readonly settings?: OpenVaultSettings;
    readonly key?: string;
    readonly version?: string;
    /** In place of what Vault says to a read. */
    readonly answer?: ProviderAnswer;
  }

  const lost = (state: 'deleted' | 'destroyed') => ({
    contents: {
      engines: {
        secret: { version: 2 as const, secrets: new Map([['payments/db', { versions: [{ json: '{}', state }] }]]) },
      },
    },
  });
  const v1 = { block: { version: 'v1' }, contents: { roles: { 'kubernetes/payments-api': everything() } } };
  /** By what the page quotes, or by the code where it quotes nothing. */
  const refused: Readonly<Record<string, Refusal>> = {
    'refused the login': { settings: { contents: { roles: {} } } },
    'wants a token': { settings: { block: { auth: undefined } } },
    ACCESS_DENIED: { key: 'orders/db' },
    'does not exist': { key: 'payments/other' },
    'was deleted': { settings: lost('deleted') },
    'was destroyed': { settings: lost('destroyed') },
    'nothing mounted': { settings: { contents: { engines: {} } } },
    'no namespace': {
      settings: { block: { namespace: 'team', auth: { ...spec.provider.vault.auth, namespace: '/' } } },
    },
    'of version': { settings: v1 },
    REF_INVALID: { version: 'three' },
    PROVIDER_THROTTLED: { answer: { status: 429 } },
    PROVIDER_UNAVAILABLE: { answer: { status: 503, body: { errors: ['Vault is sealed'] } } },
  };
  /** Not of the provider's saying, or tested where time and sizes are. */
  const elsewhere = ['has mistakes', 'PROVIDER_TIMEOUT', 'VALUE_TOO_LARGE'];

  const [, table = ''] = PAGE.split('| code | Vault said | what to do |\n|---|---|---|\n');
  const rows = [...table.matchAll(/^\| `(\w+)`([^|]*)\|/gm)].flatMap(([, code = '', quoted = '']) => {
    const quotes = [...quoted.matchAll(/\*([^*]+)\*/g)].map(([, quote = '']) => quote);
    return (quotes.length === 0 ? [code] : quotes).map((text) => ({ code, text }));
  });

  it('are all known', () => {
    expect(rows.map(({ text }) => text).toSorted()).toEqual([...Object.keys(refused), ...elsewhere].toSorted());
  });

  it.each(rows.filter(({ text }) => !elsewhere.includes(text)))('have "$text" as $code', async ({ code, text }) => {
    const { settings, key = 'payments/db', version, answer } = refused[text] ?? {};
    const vault = await openAsWritten(settings);
    async function read() {
      const client = await vault.connect();
      vault.server.interrupt(answer);
      return client.read({ key, ...(version !== undefined && { version }) }, CALL);
    }

    const error = await failure(read());

    expect(error.code).toBe(code);
    expect(error.line).toContain(text);
  });

  function everything(): VaultRole {
    const role = rolesAsWritten()['kubernetes/payments-api'];
    if (role === undefined) throw new Error('the page writes no such role');
    return { ...role, rules: [{ path: '*', capabilities: ['read', 'list'] }] };
  }
});
