import { generate } from 'selfsigned';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { createHttp, type HttpSettings, retryAfter } from '../../../src/providers/http.ts';
import { failure } from '../../contract/stage.ts';
import {
  type ProviderAnswer,
  type ProviderServerSettings,
  startProviderServer,
} from '../../support/provider-server.ts';

const OPEN = new AbortController().signal;
const FIELDS = { name: 'Keeper', addressField: 'spec.provider.keeper.url', caField: 'spec.provider.keeper.caBundle' };

async function open(
  answer: ProviderAnswer,
  { settings = {}, server: serverSettings }: { settings?: Partial<HttpSettings>; server?: ProviderServerSettings } = {},
) {
  const server = await startProviderServer(() => answer, serverSettings);
  const { host } = new URL(server.url);
  const http = createHttp({ peer: { ...FIELDS, host }, tls: {}, maxResponseBytes: 1024, ...settings });
  onTestFinished(async () => {
    await http.close();
    await server.close();
  });
  return {
    server,
    host,
    get: (origin = server.url) => http.send({ url: `${origin}/v1/x`, method: 'GET', headers: { a: 'b' } }, OPEN),
    close: () => http.close(),
  };
}

describe('createHttp', () => {
  it('gives back any answer as it came, over connections that it keeps until it is closed', async () => {
    const { server, get, close } = await open({ status: 418, headers: { 'Retry-After': '3' }, body: 'text' });

    const answers = [await get(), await get(), await get()];
    const kept = server.sockets.size;
    await close();
    await server.quiet();

    expect(answers[2]).toEqual({ status: 418, retryAfterMs: 3000, body: Buffer.from('text') });
    expect(server.requests[0]).toMatchObject({ method: 'GET', path: '/v1/x', headers: { a: 'b' } });
    expect(kept).toBeLessThan(answers.length);
  });

  it('follows no redirect', async () => {
    const { server, get } = await open({ status: 302, headers: { Location: 'http://127.0.0.1:1/' } });

    expect((await get()).status).toBe(302);
    expect(server.requests.length).toBe(1);
  });

  it('reads no more than it may', async () => {
    const { get, host } = await open({ status: 200, body: 'x'.repeat(1025) });

    const error = await failure(get());

    expect(error).toMatchObject({
      code: 'VALUE_TOO_LARGE',
      message: `an answer of Keeper at ${host} is larger than 1024 bytes`,
    });
  });

  it('verifies certificates, also where the environment says not to', async () => {
    const { cert, private: key } = await generate([{ name: 'commonName', value: '127.0.0.1' }]);
    const { server, get, host } = await open({ status: 200 }, { server: { tls: { cert, key } } });
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => {
      vi.unstubAllEnvs();
    });

    const error = await failure(get());

    expect(error.message).toBe(`Keeper at ${host} has a certificate that is not trusted`);
    expect(server.requests).toEqual([]);
  });

  it('passes on why a lookup refuses a name', async () => {
    const refusal = new LatchkeyError('ENDPOINT_NOT_ALLOWED', 'not there');
    const { server, get } = await open(
      { status: 200 },
      { settings: { lookup: (_name, _options, done) => done(refusal, '', 0) } },
    );

    const error = await failure(get(server.url.replace('127.0.0.1', 'keeper.example.com')));

    expect(error).toBe(refusal);
    expect(server.requests).toEqual([]);
  });
});

describe('retryAfter', () => {
  const now = Date.parse('2026-01-02T03:04:05Z');

  it.each([
    ['7', 7000],
    ['Fri, 02 Jan 2026 03:04:15 GMT', 10_000],
    ['999999999', 3_600_000],
    ['0', undefined],
    ['Fri, 02 Jan 2026 03:04:00 GMT', undefined],
    ['soon', undefined],
    [undefined, undefined],
  ])('reads %j as %j ms', (header, expected) => {
    expect(retryAfter(header, now)).toBe(expected);
  });
});
