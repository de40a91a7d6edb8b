import { afterEach, describe, expect, it, vi } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import type { RemoteRef, SecretsClient } from '../../../src/providers/provider.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { aReference, anAsker, aStore, needs } from '../../support/a-store.ts';
import { settle } from '../../support/fake-clock.ts';
import { NO_DEADLINE, resolveScene, textOf, TTL_MS } from '../../support/resolve-scene.ts';

const DENIED = new LatchkeyError('ACCESS_DENIED', 'the provider does not let you');
const DOWN = new LatchkeyError('PROVIDER_UNAVAILABLE', 'the provider answered 500');
const DB = '{"user":"app","password":"hunter2","port":5432}';

describe('resolve', () => {
  it('answers every reference in order, and names every mistake at once', async () => {
    const { read } = resolveScene({ 'prod/db': DB, 'prod/key': 'k', closed: DENIED });

    const texts = await read([
      'prod/key',
      'nothing',
      aReference('prod/db', { property: 'password' }),
      'closed',
      aReference('prod/db', { property: 'host' }),
    ]);

    expect(texts).toEqual(['k', 'SECRET_NOT_FOUND', 'hunter2', 'ACCESS_DENIED', 'PROPERTY_NOT_FOUND']);
  });

  it('reads a remote secret once for ten of its properties', async () => {
    const { read, provider } = resolveScene({ 'prod/db': DB });

    const texts = await read(Array.from({ length: 10 }, () => aReference('prod/db', { property: 'user' })));

    expect(texts).toEqual(Array.from({ length: 10 }, () => 'app'));
    expect(provider.reads).toEqual(['prod/db']);
  });

  it('reads two versions of a remote secret apart', async () => {
    const { read, provider } = resolveScene({ 'prod/key': 'k' });

    await read(['prod/key', aReference('prod/key', { version: '3' })]);

    expect(provider.reads).toEqual(['prod/key', 'prod/key']);
  });

  it('asks the provider for the property where its rule says so, and cuts nothing itself', async () => {
    const asked: RemoteRef[] = [];
    const client: SecretsClient = {
      async read(ref) {
        asked.push(ref);
        return { value: SecretValue.fromText(`value of ${ref.property}`) };
      },
    };
    const store = aStore({ configured: { property: 'provider', connect: async () => client } });
    const references = [undefined, 'a.b', 'c', 'c'].map((property) =>
      aReference('key', property === undefined ? {} : { property }),
    );

    const texts = await resolveScene().read(references, anAsker(), store);

    expect(texts).toEqual(['value of undefined', 'value of a.b', 'value of c', 'value of c']);
    expect(asked).toEqual([{ key: 'key' }, { key: 'key', property: 'a.b' }, { key: 'key', property: 'c' }]);
  });

  it('decodes after it has cut out the property', async () => {
    const { read } = resolveScene({ key: JSON.stringify({ pem: btoa('PEM') }) });

    expect(await read([aReference('key', { property: 'pem', decode: 'base64' })])).toEqual(['PEM']);
  });

  it.each([
    ['an absent secret', aReference('nothing', { optional: true }), 'absent'],
    ['an absent property', aReference('prod/db', { property: 'host', optional: true }), 'absent'],
    ['an absent secret with a default', aReference('nothing', { default: 'text' }), 'text'],
    ['an absent secret with an empty default', aReference('nothing', { default: '', optional: true }), ''],
    ['a denied secret', aReference('closed', { optional: true, default: 'text' }), 'ACCESS_DENIED'],
    ['an outage', aReference('down', { optional: true, default: 'text' }), 'PROVIDER_UNAVAILABLE'],
  ])('answers an optional reference to %s', async (_, reference, expected) => {
    const { read } = resolveScene({ 'prod/db': DB, closed: DENIED, down: DOWN });

    expect(await read([reference])).toEqual([expected]);
  });

  it('names the store in an error of its provider, and no value', async () => {
    const { errorOf } = resolveScene({ 'prod/db': DB });

    const missing = await errorOf('nothing');
    const property = await errorOf(aReference('prod/db', { property: 'pasword' }));

    expect(missing?.line).toContain('store "aws-prod": secret "nothing" does not exist.');
    expect(property?.line).toContain('store "aws-prod": secret "prod/db" has no property "pasword"');
    expect(property?.line).not.toContain('hunter2');
  });

  it('reports a store whose identity cannot be settled for each of its references', async () => {
    const { read, storeWith } = resolveScene({ key: 'k' });
    const store = storeWith({ needs: needs({ who: 'serviceAccount', serviceAccount: { name: 'gone' } }) });

    expect(await read(['key', 'key'], anAsker(), store)).toEqual([
      'SERVICE_ACCOUNT_NOT_FOUND',
      'SERVICE_ACCOUNT_NOT_FOUND',
    ]);
  });

  it('reports what a provider throws besides our errors as internal, without its words', async () => {
    const { errorOf, provider } = resolveScene();
    provider.secrets.set('key', () => {
      throw new Error('hunter2');
    });

    const error = await errorOf('key');

    expect(error).toMatchObject({ code: 'INTERNAL' });
    expect(error?.line).not.toContain('hunter2');
  });
});

