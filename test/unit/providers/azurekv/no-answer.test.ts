import { describe, expect, it } from 'vitest';
import { noAnswer } from '../../../../src/providers/azurekv/no-answer.ts';

const WAITING = new AbortController().signal;

function failed(code: string): Error {
  return Object.assign(new Error('words that quote the request'), { code });
}

describe('noAnswer', () => {
  it.each([
    ['ECONNREFUSED', 'PROVIDER_UNAVAILABLE', 'refuses connections'],
    ['ENOTFOUND', 'PROVIDER_UNAVAILABLE', 'has no address'],
    ['CERT_HAS_EXPIRED', 'PROVIDER_UNAVAILABLE', 'has an expired certificate'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'PROVIDER_UNAVAILABLE', 'has a certificate that is not trusted'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'PROVIDER_UNAVAILABLE', 'does not agree on TLS'],
    ['UND_ERR_HEADERS_TIMEOUT', 'PROVIDER_TIMEOUT', 'did not answer in time'],
    ['EWHATEVER', 'PROVIDER_UNAVAILABLE', 'could not be asked'],
  ])('tells of %s as %s', (code, expected, says) => {
    const error = noAnswer(new TypeError('fetch failed', { cause: failed(code) }), 'acme.vault.azure.net', WAITING);

    expect(error.code).toBe(expected);
    expect(error.message).toBe(`acme.vault.azure.net ${says}`);
    expect(error.cause).toBeUndefined();
  });

  it('tells of the deadline, whatever broke', () => {
    expect(noAnswer(failed('ECONNRESET'), 'acme.vault.azure.net', AbortSignal.abort()).code).toBe('PROVIDER_TIMEOUT');
  });

  it.each([undefined, 'text', new Error('no code'), new AggregateError([failed('ECONNREFUSED')])])(
    'takes anything thrown: %o',
    (thrown) => {
      expect(noAnswer(thrown, 'acme.vault.azure.net', WAITING).code).toBe('PROVIDER_UNAVAILABLE');
    },
  );
});
