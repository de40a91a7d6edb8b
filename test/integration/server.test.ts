import { connect, type ConnectionOptions } from 'node:tls';
import { request } from 'undici';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { AdmitReview } from '../../src/admission/admit-review.ts';
import { LatchkeyError } from '../../src/errors.ts';
import { createMetrics } from '../../src/metrics.ts';
import { SecretValue } from '../../src/secret-value.ts';
import { createProbes } from '../../src/server/probe-routes.ts';
import { startWebhookServer } from '../../src/server/server.ts';
import { createCertificateAuthority } from '../../src/tls/certificate-authority.ts';
import { captureLog } from '../support/captured-log.ts';
import {
  ALLOWED,
  aReview,
  clientFor,
  createHandSource,
  type RunningServer,
  runWebhookServer,
  type ServerSettings,
  TOKEN,
} from '../support/webhook-server.ts';
import { parseConfig } from '../../src/config.ts';

const SEVEN_MEBIBYTES = 7 * 1024 * 1024;

const running: RunningServer[] = [];

async function start(settings?: ServerSettings): Promise<RunningServer> {
  const server = await runWebhookServer(settings);
  running.push(server);
  return server;
}

afterEach(async () => {
  await Promise.all(running.splice(0).map((server) => server.stop()));
});

describe('the webhook server', () => {
  it('answers a review with its uid', async () => {
    const server = await start({
      admit: async () => ({
        response: { allowed: true, patchType: 'JSONPatch', patch: 'W10=', warnings: ['careful'] },
        summary: { decision: 'patched', codes: [] },
      }),
    });

    const answer = await server.post(aReview());

    expect(answer.status).toBe(200);
    expect(answer.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(JSON.parse(answer.text)).toEqual({
      apiVersion: 'admission.k8s.io/v1',
      kind: 'AdmissionReview',
      response: { uid: 'u-1', allowed: true, patchType: 'JSONPatch', patch: 'W10=', warnings: ['careful'] },
    });
  });

  it('hands the review on exactly as it was sent', async () => {
    const admit = vi.fn<AdmitReview>(async () => ALLOWED);
    const server = await start({ admit });
    const body = aReview({ object: { replicas: '3', name: 5, note: 'Grüße 🔑', extra: null } }).replace(
      '"operation"',
      '"__proto__":{"polluted":true},"operation"',
    );

    const answer = await server.post(body);

    expect(answer.status).toBe(200);
    expect(JSON.stringify(admit.mock.calls[0]?.[0])).toBe(body);
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });

  it.each([
    ['application/json; charset=utf-8'],
    ['application/json;charset="UTF-8"'],
    ['text/plain'],
    ['application/xml'],
    ['application/x-www-form-urlencoded'],
    ['multipart/form-data; boundary=x'],
  ])('reads the same review under Content-Type %s', async (type) => {
    const admit = vi.fn<AdmitReview>(async () => ALLOWED);
    const server = await start({ admit });

    const answer = await server.post(aReview(), { headers: { 'content-type': type } });

    expect(answer.status).toBe(200);
    expect(JSON.stringify(admit.mock.calls[0]?.[0])).toBe(aReview());
  });

  it('reads a review without a Content-Type', async () => {
    const server = await start();

    const answer = await server.post(aReview(), { headers: {} });

    expect(answer.status).toBe(200);
  });

  it('refuses a Content-Type that is none', async () => {
    const server = await start();

    const answer = await server.post(aReview(), { headers: { 'content-type': ' ; hunter2' } });

    expect(answer).toMatchObject({ status: 415, text: 'the Content-Type header cannot be read\n' });
  });

  it.each([
    ['{"password":"hunter2"', 'the body is no JSON object\n'],
    ['', 'the body is no JSON object\n'],
    ['{"apiVersion":"v1","kind":"Pod"}', 'the body is no AdmissionReview of admission.k8s.io/v1\n'],
  ])('refuses the body %s with 400 and without quoting it', async (body, text) => {
    const server = await start();

    const answer = await server.post(body);

    expect(answer).toMatchObject({ status: 400, text });
    expect(server.captured.text()).not.toContain('hunter2');
  });

  it('takes a review of 7 MiB and refuses a larger one with 413', async () => {
    const server = await start();
    const frame = aReview({ object: '' }).length;

    const largest = await server.post(aReview({ object: 'x'.repeat(SEVEN_MEBIBYTES - frame) }));
    const larger = await server.post(aReview({ object: 'x'.repeat(SEVEN_MEBIBYTES - frame + 1) }));

    expect(largest.status).toBe(200);
    expect(larger).toMatchObject({ status: 413, text: `the review is larger than ${SEVEN_MEBIBYTES} bytes\n` });
  });

  it.each([
    ['another token', `/mutate/${'cd'.repeat(32)}`],
    ['a part of the token', `/mutate/${TOKEN.slice(1)}`],
    ['no token', '/mutate'],
    ['something behind the token', `/mutate/${TOKEN}/more`],
  ])('answers %s with 404 and reads no body', async (_title, path) => {
    const admit = vi.fn<AdmitReview>(async () => ALLOWED);
    const server = await start({ admit });

    const answer = await server.post(aReview(), { path });

    expect(answer).toMatchObject({ status: 404, text: 'not found\n' });
    expect(admit).not.toHaveBeenCalled();
    expect(server.captured.text()).not.toContain('/mutate');
  });

  it.each([
    ['/mutate/%zz', 400],
    [`/mutate/${'ab'.repeat(4000)}`, 414],
  ])('answers a path that is no path without quoting it: %.12s', async (path, status) => {
    const server = await start();

    const answer = await server.post(aReview(), { path });

    expect(answer).toMatchObject({ status, text: 'the request cannot be read\n' });
  });

  it.each([
    [new LatchkeyError('BUSY', 'too much at once'), 'request u-1: too much at once. [BUSY]'],
    [
      new TypeError('cannot read hunter2'),
      "request u-1: unexpected failure. Look in Latchkey's log for this request, and report it. [INTERNAL]",
    ],
  ])('turns what admission should never throw into a denial: %s', async (thrown, message) => {
    const server = await start({ admit: async () => Promise.reject(thrown) });

    const answer = await server.post(aReview());

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({
      response: { uid: 'u-1', allowed: false, status: { code: 500, reason: 'InternalError', message } },
    });
    expect(server.captured.text()).not.toContain('hunter2');
  });

  it('turns an answer that is no JSON into a denial', async () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    const response = { allowed: true, ...circular };
    const server = await start({ admit: async () => ({ ...ALLOWED, response }) });

    const answer = await server.post(aReview());

    expect(answer.status).toBe(200);
    expect(JSON.parse(answer.text)).toMatchObject({ response: { uid: 'u-1', allowed: false } });
  });

  it('aborts the signal when the time that the API server sent is over', async () => {
    const server = await start({
      admit: async (_review, { signal }) => {
        await new Promise((resolve) => signal.addEventListener('abort', resolve));
        return { response: { allowed: false }, summary: { decision: 'denied', codes: ['PROVIDER_TIMEOUT'] } };
      },
      config: { deadlineMargin: '50ms' },
    });

    const answer = await server.post(aReview(), { path: `/mutate/${TOKEN}?timeout=100ms` });

    expect(answer.status).toBe(200);
    expect(server.captured.lines.at(-1)).toMatchObject({ decision: 'denied', codes: ['PROVIDER_TIMEOUT'] });
  });

  it('asks callers with many large reviews to come back', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let waiting = 0;
    const server = await start({
      admit: async () => {
        waiting += 1;
        await promise;
        return ALLOWED;
      },
    });
    const large = aReview({ object: 'x'.repeat(300_000) });

    // Eight connections of a client each hold one; of three clients eight have to wait.
    const agents = [1, 2, 3].map(() => clientFor(server.authority.certificatePem));
    const url = `https://127.0.0.1:${server.port}/mutate/${TOKEN}`;
    const posts = agents.flatMap((dispatcher) =>
      Array.from({ length: 8 }, async () => {
        const answer = await request(url, { method: 'POST', body: large, dispatcher });
        await answer.body.dump();
        return answer;
      }),
    );
    await vi.waitFor(() => expect(waiting).toBe(16));
    const small = server.post(aReview());
    await vi.waitFor(() => expect(waiting).toBe(17));
    resolve();
    const answers = await Promise.all(posts);
    await Promise.all(agents.map((agent) => agent.close()));

    const refused = answers.filter(({ statusCode }) => statusCode === 429);
    expect(refused).toHaveLength(8);
    expect(refused[0]?.headers['retry-after']).toBe('1');
    expect((await small).status).toBe(200);
    expect((await server.post(large)).status).toBe(200);
  });

  it('serves its probes on the same port', async () => {
    const server = await start();

    const ready = await server.get('/readyz');
    server.probes.shutDown();
    const shutDown = await server.get('/readyz');

    expect(ready.status).toBe(200);
    expect(shutDown).toMatchObject({ status: 503, text: '{"ok":false,"missing":{"running":"shutting down"}}' });
  });

  it('writes one line a review, without path or body', async () => {
    const server = await start();

    await server.post(aReview({ object: { metadata: { generateName: 'api-' }, spec: { note: 'hunter2' } } }));

    const lines = server.captured.lines.filter(({ msg }) => msg === 'review answered');
    expect(lines).toEqual([expect.objectContaining({ uid: 'u-1', name: 'api-*', decision: 'unchanged' })]);
    expect(server.captured.text()).not.toMatch(/hunter2|abab/);
  });

  it('keeps its certificate when it is given one that does not work', async () => {
    const server = await start();
    const certificatePem = server.authority.certificatePem;

    server.certificates.replace({ certificatePem, keyPem: SecretValue.fromText('hunter2'), notAfter: new Date() });
    const protocol = await handshake({ port: server.port, ca: certificatePem, ALPNProtocols: ['http/1.1'] });

    expect(protocol).toBe('http/1.1');
    expect(server.captured.text()).toContain('the one before stays');
    expect(server.captured.text()).not.toContain('hunter2');
  });

  it('speaks HTTP/1.1 over TLS 1.2 or newer only', async () => {
    const server = await start();
    const ca = server.authority.certificatePem;

    const protocol = await handshake({ port: server.port, ca, ALPNProtocols: ['h2', 'http/1.1'] });
    const old = handshake({ port: server.port, ca, minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1' });

    expect(protocol).toBe('http/1.1');
    await expect(old).rejects.toThrow(/alert|protocol|version/i);
  });
});

describe('the webhook server without a certificate', () => {
  it('listens, fails handshakes, and serves as soon as there is one', async () => {
    const authority = await createCertificateAuthority(3_600_000, new Date());
    const certificates = createHandSource();
    const server = await startWebhookServer({
      admit: async () => ALLOWED,
      pathToken: { matches: () => true },
      certificates,
      probes: createProbes({}),
      log: captureLog().log,
      metrics: createMetrics(),
      config: { ...parseConfig('').server, listen: '127.0.0.1:0', drain: '0s' },
    });
    const dispatcher = clientFor(authority.certificatePem);
    const url = `https://127.0.0.1:${server.port}/mutate/x`;

    const before = request(url, { method: 'POST', body: aReview(), dispatcher });
    await expect(before).rejects.toThrow(/handshake|alert/);
    await certificates.sign(authority);
    const after = await request(url, { method: 'POST', body: aReview(), dispatcher });
    await after.body.dump();
    await Promise.all([server.stop(), dispatcher.close()]);

    expect(after.statusCode).toBe(200);
  });
});

function handshake(options: ConnectionOptions): Promise<string | false | null> {
  return new Promise((resolve, reject) => {
    const socket = connect(
      { host: '127.0.0.1', servername: 'latchkey-webhook.latchkey-system.svc', ...options },
      () => {
        resolve(socket.alpnProtocol);
        socket.destroy();
      },
    );
    socket.on('error', reject);
  });
}
