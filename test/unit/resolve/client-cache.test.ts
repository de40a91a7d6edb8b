import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { type ClientCache, createClientCache, type Lease } from '../../../src/resolve/client-cache.ts';
import { createSession, type Session } from '../../../src/resolve/session.ts';
import { createStoreCalls } from '../../../src/resolve/store-calls.ts';
import { aStore } from '../../support/a-store.ts';
import { createFakeClock, type FakeClock, settle } from '../../support/fake-clock.ts';
import { type ScriptedProvider, scriptedProvider } from '../../support/scripted-provider.ts';
import { testIdentity } from '../../support/test-identity.ts';

const IDLE_MS = 120_000;

interface Scene {
  readonly clients: ClientCache;
  readonly clock: FakeClock;
  readonly provider: ScriptedProvider;
  readonly refused: Session[];
  readonly sessionOf: (uid?: string, generation?: number) => Session;
}

function startScene(): Scene {
  const clock = createFakeClock();
  const provider = scriptedProvider(clock);
  const refused: Session[] = [];
  const calls = createStoreCalls({
    concurrencyPerStore: 16,
    callTimeoutMs: 8000,
    circuit: { failures: 5, openMs: 5000 },
    clock,
    observer: { providerCall() {}, cache() {} },
    stopping: new AbortController().signal,
  });
  const clients = createClientCache({
    calls,
    clock,
    idleMs: IDLE_MS,
    onRefused: (session) => void refused.push(session),
  });
  return { clients, clock, provider, refused, sessionOf };

  function sessionOf(uid = 'uid-1', generation = 1): Session {
    return createSession(aStore({ generation, configured: provider }), testIdentity({ serviceAccount: { uid } }));
  }
}

/** Uses the client once, as a read does. */
async function use(clients: ClientCache, session: Session): Promise<Lease> {
  const lease = await clients.acquire(session);
  lease.release();
  await settle();
  return lease;
}

