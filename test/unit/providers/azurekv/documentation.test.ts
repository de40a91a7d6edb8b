import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { parseReference } from '../../../../src/references/parse-reference.ts';
import { failure } from '../../../contract/stage.ts';
import { TEST_ISSUER } from '../../../support/kubernetes-issuer.ts';
import type { AzureGrant, AzureVault } from '../../../support/loopback-azure-vault.ts';
import type { ProviderAnswer } from '../../../support/provider-server.ts';
import { CALL, CLIENT_ID, openAzure, TENANT_ID, version } from '../../../support/open-azure.ts';

interface StoreManifest {
  readonly metadata: { readonly name: string };
  readonly spec: { readonly provider: { readonly azurekv: { readonly vaultUrl: string; readonly authType: string } } };
}

const PAGE = readFileSync(new URL('../../../../docs/providers/azure.md', import.meta.url), 'utf8');
const [COMMANDS = ''] = blocks('sh');
const [TERRAFORM = ''] = blocks('hcl');
const [STORE = '', POD = ''] = blocks('yaml');
const { metadata, spec }: StoreManifest = parse(STORE);
const REFERENCES = [...POD.matchAll(/secretstore:\S+/g)].map(([text]) => parseReference(text));
const ROLES = [...COMMANDS.matchAll(/role assignment create --role "([^"]+)" --assignee "\$CLIENT_ID"/g)].map(
  ([, role = '']) => role,
);

/** What the built-in roles' data actions allow, of what is read here. */
const PERMISSIONS: Readonly<Record<string, readonly AzureGrant['permission'][]>> = {
  'Key Vault Secrets User': ['secrets/get', 'secrets/list'],
  'Key Vault Reader': ['keys/get', 'certificates/get'],
};

function blocks(language: string): readonly string[] {
  return [...PAGE.matchAll(new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\``, 'gms'))].map(([, text = '']) => text);
}

/** The cells of the table below this head. */
function rows(head: string): readonly (readonly string[])[] {
  const [, body = ''] = PAGE.split(`| ${head} |`)[1]?.split(/^\|[-|]+\|$/m) ?? [];
  const [table = ''] = body.trimStart().split('\n\n');
  return table.split('\n').map((row) =>
    row
      .split('|')
      .slice(1, -1)
      .map((cell) => cell.trim()),
  );
}

function flag(name: string): string {
  return new RegExp(`--${name} (\\S+)`).exec(COMMANDS)?.[1] ?? '';
}

/** Of the ServiceAccount, after the page's last command. */
function annotations(): Readonly<Record<string, string>> {
  const values: Readonly<Record<string, string>> = { CLIENT_ID, TENANT_ID };
  const written = [...COMMANDS.matchAll(/(azure\.workload\.identity\/\S+)="\$(\w+)"/g)];
  return Object.fromEntries(written.map(([, name = '', variable = '']) => [name, values[variable] ?? '']));
}

function allow(permissions: readonly AzureGrant['permission'][] | undefined): readonly AzureGrant[] {
  return (permissions ?? []).map((permission) => ({ clientId: CLIENT_ID, permission }));
}

/** A tenant with the page's identity and a vault with what the Pod refers to. */
async function openAsWritten(vault: Partial<AzureVault> = {}) {
  const { authType } = spec.provider.azurekv;
  const before = REFERENCES.find((reference) => reference.version !== undefined)?.version ?? '';
  const azure = await openAzure({
    world: {
      clients: {
        [CLIENT_ID]: {
          federated: [{ issuer: TEST_ISSUER, subject: flag('subject'), audience: flag('audiences') }],
        },
      },
    },
    vault: {
      objects: {
        secrets: { db: { versions: [{ id: before, value: 'before' }, version(2, 'now')] } },
        keys: { signing: { versions: [version(1, { kty: 'RSA' })] } },
        certificates: { tls: { versions: [version(1, 'AA==')] } },
      },
      grants: ROLES.flatMap((role) => allow(PERMISSIONS[role])),
      ...vault,
    },
    block: { authType },
  });
  const [, namespace = '', name = ''] = /annotate serviceaccount -n (\S+) (\S+)/.exec(COMMANDS) ?? [];
  return {
    ...azure,
    connect: (who = {}) => azure.connect({ namespace, name, annotations: annotations(), ...who }),
  };
}

