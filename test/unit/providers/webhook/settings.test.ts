import { describe, expect, it } from 'vitest';
import { Fields } from '../../../../src/fields.ts';
import { webhook } from '../../../../src/providers/webhook/index.ts';

const URL_TEXT = 'https://secrets.example.com/v1/{{ .remoteRef.key }}';

function configure(block: object, endpoints: readonly string[] = []) {
  const fields = Fields.of({ url: URL_TEXT, ...block }, 'webhook');
  const store = webhook.configure(fields, { audiences: [], endpoints, maxResponseBytes: 1024 });
  return { store, problems: fields.problems.map(({ path, message }) => `${path}: ${message}`) };
}

describe('url', () => {
  it.each([
    'http://secrets.default.svc:8080',
    'https://secrets.example.com?key={{ .remoteRef.key }}',
    'https://secrets.example.com/{{ .remoteRef.key }}/value\n',
    'HTTPS://10.0.0.1/x',
    'https://[2001:db8::1]:8443/x',
  ])('may be %s', (url) => {
    expect(configure({ url }).problems).toEqual([]);
  });

  it.each([
    'ftp://secrets.example.com',
    '/v1/secrets',
    'https://{{ .remoteRef.key }}.example.com/',
    'https://secrets.example.com{{ .remoteRef.key }}',
    '{{ .remoteRef.key }}',
    'https://user:password@secrets.example.com/',
    'https://secrets.example.com\\@evil.example.com/',
    'https:///x',
  ])('cannot be %s', (url) => {
    expect(configure({ url }).problems).toEqual([
      'webhook.url: must begin with http or https and a host in plain text, without user',
    ]);
  });

  it.each(['169.254.169.254', '2852039166', '[::ffff:169.254.169.254]', '127.0.0.1:8080', '[fe80::1]'])(
    'leads to %s only where the operator lists it',
    (host) => {
      const url = `http://${host}/latest/meta-data`;
      const { hostname } = new URL(url);

      expect(configure({ url }).problems).toEqual([expect.stringContaining('is a link-local or loopback address')]);
      expect(configure({ url }, [hostname]).problems).toEqual([]);
    },
  );

  it('must be in the operator’s list', () => {
    expect(configure({}, ['other.example.com']).problems).toEqual([
      'webhook.url: the host "secrets.example.com" is not in the operator\'s list identity.endpoints.webhook (other.example.com)',
    ]);
  });
});

describe('needs', () => {
  it('is nothing for a store without credentials', () => {
    const { store } = configure({ secrets: [{ name: 'unused', secretRef: { name: 'unused' } }] });

    expect(store.needs).toEqual({ who: 'none', audiences: [], credentials: [], caBundles: [] });
  });

  it('is each key that a template names, once, and only with the label of webhooks', () => {
    const { store, problems } = configure({
      url: `${URL_TEXT}?token={{ .auth.token }}`,
      headers: { Authorization: 'Bearer {{ .auth.token }}' },
      body: '{{ .other.password }}',
      secrets: [
        { name: 'auth', secretRef: { name: 'keeper', key: 'not read' } },
        { name: 'other', secretRef: { name: 'keeper', namespace: 'ops' } },
      ],
      caProvider: { type: 'ConfigMap', name: 'ca' },
    });

    const label = ['external-secrets.io/type', 'webhook'];
    expect(problems).toEqual([]);
    expect(store.needs).toEqual({
      who: 'credentials',
      audiences: [],
      credentials: [
        { kind: 'Secret', name: 'keeper', key: 'token', label },
        { kind: 'Secret', name: 'keeper', namespace: 'ops', key: 'password', label },
      ],
      caBundles: [{ kind: 'ConfigMap', name: 'ca', key: 'ca.crt' }],
    });
  });
});

describe('property', () => {
  it('is cut out of the value, unless a template asks for it', () => {
    const asked = [
      { url: `${URL_TEXT}/{{ .remoteRef.property }}` },
      { headers: { 'X-Property': '{{ .remoteRef.property }}' } },
      { body: '{{ .remoteRef.property | toJson }}' },
      { result: { jsonPath: '$.data.{{ .remoteRef.property }}' } },
    ];

    expect(configure({ result: { jsonPath: '$.data' } }).store.property).toBe('literal-first');
    expect(asked.map((block) => configure(block).store.property)).toEqual(asked.map(() => 'provider'));
  });
});

describe('other fields', () => {
  it.each([
    { method: 'POST', body: '' },
    { timeout: '1m30s' },
    { result: {} },
    { result: { jsonPath: '' } },
    { result: { jsonPath: "$.data['a b'][0]" } },
    { result: { jsonPath: '$.{{ .remoteRef.key }}' } },
  ])('may be %j', (block) => {
    expect(configure(block).problems).toEqual([]);
  });

  it.each([
    [{ timeout: '0' }, 'webhook.timeout: must be a duration such as "10s"'],
    [{ headers: { 'Content-Length': '1' } }, 'webhook.headers.Content-Length: must not be set by a store'],
    [{ headers: { 'a b': '1' } }, 'webhook.headers: must have header names such as "X-Team"'],
    [{ auth: { ntlm: {} } }, 'webhook.auth: is not supported yet (ntlm); use headers and secrets'],
    [
      { secrets: [{ name: 'remoteRef', secretRef: { name: 'x' } }] },
      'webhook.secrets[0].name: must be a name of its own',
    ],
    [
      { secrets: [{ name: 'a-b', secretRef: { name: 'x' } }] },
      'webhook.secrets[0].name: must be a string such as "auth"',
    ],
    [
      { result: { jsonPath: '$..x' } },
      'webhook.result.jsonPath: must be a path such as "$.data.items[0][\'a b\']"; wildcards and filters are not supported',
    ],
  ])('cannot be %j', (block, problem) => {
    expect(configure(block).problems).toEqual([problem]);
  });
});
