import { describe, expect, it } from 'vitest';
import { noAnswer } from '../../../../src/providers/vault/no-answer.ts';

const OPEN = new AbortController().signal;

function failed(code: string): Error {
  return Object.assign(new Error(`token hunter2 was sent: ${code}`), { code });
}

describe('noAnswer', () => {
  it.each([
    ['ECONNREFUSED', 'refuses connections'],
    ['ENOTFOUND', 'has no address'],
    ['UND_ERR_SOCKET', 'broke the connection'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'has a certificate that is not trusted'],
    ['CERT_HAS_EXPIRED', 'has an expired certificate'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'has a certificate for another name'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'does not agree on TLS'],
    ['SOMETHING_NEW', 'could not be asked'],
  ])('says of %s that Vault %s, and nothing the error said', (code, says) => {
    const error = noAnswer(failed(code), 'vault:8200', OPEN);

    expect(error.code).toBe('PROVIDER_UNAVAILABLE');
    expect(error.message).toBe(`Vault at vault:8200 ${says}`);
    expect(error.cause).toBeUndefined();
  });

  it.each(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'ETIMEDOUT'])('reports %s as a timeout', (code) => {
    expect(noAnswer(failed(code), 'vault:8200', OPEN).code).toBe('PROVIDER_TIMEOUT');
  });

  it('reports whatever an aborted call throws as a timeout', () => {
    expect(noAnswer('gone', 'vault:8200', AbortSignal.abort()).code).toBe('PROVIDER_TIMEOUT');
  });

  it('looks into the errors of several addresses', () => {
    const both = new AggregateError([failed('ECONNREFUSED'), failed('ECONNREFUSED')]);

    expect(noAnswer(new TypeError('failed', { cause: both }), 'vault:8200', OPEN).message).toContain(
      'refuses connections',
    );
  });
});