describe('docs/providers/azure.md', () => {
  it('lets the Pod read what it refers to', async () => {
    const { connect } = await openAsWritten();
    const client = await connect();

    const fetched = await Promise.all(
      REFERENCES.map(({ key, version: asked }) =>
        client.read({ key, ...(asked !== undefined && { version: asked }) }, CALL),
      ),
    );

    expect(fetched.map(({ value }) => value.exposeText())).toEqual([
      'now',
      'before',
      expect.stringContaining('"kty":"RSA"'),
    ]);
  });

  it('lets no other ServiceAccount in, and names what its federated credential must have', async () => {
    const { connect } = await openAsWritten();

    const { code, hint = '' } = await failure(connect({ name: 'worker' }));

    expect(code).toBe('IDENTITY_REJECTED');
    expect(hint.replace('worker', 'api')).toContain(
      `issuer ${TEST_ISSUER}, subject ${flag('subject')} and audience ${flag('audiences')}`,
    );
  });

  it.each(rows('to read | role | access policy'))(
    'lets it read %s with %s, or %s',
    async (what, role = '', policy = '') => {
      const key = { '`key/…`': 'key/signing', '`cert/…`': 'cert/tls' }[what ?? ''] ?? 'db';
      const [name = ''] = role.split(',');
      const byPolicy = [...policy.matchAll(/--(\w+)-permissions ([a-z ]+)/g)].flatMap(([, kind = '', verbs = '']) =>
        verbs.split(' ').map((verb) => `${kind}s/${verb}` as AzureGrant['permission']),
      );
      const isFind = what === '`find`';

      async function read(vault: Partial<AzureVault>) {
        const client = await (await openAsWritten(vault)).connect();
        return isFind ? client.find?.({}, CALL) : client.read({ key }, CALL);
      }
      const refusals = await Promise.all(
        (['rbac', 'policy'] as const).map((model) => failure(read({ model, grants: [] }))),
      );

      await expect(read({ grants: allow(PERMISSIONS[name]) })).resolves.toBeDefined();
      await expect(read({ model: 'policy', grants: allow(byPolicy) })).resolves.toBeDefined();
      expect(refusals.map(({ hint }) => hint)).toEqual([
        expect.stringContaining(`--role "${name}" --assignee ${CLIENT_ID}`),
        expect.stringContaining(policy.replaceAll('`', '')),
      ]);
    },
  );

  it('says the same with Terraform', () => {
    expect(TERRAFORM).toMatch(new RegExp(`subject += "${flag('subject')}"`));
    expect(TERRAFORM).toMatch(new RegExp(`audience += \\["${flag('audiences')}"\\]`));
    expect(TERRAFORM).toContain(`toset(${JSON.stringify(ROLES).replaceAll(',', ', ')})`);
    for (const name of Object.keys(annotations())) expect(TERRAFORM).toContain(`"${name}"`);
  });

  it('refers to the store by its name, and grants on its vault', () => {
    const scopes = [...COMMANDS.matchAll(/keyvault show --name (\S+)/g)].map(([, name]) => name);

    expect(REFERENCES.map(({ store }) => store)).toEqual(
      REFERENCES.map(() => ({ kind: 'SecretStore', name: metadata.name })),
    );
    expect(scopes).toEqual(ROLES.map(() => new URL(spec.provider.azurekv.vaultUrl).hostname.split('.')[0]));
  });
});

describe('the refusals in docs/providers/azure.md', () => {
  const refusals = rows('code | Azure said | what to do').map(([code = '', said = '']) => ({
    code: /`(\w+)`/.exec(code)?.[1],
    quotes: [...code.matchAll(/\*([^*]+)\*/g)].map(([, quote = '']) => quote),
    said,
  }));

  const byEntra = refusals.flatMap(({ code, quotes, said }) =>
    [...(/^AADSTS([\d, ]+)$/.exec(said)?.[1] ?? '').matchAll(/\d+/g)].map(([number], position) => ({
      number: Number(number),
      code,
      quote: quotes[position] ?? quotes[0] ?? '',
    })),
  );
  it.each(byEntra)('have AADSTS$number as "$quote"', async ({ number, code, quote }) => {
    const { server, connect } = await openAsWritten();
    server.interrupt({ status: 401, body: { error: 'invalid_client', error_codes: [number] } });

    const error = await failure(connect());

    expect(error).toMatchObject({ code, message: expect.stringContaining(quote) });
    expect(error.message).toContain(`AADSTS${number}`);
  });

  const byVault = refusals.flatMap(({ code, quotes, said }) => {
    const [, status = '', words = ''] = /(?:^|or )(\d{3})(?: ([A-Z]\w+(?:, [A-Z]\w+)*))?$/.exec(said) ?? [];
    return status === ''
      ? []
      : words.split(', ').map((word) => ({ status: Number(status), word, code, quote: quotes[0] ?? '' }));
  });
  it.each(byVault)('have $status $word as $code', async ({ status, word, code, quote }) => {
    const { server, connect } = await openAsWritten();
    const client = await connect();
    server.interrupt(complaint(status, word));

    const error = await failure(client.read({ key: 'db' }, CALL));

    expect(error).toMatchObject({ code, message: expect.stringContaining(quote) });
  });

  it('are read from the whole table', () => {
    expect(byEntra.map(({ number }) => number)).toEqual([
      70021, 700211, 700212, 700213, 700016, 90002, 900023, 7000215, 7000222, 700027,
    ]);
    expect(byVault.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403, 404, 404, 404, 400, 429]);
  });

  it.each([
    ['has no identity in Azure', {}, { annotations: {} }],
    ['belongs to tenant', { vaultTenantId: '11111111-2222-4333-8444-555555555555' }, {}],
  ])('have "%s"', async (quote, world, who) => {
    const azure = await openAzure({ world });
    async function read() {
      const client = await azure.connect(who);
      azure.server.expireTokens();
      return client.read({ key: 'db' }, CALL);
    }

    const error = await failure(read());

    expect(refusals).toContainEqual(expect.objectContaining({ code: error.code, quotes: [quote] }));
    expect(error.message).toContain(quote);
  });
});

/** As Key Vault answers: a 403 tells why inside. */
function complaint(status: number, word: string): ProviderAnswer {
  const error = status === 403 ? { code: 'Forbidden', innererror: { code: word } } : { code: word };
  return { status, body: { error: { message: '', ...error } } };
}