describe('createClientCache', () => {
  it('logs in once for a session, and tells a fresh client from a cached one', async () => {
    const { clients, provider, sessionOf } = startScene();

    const first = await use(clients, sessionOf());
    const second = await use(clients, sessionOf());

    expect([first.isCached, second.isCached]).toEqual([false, true]);
    expect(second.client).toBe(first.client);
    expect(provider.logins).toHaveLength(1);
  });

  it('joins concurrent logins', async () => {
    const { clients, provider, clock, sessionOf } = startScene();
    provider.latencyMs = 100;
    const leases = [clients.acquire(sessionOf()), clients.acquire(sessionOf())];

    await clock.advance(100);

    expect(new Set((await Promise.all(leases)).map(({ client }) => client)).size).toBe(1);
    expect(provider.logins).toHaveLength(1);
  });

  it.each([
    ['identity', 'uid-2', 1],
    ['generation of the store', 'uid-1', 2],
  ])('logs in for another %s', async (_, uid, generation) => {
    const { clients, provider, sessionOf } = startScene();
    await use(clients, sessionOf());

    await use(clients, sessionOf(uid, generation));

    expect(provider.logins).toHaveLength(2);
  });

  it.each([
    ['30 s before a long life ends', 3_600_000, 3_570_000],
    ['with a fifth of a short life left', 60_000, 48_000],
  ])('replaces a client %s', async (_, clientLifetimeMs, usableMs) => {
    const { clients, provider, clock, sessionOf } = startScene();
    provider.clientLifetimeMs = clientLifetimeMs;
    await use(clients, sessionOf());

    await clock.advance(usableMs - 1);
    await use(clients, sessionOf());
    const before = provider.logins.length;
    await clock.advance(1);
    await use(clients, sessionOf());

    expect([before, provider.logins.length, provider.closed]).toEqual([1, 2, 1]);
  });

  it('closes a client that came expired after the reads which waited for it', async () => {
    const { clients, provider, sessionOf } = startScene();
    provider.clientLifetimeMs = 0;
    const lease = await clients.acquire(sessionOf());
    await settle();

    const during = provider.closed;
    lease.release();

    expect([during, provider.closed]).toEqual([0, 1]);
  });

  it('closes a client of an older generation once its reads have ended', async () => {
    const { clients, provider, sessionOf } = startScene();
    const reading = await clients.acquire(sessionOf('uid-1', 1));
    await use(clients, sessionOf('uid-1', 2));

    const during = provider.closed;
    reading.release();
    reading.release();

    expect([during, provider.closed]).toEqual([0, 1]);
  });

  it('closes what is idle, and nothing that is in use', async () => {
    const { clients, provider, clock, sessionOf } = startScene();
    await use(clients, sessionOf('idle'));
    const reading = await clients.acquire(sessionOf('busy'));

    await clock.advance(IDLE_MS - 1);
    clients.sweep();
    const before = provider.closed;
    await clock.advance(1);
    clients.sweep();

    expect([before, provider.closed]).toEqual([0, 1]);
    reading.release();
  });

  it('closes a client whose login came after its time', async () => {
    const { clients, provider, clock, sessionOf } = startScene();
    provider.latencyMs = 9000;
    const late = clients.acquire(sessionOf()).catch((thrown: unknown) => LatchkeyError.from(thrown));

    await clock.advance(10_000);

    expect(await late).toMatchObject({ code: 'PROVIDER_TIMEOUT', message: 'store "aws-prod" did not answer in 8 s' });
    expect(provider.closed).toBe(1);
  });

  it('remembers a refused login for 2 s, and reports it once', async () => {
    const { clients, provider, clock, refused, sessionOf } = startScene();
    provider.loginError = new LatchkeyError('IDENTITY_REJECTED', 'no');
    const errors = [await failure(clients, sessionOf()), await failure(clients, sessionOf())];

    provider.loginError = undefined;
    await clock.advance(2000);
    const lease = await use(clients, sessionOf());

    expect(errors).toEqual(['IDENTITY_REJECTED', 'IDENTITY_REJECTED']);
    expect(lease.isCached).toBe(false);
    expect(provider.logins).toHaveLength(2);
    expect(refused).toHaveLength(1);
  });

  it('neither remembers nor reports a login that an outage prevented', async () => {
    const { clients, provider, refused, sessionOf } = startScene();
    provider.loginError = new LatchkeyError('PROVIDER_UNAVAILABLE', 'down');
    await failure(clients, sessionOf());

    provider.loginError = undefined;
    await use(clients, sessionOf());

    expect(refused).toEqual([]);
  });

  it('closes all clients at the end', async () => {
    const { clients, provider, sessionOf } = startScene();
    await use(clients, sessionOf('uid-1'));
    await use(clients, sessionOf('uid-2'));

    await clients.close();

    expect(provider.closed).toBe(2);
  });

  it('ends also where a provider fails to close', async () => {
    const { clients, provider, sessionOf } = startScene();
    provider.closing = () => Promise.reject(new Error('no revocation'));
    await use(clients, sessionOf());

    await expect(clients.close()).resolves.toBeUndefined();
  });

  it('does not wait for ever where a provider hangs in closing', async () => {
    const { clients, provider, clock, sessionOf } = startScene();
    const { promise: never } = Promise.withResolvers<void>();
    provider.closing = () => never;
    await use(clients, sessionOf());

    const closing = clients.close();
    await clock.advance(5000);

    await expect(closing).resolves.toBeUndefined();
  });
});

describe('renewing a rejected client', () => {
  it('logs in once for all whose client was rejected', async () => {
    const { clients, provider, sessionOf } = startScene();
    await use(clients, sessionOf());
    const rejected = [await clients.acquire(sessionOf()), await clients.acquire(sessionOf())];

    const renewed = await Promise.all(rejected.map((lease) => clients.renew(sessionOf(), lease)));

    expect(provider.logins).toHaveLength(2);
    expect(renewed[0]?.client).not.toBe(rejected[0]?.client);
    expect(renewed[1]?.client).toBe(renewed[0]?.client);
  });

  it('lets the rejection count where it logged in again less than 30 s ago', async () => {
    const { clients, provider, clock, sessionOf } = startScene();
    await use(clients, sessionOf());
    await clients.renew(sessionOf(), await clients.acquire(sessionOf()));

    await clock.advance(29_999);
    const early = await clients.renew(sessionOf(), await clients.acquire(sessionOf()));
    await clock.advance(1);
    const later = await clients.renew(sessionOf(), await clients.acquire(sessionOf()));

    expect(early).toBeUndefined();
    expect(later?.isCached).toBe(false);
    expect(provider.logins).toHaveLength(3);
  });
});

async function failure(clients: ClientCache, session: Session): Promise<string> {
  return clients.acquire(session).then(
    () => 'a client',
    (thrown: unknown) => LatchkeyError.from(thrown).code,
  );
}
