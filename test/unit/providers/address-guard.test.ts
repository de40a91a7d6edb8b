import type { LookupAddress } from 'node:dns';
import { describe, expect, it } from 'vitest';
import { createGuardedLookup, isForbiddenAddress } from '../../../src/providers/address-guard.ts';

interface Answer {
  readonly error: Error | null;
  readonly address?: string | readonly LookupAddress[];
  readonly family?: number | undefined;
}

function lookUp(addresses: readonly string[], options: object = {}): Promise<Answer> {
  const lookup = createGuardedLookup((_hostname, _options, done) => {
    done(
      null,
      addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
    );
  });
  return new Promise((resolve) => {
    lookup('keeper.example.com', options, (error, address, family) => resolve({ error, address, family }));
  });
}

describe('isForbiddenAddress', () => {
  it.each([
    '169.254.169.254',
    '169.254.170.23',
    '127.0.0.1',
    '127.255.0.1',
    '0.0.0.0',
    '100.100.100.200',
    '168.63.129.16',
    '::1',
    '[::1]',
    '::',
    '::127.0.0.1',
    '::ffff:169.254.169.254',
    '::ffff:a9fe:a9fe',
    '[::ffff:7f00:1]',
    '64:ff9b::169.254.169.254',
    '64:ff9b::127.0.0.1',
    '2002:a9fe:a9fe::1',
    'fe80::1',
    'fe80::1%eth0',
    'febf::1',
    'fd00:ec2::254',
    'fd20:ce::254',
  ])('says so of %s', (address) => {
    expect(isForbiddenAddress(address)).toBe(true);
  });

  it.each([
    '10.0.0.1',
    '192.168.1.1',
    '100.64.0.1',
    '8.8.8.8',
    '169.253.0.1',
    '2001:db8::1',
    'fd12::1',
    '::ffff:10.0.0.1',
    '64:ff9b::a00:1',
    'localhost',
    'example.com',
    '',
  ])('says nothing of %j', (address) => {
    expect(isForbiddenAddress(address)).toBe(false);
  });

  it.each(['http://2852039166/', 'http://0xa9.0xfe.0xa9.0xfe/', 'http://0251.0376.0251.0376/', 'http://127.1/'])(
    'knows the address in %s once it is parsed',
    (url) => {
      expect(isForbiddenAddress(new URL(url).hostname)).toBe(true);
    },
  );
});

describe('createGuardedLookup', () => {
  it('gives the addresses that it checked', async () => {
    const answers = [await lookUp(['10.0.0.1', '2001:db8::1']), await lookUp(['10.0.0.1', '10.0.0.2'], { all: true })];

    expect(answers).toEqual([
      { error: null, address: '10.0.0.1', family: 4 },
      {
        error: null,
        address: [
          { address: '10.0.0.1', family: 4 },
          { address: '10.0.0.2', family: 4 },
        ],
        family: undefined,
      },
    ]);
  });

  it.each([
    ['the only address', ['169.254.169.254'], {}],
    ['one of several', ['10.0.0.1', '127.0.0.1'], { all: true }],
    ['one that would not be used', ['10.0.0.1', '::1'], {}],
  ])('refuses a name where %s is forbidden', async (_, addresses, options) => {
    const { error } = await lookUp(addresses, options);

    expect(error).toMatchObject({ code: 'ENDPOINT_NOT_ALLOWED' });
    expect(error?.message).toBe('the host "keeper.example.com" leads to a link-local or loopback address');
  });

  it('passes on that there is no address', async () => {
    expect((await lookUp([])).error).toMatchObject({ code: 'ENOTFOUND' });
  });

  it('passes on why a name could not be looked up', async () => {
    const failure = Object.assign(new Error('getaddrinfo'), { code: 'EAI_AGAIN' });
    const lookup = createGuardedLookup((_hostname, _options, done) => done(failure, []));

    const error = await new Promise((resolve) => {
      lookup('keeper.example.com', {}, resolve);
    });

    expect(error).toBe(failure);
  });

  it('asks the system when nothing else is given', async () => {
    const lookup = createGuardedLookup();

    const error = await new Promise((resolve) => {
      lookup('localhost', { all: true }, resolve);
    });

    expect(error).toMatchObject({ code: 'ENDPOINT_NOT_ALLOWED' });
  });
});
