import { describe, expect, it } from 'vitest';
import { azurekv } from '../../../../src/providers/azurekv/index.ts';
import { type GrantsScene, grantsOf } from '../../../support/grants-of.ts';

const CLIENT = '7f3c1c9e-8f5e-4b0a-9d0e-2d7f0c9a1b11';
const TENANT = '5b9c0f6e-0d0c-4f3a-8f69-0c5c2f8b7a10';

function azureGrants(block: object, refs: GrantsScene['refs'], rest: Partial<GrantsScene> = {}) {
  const limits = { audiences: ['api://AzureADTokenExchange'] };
  const all = { vaultUrl: 'https://payments.vault.azure.net', tenantId: TENANT, ...block };
  const annotations = { 'azure.workload.identity/client-id': CLIENT };
  return grantsOf({ provider: azurekv, block: all, refs, annotations, limits, ...rest });
}

function assign(role: string, path: string, assignee = CLIENT): string {
  return `az role assignment create --role '${role}' \\
  --assignee ${assignee} \\
  --scope "$(az keyvault show --name payments --query id -o tsv)${path}"
`;
}

/** Without what stands there as a comment. */
function commands(text = ''): string {
  return text.replaceAll(/^#.*\n/gm, '');
}

describe('what Azure must grant', () => {
  it('is a federated credential, and a role on each object', () => {
    const [login, read] = azureGrants({}, ['db', 'secret/db', 'cache']);

    expect(login).toMatchObject({ purpose: 'login', principal: `client ${CLIENT}`, language: 'sh' });
    const [, parameters = ''] = /--parameters '(.*)'\n/.exec(login?.text ?? '') ?? [];
    expect(JSON.parse(parameters)).toEqual({
      name: 'payments-api',
      issuer: 'https://oidc.example.com/id/ABCDEF',
      subject: 'system:serviceaccount:payments:api',
      audiences: ['api://AzureADTokenExchange'],
    });
    expect(read?.principal).toBe(`client ${CLIENT}`);
    expect(commands(read?.text)).toBe(
      assign('Key Vault Secrets User', '/secrets/cache') + assign('Key Vault Secrets User', '/secrets/db'),
    );
  });

  it.each([
    ['key/signing', '/keys/signing', '--key-permissions get'],
    ['cert/tls', '/certificates/tls', '--certificate-permissions get'],
  ])('reads %s with the role for what is public, or an access policy', (key, path, policy) => {
    const read = azureGrants({}, [key]).at(-1);

    expect(commands(read?.text)).toBe(assign('Key Vault Reader', path));
    expect(read?.text).toContain(`# az keyvault set-policy --name payments --spn ${CLIENT} ${policy}\n`);
  });

  it('opens the vault as a whole where something is found in it', () => {
    const [, read] = azureGrants({}, ['db', 'key/signing'], { finds: [{ name: { regexp: 'a' } }] });

    expect(commands(read?.text)).toBe(
      assign('Key Vault Reader', '/keys/signing') +
        assign('Key Vault Secrets User', '/secrets/db') +
        assign('Key Vault Secrets User', ''),
    );
    expect(read?.text).toContain(`--spn ${CLIENT} --key-permissions get --secret-permissions get list\n`);
    expect(read?.note).toContain('opens all of its secrets');
  });

  it('comments out what is for vaults with access policies and for managed identities', () => {
    const lines = azureGrants({}, ['db', 'cert/tls']).flatMap(({ text }) => text.split('\n'));

    expect(lines.filter((line) => line.startsWith('#')).map((line) => line.split(' --')[0])).toEqual([
      '# For a managed identity in place of an application:',
      '# az identity federated-credential create',
      '# A vault with access policies in place of roles can only be opened as a whole:',
      '# az keyvault set-policy',
    ]);
  });

  it('has a word for a client id in a Secret', () => {
    const authSecretRef = {
      clientId: { name: 'azure', key: 'id' },
      clientSecret: { name: 'azure', key: 'secret' },
    };

    const grants = azureGrants({ authType: 'ServicePrincipal', authSecretRef }, ['db'], { reader: 'none' });

    expect(grants).toMatchObject([
      {
        purpose: 'read',
        principal: 'the client whose id is in Secret azure (key id)',
        note: 'CLIENT_ID stands for the client id',
      },
    ]);
    expect(commands(grants[0]?.text)).toBe(assign('Key Vault Secrets User', '/secrets/db', 'CLIENT_ID'));
  });

  it('gives a managed identity of the node its roles and no credential', () => {
    const limits = { audiences: [], endpointUrls: { imds: 'http://127.0.0.1' } };

    const grants = azureGrants({ authType: 'ManagedIdentity', identityId: CLIENT }, ['db'], { limits, reader: 'none' });

    expect(grants).toMatchObject([{ purpose: 'read', principal: `client ${CLIENT}` }]);
  });

  it('refuses a key that names no object', () => {
    expect(() => azureGrants({}, ['a/b/c'])).toThrow(/names no object of a vault/);
  });
});
