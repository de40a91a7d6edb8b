import { describe, expect, it, onTestFinished } from 'vitest';
import { startLoopbackServer } from '../../support/loopback-server.ts';
import { produceScene } from '../../support/produce-scene.ts';

const NAMED = (kind: string) => `dataFrom: [{sourceRef: {generatorRef: {kind: ${kind}, name: g}}}]`;

function scene(path: string, spec: unknown) {
  return produceScene({ generators: { [path]: { spec } } });
}

function passwords(spec: unknown) {
  return scene('namespaces/payments/passwords/g', spec);
}

describe('the generator Password', () => {
  it('makes 24 characters, a quarter of them digits and a quarter symbols, none twice', async () => {
    const { dataOf } = passwords({});

    const { password = '' } = await dataOf(NAMED('Password'));

    expect(password).toHaveLength(24);
    expect(password.match(/\d/g)).toHaveLength(6);
    expect(password.match(/[a-zA-Z]/g)).toHaveLength(12);
    expect(new Set(password).size).toBe(24);
  });

  it('makes other ones each time, under each key', async () => {
    const { dataOf } = passwords({ secretKeys: ['a', 'b'] });

    const [first, second] = [await dataOf(NAMED('Password')), await dataOf(NAMED('Password'))];

    expect(Object.keys(first)).toEqual(['a', 'b']);
    expect(new Set([first['a'], first['b'], second['a'], second['b']]).size).toBe(4);
  });

  it('keeps to its settings', async () => {
    const spec = { length: 40, digits: 3, symbols: 2, symbolCharacters: '#', noUpper: true, allowRepeat: true };
    const { dataOf } = passwords(spec);

    const { password = '' } = await dataOf(NAMED('Password'));

    expect(password).toHaveLength(40);
    expect(password.match(/\d/g)).toHaveLength(3);
    expect(password.match(/#/g)).toHaveLength(2);
    expect(password).toMatch(/^[a-z0-9#]+$/);
  });

  it.each([
    ['raw', /^a{10}$/],
    ['hex', /^(61){10}$/],
    ['base64', /^YWFhYWFhYWFhYQ==$/],
    ['base64url', /^YWFhYWFhYWFhYQ==$/],
    ['base32', /^MFQWCYLBMFQWCYLB$/],
  ])('writes itself as %s', async (encoding, expected) => {
    const spec = { length: 10, digits: 0, symbols: 10, symbolCharacters: 'a', allowRepeat: true, encoding };
    const { dataOf } = passwords(spec);

    const { password } = await dataOf(NAMED('Password'));

    expect(password).toMatch(expected);
  });

  it.each([
    [{ length: 5, digits: 4, symbols: 4 }, 'spec.length: must not be less than digits and symbols together'],
    [
      { length: 60, digits: 0, symbols: 0 },
      'spec: has fewer letters than the 60 it wants without repeating any; set allowRepeat: true',
    ],
    [{ secretKeys: ['a', 'a'] }, 'spec.secretKeys: secretKeys must be non-empty and unique'],
    [{ encoding: 'rot13' }, 'spec.encoding: must be one of raw, base64, base64url, base32, hex'],
    [{ length: 5000 }, 'spec.length: must be a whole number from 0 to 4096'],
  ])('refuses %j', async (spec, problem) => {
    const { lineOf } = passwords(spec);

    const line = await lineOf(NAMED('Password'));

    expect(line).toBe(
      `spec.dataFrom[0].sourceRef.generatorRef: Password "g" has mistakes: ${problem}. Correct the generator. [EXTERNAL_SECRET_INVALID]`,
    );
  });
});

describe('other generators', () => {
  it('makes UUIDs', async () => {
    const { dataOf } = scene('namespaces/payments/uuids/g', {});

    const { uuid } = await dataOf(NAMED('UUID'));

    expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  });

  it('gives what a Fake holds, rewritten where the definition says so', async () => {
    const { dataOf } = scene('namespaces/payments/fakes/g', { data: { a: 'b' } });

    const data = await dataOf(
      'dataFrom: [{sourceRef: {generatorRef: {kind: Fake, name: g}}, rewrite: [{regexp: {source: a, target: x}}]}]',
    );

    expect(data).toEqual({ x: 'b' });
  });

  it('reads a ClusterGenerator of each of these kinds', async () => {
    const spec = { kind: 'Fake', generator: { fakeSpec: { data: { a: 'b' } } } };
    const { dataOf } = scene('clustergenerators/g', spec);

    const data = await dataOf(NAMED('ClusterGenerator'));

    expect(data).toEqual({ a: 'b' });
  });

  it.each([
    [
      'a generator that does not exist',
      'Password',
      {},
      'Password "g" does not exist in namespace "payments". Create it, or correct the generatorRef. [EXTERNAL_SECRET_INVALID]',
    ],
    [
      'a kind that needs a cloud',
      'ECRAuthorizationToken',
      {},
      'Latchkey has no generator of the kind "ECRAuthorizationToken". Use one of Password, UUID, Fake, Webhook, in a ClusterGenerator too. [EXTERNAL_SECRET_INVALID]',
    ],
    [
      'a ClusterGenerator of such a kind',
      'ClusterGenerator',
      { 'clustergenerators/g': { spec: { kind: 'SSHKey', generator: { sshKeySpec: {} } } } },
      'Latchkey has no generator of the kind "SSHKey". Use one of Password, UUID, Fake, Webhook, in a ClusterGenerator too. [EXTERNAL_SECRET_INVALID]',
    ],
    [
      'a ClusterGenerator without its spec',
      'ClusterGenerator',
      { 'clustergenerators/g': { spec: { kind: 'UUID', generator: {} } } },
      'ClusterGenerator "g" has mistakes: spec.generator: must hold uuidSpec for the kind UUID. Correct the generator. [EXTERNAL_SECRET_INVALID]',
    ],
    [
      'a generator of another class',
      'Fake',
      { 'namespaces/payments/fakes/g': { spec: { controller: 'other', data: {} } } },
      'Fake "g" belongs to the controller class "other". Use a generator without spec.controller, or one with "default". [STORE_NOT_ALLOWED]',
    ],
    [
      'a generator that may not be read',
      'UUID',
      { 'namespaces/payments/uuids/g': 403 },
      `UUID "g" may not be read by Latchkey. Bind Latchkey's ServiceAccounts to a Role with verb get on uuids.generators.external-secrets.io. [EXTERNAL_SECRET_INVALID]`,
    ],
    [
      'a cluster that does not answer',
      'UUID',
      { 'namespaces/payments/uuids/g': 503 },
      'UUID "g" could not be read from the API server. [CLUSTER_UNAVAILABLE]',
    ],
    [
      'a webhook at an address of the node',
      'Webhook',
      { 'namespaces/payments/webhooks/g': { spec: { url: 'http://169.254.169.254/latest', result: {} } } },
      'Webhook "g" has mistakes: spec.url: the host "169.254.169.254" is a link-local or loopback address; the operator can list it under identity.endpoints.webhook. Correct the generator. [EXTERNAL_SECRET_INVALID]',
    ],
  ])('says of %s', async (_, kind, generators, expected) => {
    const { lineOf } = produceScene({ generators });

    const line = await lineOf(NAMED(kind));

    expect(line).toBe(`spec.dataFrom[0].sourceRef.generatorRef: ${expected}`);
  });

  it('knows one version of them', async () => {
    const { lineOf } = produceScene();

    const line = await lineOf('dataFrom: [{sourceRef: {generatorRef: {apiVersion: v1, kind: UUID, name: g}}}]');

    expect(line).toContain('generatorRef names the apiVersion "v1". Write generators.external-secrets.io/v1alpha1.');
  });
});

describe('the generator Webhook', () => {
  const SPEC = {
    method: 'POST',
    url: '/make',
    headers: { 'X-Token': '{{ .auth.token }}' },
    body: '{"for":"db"}',
    result: { jsonPath: '$.data' },
    secrets: [{ name: 'auth', secretRef: { name: 'webhook-credentials' } }],
  };

  async function start(answer: unknown, result: Readonly<Record<string, unknown>> = SPEC.result) {
    const server = await startLoopbackServer((_, response) => void response.end(JSON.stringify(answer)));
    onTestFinished(() => server[Symbol.asyncDispose]());
    const service = produceScene({
      generators: { 'namespaces/payments/webhooks/g': { spec: { ...SPEC, url: `${server.url}/make`, result } } },
      endpoints: ['127.0.0.1'],
    });
    return { server, ...service };
  }

  it('asks its service once, and takes the object of its answer apart', async () => {
    const { server, dataOf } = await start({
      data: { user: 'app', port: 5432, deep: { b: 1, a: [true] }, none: null },
    });

    const data = await dataOf(NAMED('Webhook'));

    expect(data).toEqual({ user: 'app', port: '5432', deep: '{"a":[true],"b":1}', none: '' });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"for":"db"}',
      headers: { 'x-token': 'credential' },
    });
  });

  it.each([
    ['text that holds an object', { data: '{"a":"b"}' }, SPEC.result, { a: 'b' }],
    ['the whole answer', { a: 'b' }, {}, { a: 'b' }],
  ])('takes %s', async (_, answer, result, expected) => {
    const { dataOf } = await start(answer, result);

    const data = await dataOf(NAMED('Webhook'));

    expect(data).toEqual(expected);
  });

  it('refuses an answer that is no object, without quoting it', async () => {
    const { lineOf } = await start({ data: 'hunter2' });

    const line = await lineOf(NAMED('Webhook'));

    expect(line).toBe(
      'spec.dataFrom[0].sourceRef.generatorRef: the answer holds no JSON object. Set result.jsonPath to where the object is. [VALUE_INVALID]',
    );
  });
});
