import { expect, it } from 'vitest';
import { CALL, failure, part, type Suite } from './stage.ts';

const TRANSIENT = ['PROVIDER_UNAVAILABLE', 'PROVIDER_TIMEOUT', 'PROVIDER_THROTTLED'];

/** A backend that is slow, strict, down or garbled is never taken for one without the secret. */
export function itStandsTheNetwork({ stage }: Suite): void {
  it('reports throttling as PROVIDER_THROTTLED, with the time to wait', async () => {
    const { backend, connect } = await stage();
    const client = await connect();
    part(backend.network).throttle(7);

    const error = await failure(client.read({ key: backend.object.key }, CALL));

    expect(error).toMatchObject({ code: 'PROVIDER_THROTTLED', retryAfterMs: 7000 });
  });

  it('stops at the deadline with PROVIDER_TIMEOUT', async () => {
    const { backend, connect } = await stage();
    const client = await connect();
    const deadline = new AbortController();
    const waiting = part(backend.network).stall();

    const reading = failure(client.read({ key: backend.object.key }, { signal: deadline.signal }));
    await waiting;
    deadline.abort();

    await expect(reading).resolves.toMatchObject({ code: 'PROVIDER_TIMEOUT' });
  });

  it('asks nothing after the deadline', async () => {
    const { backend, connect } = await stage();
    const client = await connect();

    const error = await failure(client.read({ key: backend.object.key }, { signal: AbortSignal.abort() }));

    expect(error.code).toBe('PROVIDER_TIMEOUT');
  });

  it.each(['fail', 'redirect', 'garbleAsFound', 'garbleAsMissing'] as const)(
    'reports a backend that answers with %s as transient, never as absence',
    async (fault) => {
      const { backend, connect } = await stage();
      const client = await connect();
      const network = part(backend.network);
      if (fault === 'garbleAsFound') network.garble(200);
      else if (fault === 'garbleAsMissing') network.garble(404);
      else network[fault]();

      const error = await failure(client.read({ key: backend.object.key }, CALL));

      expect(TRANSIENT).toContain(error.code);
    },
  );

  it('reports a backend that is down at the login as transient', async () => {
    const { backend, connect } = await stage();
    part(backend.network).fail();

    const error = await failure(connect().then((client) => client.read({ key: backend.object.key }, CALL)));

    expect(TRANSIENT).toContain(error.code);
  });

  it('reads no answer beyond the limit', async () => {
    const { backend, connect } = await stage();
    const client = await connect();
    part(backend.network).flood();

    const error = await failure(client.read({ key: backend.object.key }, CALL));

    expect(error.code).toBe('VALUE_TOO_LARGE');
  });
}
