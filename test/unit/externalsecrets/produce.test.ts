import { describe, expect, it } from 'vitest';
import { produceScene, textsOf } from '../../support/produce-scene.ts';

const SECRETS = {
  db: '{"user":"app","password":"s3cret","port":5432,"nested":{ "a": 1 },"nothing":null}',
  'team/api': 'token-1',
  'team/web': 'token-2',
  encoded: Buffer.from('decoded').toString('base64'),
  'encoded-map': JSON.stringify({ a: Buffer.from('A').toString('base64'), b: Buffer.from('B').toString('base64') }),
  plain: 'no JSON',
  'odd keys': '{"a/b":"1","c d":"2"}',
  colliding: '{"a/b":"1","a b":"2"}',
  empty: '{}',
};

describe('what a definition makes', () => {
  it.each([
    ['a whole value', 'data: [{secretKey: token, remoteRef: {key: team/api}}]', { token: 'token-1' }],
    ['a property', 'data: [{secretKey: user, remoteRef: {key: db, property: user}}]', { user: 'app' }],
    ['a number as it is written', 'data: [{secretKey: port, remoteRef: {key: db, property: port}}]', { port: '5432' }],
    [
      'a decoded value',
      'data: [{secretKey: text, remoteRef: {key: encoded, decodingStrategy: Base64}}]',
      { text: 'decoded' },
    ],
    [
      'every property of an object',
      'dataFrom: [{extract: {key: db}}]',
      { user: 'app', password: 's3cret', port: '5432', nested: '{ "a": 1 }', nothing: '' },
    ],
    ['the properties of a part', 'dataFrom: [{extract: {key: db, property: nested}}]', { a: '1' }],
    ['decoded properties', 'dataFrom: [{extract: {key: encoded-map, decodingStrategy: Base64}}]', { a: 'A', b: 'B' }],
    ['converted keys', 'dataFrom: [{extract: {key: odd keys}}]', { a_b: '1', c_d: '2' }],
    [
      'keys converted with Unicode',
      'dataFrom: [{extract: {key: odd keys, conversionStrategy: Unicode}}]',
      { a_U002f_b: '1', c_U0020_d: '2' },
    ],
    [
      'what was found, converted',
      'dataFrom: [{find: {name: {regexp: ^team/}}}]',
      { team_api: 'token-1', team_web: 'token-2' },
    ],
    [
      'what was found in the fake provider, converted before it is rewritten',
      'dataFrom: [{find: {name: {regexp: ^team/}}, rewrite: [{regexp: {source: "^team_(.*)$", target: "${1}.token"}}]}]',
      { 'api.token': 'token-1', 'web.token': 'token-2' },
    ],
    [
      'later entries over earlier ones, and data over all',
      `dataFrom: [{extract: {key: db, property: nested}}, {extract: {key: encoded-map}}]
data: [{secretKey: b, remoteRef: {key: plain}}]`,
      { a: Buffer.from('A').toString('base64'), b: 'no JSON' },
    ],
    [
      'nothing of what is rewritten to nothing',
      'dataFrom: [{extract: {key: db}, rewrite: [{regexp: {source: "^(port|nested|nothing)$", target: ""}}]}]',
      { user: 'app', password: 's3cret' },
    ],
    [
      'renamed keys',
      'dataFrom: [{extract: {key: encoded-map}, rewrite: [{transform: {template: "x-{{ .value }}"}}]}]',
      { 'x-a': Buffer.from('A').toString('base64'), 'x-b': Buffer.from('B').toString('base64') },
    ],
  ])('is %s', async (_, spec, expected) => {
    const { dataOf } = produceScene({ secrets: SECRETS });

    const data = await dataOf(spec);

    expect(data).toEqual(expected);
  });

  it.each([
    [
      'a missing secret',
      'data: [{secretKey: a, remoteRef: {key: tema/api}}]',
      'spec.data[0], key "tema/api", store "fake": the store has no secret "tema/api". Did you mean "team/api"? [SECRET_NOT_FOUND]',
    ],
    [
      'an unknown store',
      'data: [{secretKey: a, remoteRef: {key: db}, sourceRef: {storeRef: {name: fakes}}}]',
      'spec.data[0], key "db": SecretStore "fakes" does not exist in namespace "payments". Did you mean "fake"? [STORE_NOT_FOUND]',
    ],
    [
      'keys that collide when they are converted',
      'dataFrom: [{extract: {key: colliding}}]',
      'spec.dataFrom[0].extract, key "colliding": secret name collision during conversion: a_b. Keep the names apart with conversionStrategy: Unicode, or with rewrite. [VALUE_INVALID]',
    ],
    [
      'keys that a rewrite leaves unfit',
      'dataFrom: [{extract: {key: odd keys}, rewrite: [{regexp: {source: nothing, target: x}}]}]',
      `spec.dataFrom[0].extract, key "odd keys": key has invalid character /, only alphanumeric, '-', '.' and '_' are allowed: a/b. Use rewrite or a conversionStrategy to change the keys. [VALUE_INVALID]`,
    ],
    [
      'keys that a rewrite makes equal',
      'dataFrom: [{extract: {key: db}, rewrite: [{regexp: {source: ".*", target: x}}]}]',
      'spec.dataFrom[0].extract, key "db", rewrite[0]: the keys "user" and "password" both become "x". Rewrite them apart, or to nothing where one of them is not wanted. [VALUE_INVALID]',
    ],
    [
      'a value that is no object',
      'dataFrom: [{extract: {key: plain}}]',
      'spec.dataFrom[0].extract, key "plain", store "fake": secret "plain" is not a JSON object, so it cannot be taken apart. Store a JSON object, or refer to the whole value instead. [VALUE_INVALID]',
    ],
    [
      'a value that is not encoded',
      'data: [{secretKey: a, remoteRef: {key: plain, decodingStrategy: Base64}}]',
      'spec.data[0], key "plain": the value of "plain" is not valid base64. Correct the value, or the decoding strategy. [VALUE_INVALID]',
    ],
    [
      'several failures, counted',
      'dataFrom: [{extract: {key: plain}}]\ndata: [{secretKey: a, remoteRef: {key: no}}, {secretKey: b, remoteRef: {key: neither}}]',
      'spec.dataFrom[0].extract, key "plain", store "fake": secret "plain" is not a JSON object, so it cannot be taken apart (2 other places fail too). Store a JSON object, or refer to the whole value instead. [VALUE_INVALID]',
    ],
    [
      'mistakes, without reading anything',
      'refreshInterval: soon',
      'ExternalSecret "db" has mistakes: spec: either data or dataFrom should be specified; spec.refreshInterval: must be a duration such as "1h". Correct the ExternalSecret. [EXTERNAL_SECRET_INVALID]',
    ],
  ])('says %s', async (_, spec, expected) => {
    const { lineOf } = produceScene({ secrets: SECRETS });

    const line = await lineOf(spec);

    expect(line).toBe(expected);
  });
});

