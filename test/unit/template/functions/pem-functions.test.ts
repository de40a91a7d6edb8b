import { beforeAll, describe, expect, it } from 'vitest';
import { loadCryptoLibraries } from '../../../../src/template/functions/crypto-libraries.ts';
import { PEM_FUNCTIONS } from '../../../../src/template/functions/pem-functions.ts';
import { GoList } from '../../../../src/template/value.ts';
import { INTERMEDIATE, LEAF, LEAF_KEY, OTHER, ROOT, RSA } from './crypto-fixtures.ts';
import { anEvaluation, callerOf } from './evaluation.ts';

const callPem = callerOf(PEM_FUNCTIONS);
const call = (name: string, ...args: readonly string[]) => callPem(name, args);

beforeAll(loadCryptoLibraries);

describe('filterPEM', () => {
  it.each([
    { title: 'a certificate before a key', type: 'CERTIFICATE', text: LEAF + LEAF_KEY, kept: LEAF },
    { title: 'a key before a certificate', type: 'CERTIFICATE', text: LEAF_KEY + LEAF, kept: LEAF },
    { title: 'several blocks', type: 'certificate', text: LEAF + LEAF_KEY + ROOT, kept: LEAF + ROOT },
    { title: 'a type in lower case', type: 'private key', text: LEAF + LEAF_KEY, kept: LEAF_KEY },
    { title: 'a key before junk', type: 'PRIVATE KEY', text: `${LEAF_KEY}junk`, kept: LEAF_KEY },
    { title: 'a key behind junk on its own line', type: 'PRIVATE KEY', text: `junk${LEAF_KEY}`, kept: LEAF_KEY },
    {
      title: 'lines that end with a carriage return',
      type: 'CERTIFICATE',
      text: LEAF.replaceAll('\n', '\r\n'),
      kept: LEAF,
    },
    { title: 'no block of the type, and nothing else', type: 'PRIVATE KEY', text: LEAF, kept: '' },
    { title: 'an empty text', type: 'PRIVATE KEY', text: '', kept: '' },
    {
      title: 'a BEGIN without an END',
      type: 'CERTIFICATE',
      text: `-----BEGIN CERTIFICATE-----\nAAAA\n${LEAF}`,
      kept: LEAF,
    },
    {
      title: 'headers, Proc-Type first',
      type: 'X',
      text: '-----BEGIN X-----\nB: 2\nA: 1\nProc-Type: 4,ENCRYPTED\n\nAAAA\n-----END X-----',
      kept: '-----BEGIN X-----\nProc-Type: 4,ENCRYPTED\nA: 1\nB: 2\n\nAAAA\n-----END X-----\n',
    },
  ])('keeps $title', ({ type, text, kept }) => {
    expect(call('filterPEM', type, text)).toBe(kept);
  });

  it.each([
    ['no PEM at all', '---junk---'],
    ['a block that does not begin its line', `${LEAF}junk${LEAF_KEY}`],
    ['a block that is not base64', '-----BEGIN PRIVATE KEY-----\nA*AA\n-----END PRIVATE KEY-----\n'],
    ['headers right before END', '-----BEGIN PRIVATE KEY-----\nK: v\n-----END PRIVATE KEY-----\n'],
    ['a block whose END names another type', '-----BEGIN PRIVATE KEY-----\nAAAA\n-----END X-----\n'],
  ])('finds junk in %s', (_title, text) => {
    expect(() => call('filterPEM', 'PRIVATE KEY', text)).toThrow('error filtering pem: found junk');
  });

  it('refuses more than a Secret can hold', () => {
    expect(() => call('filterPEM', 'X', 'a'.repeat(1024 * 1024 + 1))).toThrow('larger than 1 MiB');
  });
});

describe('filterCertChain', () => {
  const full = ROOT + LEAF + INTERMEDIATE;

  it.each([
    { part: 'leaf', chain: 'leaf', text: LEAF, kept: LEAF },
    { part: 'leaf', chain: 'leaf and intermediate', text: INTERMEDIATE + LEAF, kept: LEAF },
    { part: 'leaf', chain: 'full', text: full, kept: LEAF },
    { part: 'leaf', chain: 'root', text: ROOT, kept: '' },
    { part: 'intermediate', chain: 'leaf', text: LEAF, kept: '' },
    { part: 'intermediate', chain: 'leaf and intermediate', text: INTERMEDIATE + LEAF, kept: INTERMEDIATE },
    { part: 'intermediate', chain: 'full', text: full, kept: INTERMEDIATE },
    { part: 'root', chain: 'leaf', text: LEAF, kept: '' },
    { part: 'root', chain: 'root', text: ROOT, kept: ROOT },
    { part: 'root', chain: 'full', text: full, kept: ROOT },
    { part: 'branch', chain: 'full', text: full, kept: '' },
  ])('picks the $part out of a chain: $chain', ({ part, text, kept }) => {
    expect(call('filterCertChain', part, text)).toBe(kept);
  });

  it.each([
    ['nothing', '', 'no leaf certificate found'],
    ['two chains', LEAF + OTHER, 'found multiple leaf or disjunct certificates'],
    ['a key', LEAF + LEAF_KEY, 'malformed certificate'],
  ])('fails with %s', (_title, text, message) => {
    expect(() => call('filterCertChain', 'leaf', text)).toThrow(message);
  });
});

describe('certSANs', () => {
  it('lists DNS names, addresses, e-mail addresses and URIs', () => {
    expect(call('certSANs', `junk ${LEAF}${ROOT}`)).toEqual(
      new GoList(
        ['example.com', '*.example.com', '192.168.1.10', '2001:db8::1', 'admin@example.com', 'https://example.com/a'],
        'string',
      ),
    );
  });

  it('is empty for a certificate without alternative names', () => {
    expect(call('certSANs', RSA)).toEqual(new GoList([], 'string'));
  });

  it.each([
    ['not a pem', 'failed to decode PEM block'],
    [
      '-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----\n',
      'failed to parse certificate: malformed certificate',
    ],
  ])('fails with %j', (text, message) => {
    expect(() => call('certSANs', text)).toThrow(message);
  });
});

it('counts its work before it does it', () => {
  const evaluation = anEvaluation({
    spend: () => {
      throw new Error('spent');
    },
  });

  expect(() => callPem('filterPEM', ['X', ''], evaluation)).toThrow('spent');
});
