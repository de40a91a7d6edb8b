import { describe, expect, it } from 'vitest';
import { noAnswer, type Peer } from '../../../src/providers/no-answer.ts';

const OPEN = new AbortController().signal;
const VAULT: Peer = {
  name: 'Vault',
  host: 'vault:8200',
  addressField: 'spec.provider.vault.server',
  caField: 'spec.provider.vault.caBundle',
};

function failed(code: string): Error {
  return Object.assign(new Error(`token hunter2 was sent: ${code}`), { code });
}

describe('noAnswer', () => {
  it.each([
    ['ECONNREFUSED', 'refuses connections', 'Check spec.provider.vault.server'],
    ['ENOTFOUND', 'has no address', 'Check the host name in spec.provider.vault.server'],
    ['UND_ERR_SOCKET', 'broke the connection', 'Check spec.provider.vault.server'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'has a certificate that is not trusted', 'into spec.provider.vault.caBundle'],
    ['CERT_HAS_EXPIRED', 'has an expired certificate', "Renew Vault's certificate"],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'has a certificate for another name', 'in spec.provider.vault.server'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not agree on TLS', 'whether Vault speaks https'],
    ['SOMETHING_NEW', 'could not be asked', 'Check spec.provider.vault.server'],
  ])('says of %s that Vault %s, and nothing the error said', (code, says, hint) => {
    const error = noAnswer(failed(code), VAULT, OPEN);

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toBe(`Vault at vault:8200 ${says}`);
    expect(error.hint).toContain(hint);
    expect(error.cause).toBeUndefined();
  });

  it.each(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'])('reports %s as a timeout', (code) => {
    expect(noAnswer(failed(code), VAULT, OPEN).code).toBe('PROVIDER_TIMEOUT');
  });

  it('reports whatever an aborted call throws as a timeout', () => {
    expect(noAnswer('gone', VAULT, AbortSignal.abort()).code).toBe('PROVIDER_TIMEOUT');
  });

  it('looks into the errors of several addresses', () => {
    const both = new AggregateError([failed('ECONNREFUSED'), failed('ECONNREFUSED')]);

    expect(noAnswer(new TypeError('failed', { cause: both }), VAULT, OPEN).message).toContain('refuses connections');
  });
});