describe('remote secrets that do not exist', () => {
  const SPEC = `data: [{secretKey: a, remoteRef: {key: gone}}, {secretKey: b, remoteRef: {key: plain}}]
dataFrom: [{extract: {key: lost}}]`;

  it.each(['Delete', 'Merge'])('are passed over with deletionPolicy %s', async (policy) => {
    const { produce } = produceScene({ secrets: SECRETS });

    const produced = await produce(`{target: {deletionPolicy: ${policy}}}`.slice(1, -1) + `\n${SPEC}`);

    expect(textsOf(produced)).toEqual({ b: 'no JSON' });
    expect(produced.missing).toEqual(['spec.dataFrom[0] (key=lost)', 'spec.data[0] (key=gone)']);
    expect(produced.isEmpty).toBe(false);
  });

  it('leave nothing where none is left', async () => {
    const { produce } = produceScene({ secrets: SECRETS });

    const produced = await produce('target: {deletionPolicy: Delete}\ndataFrom: [{extract: {key: lost}}]');

    expect(produced).toMatchObject({ isEmpty: true, missing: ['spec.dataFrom[0] (key=lost)'] });
    expect(produced.data.size).toBe(0);
  });

  it('are not meant by a search without hits', async () => {
    const { produce } = produceScene({ secrets: SECRETS });

    const produced = await produce('dataFrom: [{find: {name: {regexp: ^none$}}}]');

    expect(produced).toMatchObject({ isEmpty: true, missing: [] });
  });
});
