import { describe, expect, it } from 'vitest';
import { fromAnswer } from '../../../../src/providers/azurekv/errors.ts';
import type { HttpAnswer } from '../../../../src/providers/azurekv/http.ts';
import type { Scene, Step } from '../../../../src/providers/azurekv/scene.ts';
import { CLIENT_ID, TENANT_ID } from '../../../support/open-azure.ts';
import { LEAK_MARKER } from '../../../support/test-identity.ts';

const OTHER_TENANT = '11111111-2222-4333-8444-555555555555';
const SCENE: Scene = {
  host: 'acme.vault.azure.net',
  reader: {
    who: `ServiceAccount payments/api as client ${CLIENT_ID}`,
    clientId: CLIENT_ID,
    tenantId: TENANT_ID,
    source: 'the annotation azure.workload.identity/client-id of ServiceAccount payments/api',
  },
};
const SECRET: Step = { kind: 'secret', name: 'db', version: undefined };
const VAULT_ID = '$(az keyvault show --name acme --query id -o tsv)';

function answer(status: number, code: string, inner?: string, challenge?: string): HttpAnswer {
  const innererror = inner === undefined ? {} : { innererror: { code: inner } };
  const body = { error: { code, message: LEAK_MARKER, ...innererror } };
  return {
    host: SCENE.host,
    status,
    body: Buffer.from(JSON.stringify(body)),
    ...(challenge !== undefined && { challenge }),
  };
}

describe('fromAnswer', () => {
  it.each<readonly [string, HttpAnswer, Step, string]>([
    [
      'a missing role',
      answer(403, 'Forbidden', 'ForbiddenByRbac'),
      SECRET,
      `acme.vault.azure.net does not let ServiceAccount payments/api as client ${CLIENT_ID} read secret "db". ` +
        `Grant the role "Key Vault Secrets User", and wait some minutes for it: az role assignment create --role "Key Vault Secrets User" --assignee ${CLIENT_ID} --scope ${VAULT_ID}/secrets/db; ` +
        'or check the annotation azure.workload.identity/client-id of ServiceAccount payments/api. [ACCESS_DENIED]',
    ],
    [
      'a missing policy',
      answer(403, 'Forbidden', 'ForbiddenByPolicy'),
      { kind: 'list' },
      `read its secrets|list its secrets. Grant it by an access policy: az keyvault set-policy --name acme --spn ${CLIENT_ID} --secret-permissions get list`,
    ],
    [
      'a denial without reason',
      answer(403, 'Forbidden'),
      { kind: 'key', name: 'signing', version: '1' },
      `read version 1 of key "signing". Grant the role "Key Vault Reader" where the vault uses roles, else: az keyvault set-policy --name acme --spn ${CLIENT_ID} --key-permissions get`,
    ],
    [
      'a firewall',
      answer(403, 'Forbidden', 'ForbiddenByFirewall'),
      SECRET,
      `the firewall of acme.vault.azure.net lets no request of Latchkey's network read secret "db"`,
    ],
    [
      'a secret that was disabled',
      answer(403, 'Forbidden', 'SecretDisabled'),
      SECRET,
      'it is disabled. Enable it, or add a new version: az keyvault secret set-attributes --vault-name acme --name db --enabled true. [ACCESS_DENIED]',
    ],
    [
      'a secret that has expired',
      answer(403, 'Forbidden', 'SecretExpired'),
      SECRET,
      'it is expired. Add a new version, or correct its dates. [ACCESS_DENIED]',
    ],
    [
      'a missing secret',
      answer(404, 'SecretNotFound'),
      SECRET,
      'the secret "db" does not exist in acme.vault.azure.net. Create it',
    ],
    [
      'a missing version',
      answer(404, 'CertificateNotFound'),
      { kind: 'certificate', name: 'api', version: '7' },
      'version 7 of the certificate "api" does not exist',
    ],
    [
      'a name that Key Vault does not take',
      answer(400, 'BadParameter'),
      SECRET,
      'Key Vault takes no request to read secret "db". Correct the key and the version. [REF_INVALID]',
    ],
    [
      'a token that is refused',
      answer(401, 'Unauthorized'),
      SECRET,
      `acme.vault.azure.net does not accept the token of ServiceAccount payments/api as client ${CLIENT_ID} to read secret "db"`,
    ],
    [
      'a vault of another tenant',
      answer(
        401,
        'Unauthorized',
        undefined,
        `Bearer authorization="https://login.microsoftonline.com/${OTHER_TENANT}", resource="https://vault.azure.net"`,
      ),
      SECRET,
      `acme.vault.azure.net belongs to tenant ${OTHER_TENANT}, and ServiceAccount payments/api as client ${CLIENT_ID} is of tenant ${TENANT_ID}`,
    ],
  ])('explains %s', (_, given, step, expected) => {
    const { line } = fromAnswer(given, step, SCENE);

    for (const part of expected.split('read its secrets|')) expect(line).toContain(part);
    expect(line).not.toContain(LEAK_MARKER);
  });

  it.each([
    [400, 'Unknown', 'PROVIDER_UNAVAILABLE'],
    [404, 'NotFound', 'PROVIDER_UNAVAILABLE'],
    [409, 'Conflict', 'PROVIDER_UNAVAILABLE'],
    [418, 'SecretNotFound', 'PROVIDER_UNAVAILABLE'],
    [429, 'Throttled', 'PROVIDER_THROTTLED'],
    [408, 'Timeout', 'PROVIDER_TIMEOUT'],
    [500, 'SecretNotFound', 'PROVIDER_UNAVAILABLE'],
    [307, 'Moved', 'PROVIDER_UNAVAILABLE'],
  ])('never takes %i %s for absence', (status, code, expected) => {
    expect(fromAnswer(answer(status, code), SECRET, SCENE).code).toBe(expected);
  });

  it('never takes a missing list for a missing secret', () => {
    expect(fromAnswer(answer(404, 'SecretNotFound'), { kind: 'list' }, SCENE).code).toBe('PROVIDER_UNAVAILABLE');
  });

  it.each(['<html>', '{}', '{"error":"SecretNotFound"}', '{"error":{"code":7}}', ''])(
    'takes %s for no answer of Azure',
    (body) => {
      const error = fromAnswer({ host: SCENE.host, status: 404, body: Buffer.from(body) }, SECRET, SCENE);

      expect(error).toMatchObject({ code: 'PROVIDER_UNAVAILABLE', message: expect.stringContaining("not Azure's") });
    },
  );
});
