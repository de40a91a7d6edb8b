import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../support/fake-clock.ts';
import { needs } from '../../support/a-store.ts';
import { produceScene } from '../../support/produce-scene.ts';
import { scriptedProvider } from '../../support/scripted-provider.ts';
import type { FindQuery } from '../../../src/providers/provider.ts';
import { SecretValue } from '../../../src/secret-value.ts';

/** A store whose own credentials open it. */
function ownStore(secrets: Readonly<Record<string, string>>) {
  const provider = scriptedProvider(createFakeClock(), secrets);
  return Object.assign(provider, { needs: needs({ who: 'credentials' }) });
}

function searchable(found: Readonly<Record<string, string>>) {
  const queries: FindQuery[] = [];
  const store = {
    needs: needs({ who: 'credentials' }),
    connect: async () => ({
      read: () => Promise.reject(new Error('nothing is read here')),
      async find(query: FindQuery) {
        queries.push(query);
        return Object.entries(found).map(([key, text]) => ({ key, value: SecretValue.fromText(text) }));
      },
    }),
  };
  return { store, queries };
}

describe('fetching what a definition names', () => {
  it('asks for everything at once, so that one batch is enough', async () => {
    const aws = ownStore({ a: '1', b: '2', c: '{"d":"3"}' });
    aws.batchMax = 20;
    const { dataOf } = produceScene({ stores: { aws } });

    const data = await dataOf(`secretStoreRef: {name: aws}
data: [{secretKey: a, remoteRef: {key: a}}, {secretKey: b, remoteRef: {key: b}}, {secretKey: again, remoteRef: {key: a}}]
dataFrom: [{extract: {key: c}}]`);

    expect(data).toEqual({ a: '1', b: '2', again: '1', d: '3' });
    expect(aws.batches).toEqual([['a', 'b', 'c']]);
    expect(aws.logins).toHaveLength(1);
  });

  it('reads from several stores', async () => {
    const { dataOf } = produceScene({
      secrets: { k: 'fake' },
      stores: { one: ownStore({ k: '1' }), two: ownStore({ k: '2' }) },
    });

    const data = await dataOf(`data:
- {secretKey: a, remoteRef: {key: k}}
- {secretKey: b, remoteRef: {key: k}, sourceRef: {storeRef: {name: one}}}
- {secretKey: c, remoteRef: {key: k}, sourceRef: {storeRef: {name: two}}}`);

    expect(data).toEqual({ a: 'fake', b: '1', c: '2' });
  });

  it('reads anew each time', async () => {
    const aws = ownStore({ a: '1' });
    const { dataOf } = produceScene({ stores: { aws } });
    const spec = 'secretStoreRef: {name: aws}\ndata: [{secretKey: a, remoteRef: {key: a}}]';

    const before = await dataOf(spec);
    aws.secrets.set('a', '2');
    const after = await dataOf(spec);

    expect([before, after]).toEqual([{ a: '1' }, { a: '2' }]);
    expect(aws.logins).toHaveLength(1);
  });

  it('searches with all that the definition says, and leaves names to the rewrite', async () => {
    const { store, queries } = searchable({ '/team/db': '1' });
    const { dataOf } = produceScene({ stores: { store } });

    const data = await dataOf(`secretStoreRef: {name: store}
dataFrom: [{find: {path: /team, name: {regexp: db$}, tags: {a: b}}, rewrite: [{regexp: {source: "^/team/", target: ""}}]}]`);

    expect(data).toEqual({ db: '1' });
    expect(queries).toEqual([{ path: '/team', name: { regexp: 'db$' }, tags: { a: 'b' } }]);
  });

  it('converts the names that were found where nothing rewrites them', async () => {
    const { store } = searchable({ '/team/db': '1' });
    const { dataOf } = produceScene({ stores: { store } });

    const data = await dataOf('secretStoreRef: {name: store}\ndataFrom: [{find: {}}]');

    expect(data).toEqual({ _team_db: '1' });
  });

  it('cannot search where the provider does not', async () => {
    const { lineOf } = produceScene({ stores: { aws: ownStore({}) } });

    const line = await lineOf('secretStoreRef: {name: aws}\ndataFrom: [{find: {name: {regexp: a}}}]');

    expect(line).toBe(
      'spec.dataFrom[0].find, store "aws": the provider aws cannot search. Name each secret with extract or data instead of find. [REF_INVALID]',
    );
  });

  it('reads no store that needs the identity of a Pod', async () => {
    const { lineOf } = produceScene({ stores: { pods: { needs: needs() } } });

    const line = await lineOf('secretStoreRef: {name: pods}\ndata: [{secretKey: a, remoteRef: {key: a}}]');

    expect(line).toBe(
      'spec.data[0], key "a": SecretStore "pods" names no identity, so it is read by each Pod as itself. Name a ServiceAccount or credentials in its auth, where one Secret for all Pods is wanted. [STORE_INVALID]',
    );
  });

  it('asks for metadata instead of the value', async () => {
    const asked: unknown[] = [];
    const store = {
      needs: needs({ who: 'credentials' }),
      connect: async () => ({
        async read(ref: unknown) {
          asked.push(ref);
          return { value: SecretValue.fromText('{"labels":{"app.kubernetes.io/name":"db"}}') };
        },
        toMap: () => new Map(),
      }),
    };
    const { dataOf } = produceScene({ stores: { store } });

    const data = await dataOf(`secretStoreRef: {name: store}
data: [{secretKey: name, remoteRef: {key: k, metadataPolicy: Fetch, property: labels.app.kubernetes.io/name}}]
dataFrom: [{extract: {key: k, metadataPolicy: Fetch}}]`);

    expect(data).toEqual({ name: 'db', labels: '{"app.kubernetes.io/name":"db"}' });
    expect(asked).toEqual([{ key: 'k', metadata: true }]);
  });
});