describe('resolveMap', () => {
  it.each([
    ['every property of a secret', aReference('prod/db'), { user: 'app', password: 'hunter2', port: '5432' }],
    ['every property of a part', aReference('nested', { property: 'db' }), { host: 'db-0' }],
    ['nothing of an absent optional secret', aReference('nothing', { optional: true }), {}],
    ['the default of an absent secret', aReference('nothing', { default: '{"a":"b"}' }), { a: 'b' }],
  ])('gives %s', async (_, reference, expected) => {
    const { resolver, storeWith } = resolveScene({ 'prod/db': DB, nested: '{"db":{"host":"db-0"}}' });

    const outcome = await resolver.resolveMap({ store: storeWith(), reference }, anAsker(), { signal: NO_DEADLINE });

    expect(
      outcome.ok && Object.fromEntries([...outcome.value].map(([key, value]) => [key, value.exposeText()])),
    ).toEqual(expected);
  });

  it.each([
    ['text', 'text', 'VALUE_INVALID'],
    ['refused', 'closed', 'ACCESS_DENIED'],
  ])('reports a secret that is %s', async (_, key, code) => {
    const { resolver, storeWith } = resolveScene({ text: 'plain', closed: DENIED });

    const outcome = await resolver.resolveMap({ store: storeWith(), reference: aReference(key) }, anAsker(), {
      signal: NO_DEADLINE,
    });

    expect(outcome).toMatchObject({ ok: false, error: { code } });
  });

  it("takes the provider's own way from a whole value to a map, and JSON's for a part", async () => {
    const { resolver, storeWith, provider } = resolveScene({ nested: '{"db":{"host":"db-0"}}' });
    provider.toMap = (value) => new Map([['own', value]]);
    const requests = [aReference('nested'), aReference('nested', { property: 'db' })];

    const outcomes = await Promise.all(
      requests.map((reference) =>
        resolver.resolveMap({ store: storeWith(), reference }, anAsker(), { signal: NO_DEADLINE }),
      ),
    );

    expect(outcomes.map((outcome) => outcome.ok && [...outcome.value.keys()])).toEqual([['own'], ['host']]);
  });
});

describe('clients', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are closed some time after their last use, and at the end', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    const { read, resolver, clock, provider } = resolveScene({ key: 'k' });
    await read(['key']);

    await clock.advance(2 * TTL_MS);
    vi.advanceTimersByTime(15_000);
    const idle = provider.closed;
    await read(['key'], anAsker({ uid: 'other' }));
    await settle();
    await resolver.close();

    expect([idle, provider.closed, vi.getTimerCount()]).toEqual([1, 2, 0]);
  });
});

describe('the deadline of one asker', () => {
  it('ends its own waiting and nothing else', async () => {
    const { errorOf, read, clock, provider } = resolveScene({ key: 'k' });
    provider.latencyMs = 3000;
    const deadline = new AbortController();
    const hasty = errorOf('key', deadline.signal);
    const patient = read(['key']);

    await clock.advance(1500);
    deadline.abort();

    expect((await hasty)?.line).toBe(
      'store "aws-prod" did not answer in 1.5 s. The Pod is tried again by its controller; apply a bare Pod again. [PROVIDER_TIMEOUT]',
    );
    await clock.advance(4500);
    expect(await patient).toEqual(['k']);
    expect(provider.calls()).toBe(2);
  });

  it('keeps what came in time', async () => {
    const { resolver, storeWith, clock, provider, read } = resolveScene({ fast: 'f', slow: 's' });
    await read(['fast']);
    provider.latencyMs = 3000;
    const deadline = new AbortController();
    const requests = ['fast', 'slow'].map((key) => ({ store: storeWith(), reference: aReference(key) }));
    const resolving = resolver.resolve(requests, anAsker(), { signal: deadline.signal });

    await clock.advance(1000);
    deadline.abort();

    expect((await resolving).map(textOf)).toEqual(['f', 'PROVIDER_TIMEOUT']);
  });

  it('starts nothing where it has passed before', async () => {
    const { errorOf, provider } = resolveScene({ key: 'k' });

    const error = await errorOf('key', AbortSignal.abort());

    expect(error?.code).toBe('PROVIDER_TIMEOUT');
    expect(provider.calls()).toBe(0);
  });

  it('is told how long a throttled store asks to wait', async () => {
    const { errorOf, clock, provider } = resolveScene({ key: 'k' });
    provider.outage = new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 5000 });
    const deadline = new AbortController();
    const waiting = errorOf('key', deadline.signal);

    await clock.advance(1000);
    deadline.abort();

    expect(await waiting).toMatchObject({ code: 'PROVIDER_THROTTLED', retryAfterMs: 4000 });
  });
});

