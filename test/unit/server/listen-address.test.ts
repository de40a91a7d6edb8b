import { expect, it } from 'vitest';
import { parseListenAddress } from '../../../src/server/listen-address.ts';

it.each([
  ['0.0.0.0:8443', { host: '0.0.0.0', port: 8443 }],
  ['[::]:8443', { host: '::', port: 8443 }],
  ['localhost:80', { host: 'localhost', port: 80 }],
  [':9090', { host: '0.0.0.0', port: 9090 }],
])('splits %s', (listen, expected) => {
  expect(parseListenAddress(listen)).toEqual(expected);
});
