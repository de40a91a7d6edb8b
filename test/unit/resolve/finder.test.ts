import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import type { ConfiguredStore, FindQuery, Found } from '../../../src/providers/provider.ts';
import { createResolver } from '../../../src/resolve/resolver.ts';
import { SecretValue } from '../../../src/secret-value.ts';
import { anAsker, aStore, needs } from '../../support/a-store.ts';
import { createFakeClock } from '../../support/fake-clock.ts';
import { FRESH } from '../../support/produce-scene.ts';
import { testIdentity } from '../../support/test-identity.ts';

const CALL = { signal: new AbortController().signal };
const DENIED = new LatchkeyError('ACCESS_DENIED', 'no');

interface Scene {
  readonly find: (query: FindQuery, namespace?: string) => Promise<string>;
  readonly logins: string[];
  readonly searches: FindQuery[];
}

/** A store whose searches answer one after the other; the last answer stays. */
function startScene(...answers: readonly (readonly string[] | LatchkeyError)[]): Scene {
  const logins: string[] = [];
  const searches: FindQuery[] = [];
  const configured: Partial<ConfiguredStore> = {
    needs: needs({ who: 'none' }),
    async connect(identity) {
      logins.push(identity.key);
      return { read: () => Promise.reject(DENIED), find: search };
    },
  };
  const resolver = createResolver({
    identityOf: (_, { namespace }) => ({ ...testIdentity(), key: namespace }),
    clock: createFakeClock(),
    settings: FRESH,
  });
  const store = aStore({ configured });
  return { find, logins, searches };

  async function search(query: FindQuery): Promise<readonly Found[]> {
    searches.push(query);
    const answer = answers[Math.min(searches.length, answers.length) - 1] ?? [];
    if (answer instanceof LatchkeyError) throw answer;
    return answer.map((key) => ({ key, value: SecretValue.fromText(key) }));
  }

  async function find(query: FindQuery, namespace = 'payments'): Promise<string> {
    const outcome = await resolver.find({ store, query }, anAsker({ namespace }), CALL);
    return outcome.ok ? outcome.value.map(({ key }) => key).join() : outcome.error.line;
  }
}

describe('searching a store', () => {
  it('gives what was found under its name', async () => {
    const { find } = startScene(['/a', '/b']);

    expect(await find({ path: '/' })).toBe('/a,/b');
  });

  it('joins equal searches that run at once, whatever the order of their tags', async () => {
    const { find, searches } = startScene(['a']);

    await Promise.all([
      find({ tags: { a: '1', b: '2' } }),
      find({ tags: { b: '2', a: '1' } }),
      find({ tags: { a: '1' } }),
      find({ name: { regexp: 'a' } }),
      find({ path: 'a' }),
    ]);

    expect(searches).toHaveLength(4);
  });

  it('asks again the next time, and for another identity', async () => {
    const { find, logins, searches } = startScene(['a'], ['b'], ['c']);

    const found = [await find({}), await find({}), await find({}, 'search')];

    expect(found).toEqual(['a', 'b', 'c']);
    expect(searches).toHaveLength(3);
    expect(logins).toEqual(['payments', 'search']);
  });

  it('logs in once more where a cached login is refused', async () => {
    const { find, logins } = startScene(['a'], DENIED, ['b']);

    const found = [await find({}), await find({})];

    expect(found).toEqual(['a', 'b']);
    expect(logins).toHaveLength(2);
  });

  it('lets the refusal of a new login stand', async () => {
    const { find, logins } = startScene(DENIED, ['b']);

    expect(await find({})).toBe('store "aws-prod": no. [ACCESS_DENIED]');
    expect(logins).toHaveLength(1);
  });

  it('stops waiting at the deadline', async () => {
    const resolver = createResolver({
      identityOf: () => testIdentity(),
      clock: createFakeClock(),
      settings: FRESH,
    });

    const outcome = await resolver.find({ store: aStore(), query: {} }, anAsker(), { signal: AbortSignal.abort() });

    expect(outcome).toMatchObject({ ok: false, error: { code: 'PROVIDER_TIMEOUT' } });
  });
});
