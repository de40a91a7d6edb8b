import { describe, expect, it } from 'vitest';
import { URL_FUNCTIONS } from '../../../../src/template/functions/url-functions.ts';
import { GoInt, GoMap, type GoValue } from '../../../../src/template/value.ts';
import { bytes, callerOf } from './evaluation.ts';

const call = callerOf(URL_FUNCTIONS);

function partsOf(text: string): Record<string, GoValue> {
  const value = call('urlParse', [bytes(text)]);
  const entries = value instanceof GoMap ? [...value.entries] : [];
  return Object.fromEntries(entries.filter(([, part]) => part !== ''));
}

// What each gives was seen from Go 1.26.
describe('URLs in templates', () => {
  it.each([
    [
      'http://admin:secret@server.com:8080/api?list=false#anchor',
      {
        scheme: 'http',
        userinfo: 'admin:secret',
        host: 'server.com:8080',
        hostname: 'server.com',
        path: '/api',
        query: 'list=false',
        fragment: 'anchor',
      },
    ],
    ['HTTP://Ex.com', { scheme: 'http', host: 'Ex.com', hostname: 'Ex.com' }],
    ['mailto:x@y.z?q', { scheme: 'mailto', opaque: 'x@y.z', query: 'q' }],
    ['/a/b', { path: '/a/b' }],
    ['*', { path: '*' }],
    ['', {}],
    ['//h/p', { host: 'h', hostname: 'h', path: '/p' }],
    ['///p', { path: '///p' }],
    ['file:///etc', { scheme: 'file', path: '/etc' }],
    ['http://[::1]:80/x', { scheme: 'http', host: '[::1]:80', hostname: '::1', path: '/x' }],
    ['http://[fe80::1%25en0]:1', { scheme: 'http', host: '[fe80::1%en0]:1', hostname: 'fe80::1%en0' }],
    ['pg://a:1,b:2/db', { scheme: 'pg', host: 'a:1,b:2', hostname: 'a:1,b', path: '/db' }],
    ['http://u:p%2fss@h', { scheme: 'http', userinfo: 'u:p%2Fss', host: 'h', hostname: 'h' }],
    ['http://u:p@ss@h', { scheme: 'http', userinfo: 'u:p%40ss', host: 'h', hostname: 'h' }],
    ['http://h/%41%2f?b?c', { scheme: 'http', host: 'h', hostname: 'h', path: '/A/', query: 'b?c' }],
    ['http://h#f%20g', { scheme: 'http', host: 'h', hostname: 'h', fragment: 'f g' }],
  ])('parses %s', (text, expected) => {
    const parts = partsOf(text);

    expect(parts).toEqual(expected);
  });

  it.each([
    '1a:b',
    ':x',
    '1http://x',
    'http://[::1',
    'http://[::1]a',
    'http://[1.2.3.4]/',
    'http://a[b]',
    'http://h:80a/',
    'http://a:b:80/',
    'http://u p@h',
    'http://u%zz@h',
    'http://h/%zz',
    'http://h#%z',
    'http://h%41/',
    'http://h h/',
    'x\u0001',
  ])('refuses %j without repeating it', (text) => {
    expect(() => call('urlParse', [text])).toThrow(/^unable to parse url$/);
  });

  it.each<[Record<string, string>, string]>([
    [{}, ''],
    [
      { scheme: 'http', host: 'h:1', path: '/p é', query: 'a=b c', fragment: 'f g', userinfo: 'u:p' },
      'http://u:p@h:1/p%20%C3%A9?a=b c#f%20g',
    ],
    [{ host: 'h', path: 'p' }, '//h/p'],
    [{ path: 'a:b' }, './a:b'],
    [{ path: '*' }, '*'],
    [{ scheme: 's', path: 'p' }, 's://p'],
    [{ scheme: 'x', opaque: 'o p' }, 'x:o p'],
    [{ userinfo: 'a/b', host: 'h' }, '//h'],
    [{ host: '<h>%[]' }, '//<h>%25[]'],
    [{ __proto: 'x', constructor: 'y' }, ''],
  ])('joins %j', (parts, expected) => {
    const dict = new GoMap(Object.entries(parts).map(([key, part]) => [key, bytes(part)]));

    const url = call('urlJoin', [dict]);

    expect(url).toBe(expected);
  });

  it.each<[string, GoValue, string]>([
    ['scheme', new GoInt(1), 'unable to parse dictionary value: expected string'],
    ['host', null, 'unable to parse dictionary value: expected string'],
    ['userinfo', 'u p', 'unable to parse url userinfo'],
  ])('joins no %s of another kind', (key, value, message) => {
    expect(() => call('urlJoin', [new GoMap([[key, value]])])).toThrow(message);
  });
});