describe('promise 9: an outage', () => {
  it('does not stop Pods whose values were read before', async () => {
    const { read, clock, provider } = resolveScene({ key: 'k' });
    await read(['key']);
    provider.outage = DOWN;

    await clock.advance(5 * TTL_MS);

    expect(await read(['key'])).toEqual(['k']);
  });

  it('does not stop them while logging in fails either', async () => {
    const { read, clock, provider } = resolveScene({ key: 'k' });
    provider.clientLifetimeMs = TTL_MS;
    await read(['key']);
    provider.loginError = DOWN;

    await clock.advance(5 * TTL_MS);

    expect(await read(['key'])).toEqual(['k']);
  });

  it.each(['ACCESS_DENIED', 'SECRET_NOT_FOUND', 'IDENTITY_REJECTED'] as const)(
    'serves nothing old once the provider said %s',
    async (code) => {
      const { read, clock, provider } = resolveScene({ key: 'k' });
      await read(['key']);
      await clock.advance(2 * TTL_MS);
      provider.secrets.set('key', new LatchkeyError(code, 'no'));
      const refused = await read(['key']);

      provider.outage = DOWN;
      await clock.advance(3000);

      expect([refused, await read(['key'])]).toEqual([[code], ['PROVIDER_UNAVAILABLE']]);
    },
  );

  it('serves nothing of an identity that was refused, also no other secret', async () => {
    const { read, clock, provider } = resolveScene({ one: '1', two: '2' });
    provider.clientLifetimeMs = TTL_MS;
    await read(['one', 'two']);
    await clock.advance(2 * TTL_MS);
    provider.loginError = new LatchkeyError('IDENTITY_REJECTED', 'no');
    await read(['one']);

    provider.loginError = DOWN;
    await clock.advance(3000);

    expect(await read(['two'])).toEqual(['PROVIDER_UNAVAILABLE']);
  });

  it('serves nothing of an identity that one of its reads showed to be refused', async () => {
    const { read, clock, provider } = resolveScene({ one: '1', two: '2' });
    await read(['one', 'two']);
    await clock.advance(2 * TTL_MS);
    provider.secrets.set('one', new LatchkeyError('IDENTITY_REJECTED', 'no'));
    await read(['one']);

    provider.outage = DOWN;
    await clock.advance(3000);

    expect(await read(['two'])).toEqual(['PROVIDER_UNAVAILABLE']);
  });

  it('ends with the time that the operator allows', async () => {
    const { read, clock, provider } = resolveScene({ key: 'k' }, { staleIfErrorMs: TTL_MS });
    await read(['key']);
    provider.outage = DOWN;

    await clock.advance(2 * TTL_MS);

    expect(await read(['key'])).toEqual(['PROVIDER_UNAVAILABLE']);
  });
});

describe('promise 2: nothing read as one identity is served to another', () => {
  it.each([
    ['of another ServiceAccount', anAsker({ name: 'web', uid: 'uid-web' })],
    ['of a ServiceAccount that was deleted and made again', anAsker({ uid: 'uid-2' })],
    ['whose role was changed', anAsker({ annotations: { 'eks.amazonaws.com/role-arn': 'arn:aws:iam::1:role/b' } })],
  ])('reads again for a Pod %s', async (_, other) => {
    const { read, provider } = resolveScene();
    provider.secrets.set('key', ({ key }) => `as ${key}`);
    const [own] = await read(['key']);

    const [others] = await read(['key'], other);

    expect(others).not.toBe(own);
    expect(provider.logins).toHaveLength(2);
    expect(provider.reads).toHaveLength(2);
  });

  it('keeps concurrent identities apart', async () => {
    const { read, provider } = resolveScene();
    provider.secrets.set('key', ({ serviceAccount }) => `${serviceAccount?.name}`);
    const names = Array.from({ length: 64 }, (_, index) => `api-${index % 8}`);

    const texts = await Promise.all(names.map((name) => read(['key'], anAsker({ name, uid: `uid-${name}` }))));

    expect(texts.flat()).toEqual(names);
    expect(provider.calls()).toBe(16);
  });

  it('lets nobody have what another was allowed to read', async () => {
    const { read, provider } = resolveScene();
    provider.secrets.set('key', ({ serviceAccount }) => (serviceAccount?.name === 'api' ? 'k' : DENIED));
    await read(['key']);

    expect(await read(['key'], anAsker({ name: 'web', uid: 'uid-web' }))).toEqual(['ACCESS_DENIED']);
    expect(await read(['key'])).toEqual(['k']);
  });

  it('reads again through another store, and through the same store once it was edited', async () => {
    const { read, provider, storeWith } = resolveScene({ key: 'k' });

    for (const store of [storeWith(), storeWith({ uid: 'other' }), storeWith({ generation: 2 })])
      await read(['key'], anAsker(), store);

    expect(provider.logins).toHaveLength(3);
  });
});
