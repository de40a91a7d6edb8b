import { describe, expect, it, onTestFinished } from 'vitest';
import { createHttp } from '../../../../src/providers/azurekv/http.ts';
import { failure } from '../../../contract/stage.ts';
import { loopbackAzureCa } from '../../../support/loopback-azure.ts';
import { openAzure } from '../../../support/open-azure.ts';
import { type ProviderAnswer, startProviderServer } from '../../../support/provider-server.ts';

const LIMITS = { signal: new AbortController().signal, maxResponseBytes: 1024 };

async function open(answer: ProviderAnswer) {
  const server = await startProviderServer(() => answer);
  onTestFinished(() => server.close());
  const send = createHttp();
  return { server, get: () => send({ url: `${server.url}/secrets`, method: 'GET', headers: { a: 'b' } }, LIMITS) };
}

describe('createHttp', () => {
  it('gives back any answer as it came, over connections that it keeps', async () => {
    const headers = { 'Retry-After': '3', 'WWW-Authenticate': 'Bearer x="y"' };
    const { server, get } = await open({ status: 401, headers, body: 'text' });

    const answers = [await get(), await get(), await get(), await get()];

    expect(answers[1]).toEqual({
      host: '127.0.0.1',
      status: 401,
      retryAfterMs: 3000,
      challenge: 'Bearer x="y"',
      body: Buffer.from('text'),
    });
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/secrets', headers: { a: 'b' } });
    expect(server.sockets.size).toBeLessThan(answers.length);
  });

  it.each([
    ['soon', undefined],
    ['0', undefined],
    ['99999999', 3_600_000],
    ['Thu, 01 Jan 1970 00:00:00 GMT', undefined],
  ])('reads Retry-After: %s', async (header, expected) => {
    const { get } = await open({ status: 429, headers: { 'Retry-After': header } });

    expect((await get()).retryAfterMs).toBe(expected);
  });

  it('follows no redirect', async () => {
    const { server, get } = await open({ status: 302, headers: { Location: 'http://127.0.0.1:1/' } });

    expect((await get()).status).toBe(302);
    expect(server.requests.length).toBe(1);
  });

  it('reads no more than it may', async () => {
    const { get } = await open({ status: 200, body: 'x'.repeat(1025) });

    expect((await failure(get())).code).toBe('VALUE_TOO_LARGE');
  });

  it('trusts the certificates it is given', async () => {
    const { server } = await openAzure();
    const send = createHttp({ ca: await loopbackAzureCa() });

    const answer = await send({ url: `${server.url}/secrets?api-version=7.4`, method: 'GET', headers: {} }, LIMITS);

    expect(answer).toMatchObject({ status: 401, challenge: expect.stringContaining('Bearer authorization=') });
  });

  it('verifies certificates, also where the environment says not to', async () => {
    const { server } = await openAzure();
    process.env['NODE_TLS_REJECT_UNAUTHORIZED'] = '0';
    onTestFinished(() => {
      delete process.env['NODE_TLS_REJECT_UNAUTHORIZED'];
    });

    const error = await failure(createHttp()({ url: server.url, method: 'GET', headers: {} }, LIMITS));

    expect(error.message).toBe('127.0.0.1 has a certificate that is not trusted');
    expect(server.requests).toEqual([]);
  });
});
