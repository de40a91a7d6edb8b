import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { formatReference } from '../../../src/references/format-reference.ts';
import { isReference, parseEnvFromReference, parseReference } from '../../../src/references/parse-reference.ts';
import type { Reference } from '../../../src/references/reference.ts';
import { arbitraryReference, textOf } from './arbitrary-references.ts';

const plain = { store: { kind: 'SecretStore', name: 'aws' }, key: 'db', decode: 'none', optional: false } as const;

describe('parseReference', () => {
  it.each<[text: string, expected: Reference]>([
    ['secretstore://aws/db', plain],
    ['secretstore://aws/prod/db/main', { ...plain, key: 'prod/db/main' }],
    ['secretstore://aws//prod/db', { ...plain, key: '/prod/db' }],
    ['secretstore://aws.eu-1/db', { ...plain, store: { kind: 'SecretStore', name: 'aws.eu-1' } }],
    ['clustersecretstore://aws/db', { ...plain, store: { kind: 'ClusterSecretStore', name: 'aws' } }],
    ['secretstore:///db', { ...plain, store: { kind: 'default' } }],
    ['secretstore:////ssm/db', { ...plain, store: { kind: 'default' }, key: '/ssm/db' }],
    [
      'secretstore://aws/arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf',
      { ...plain, key: 'arn:aws:secretsmanager:eu-central-1:111122223333:secret:db-AbCdEf' },
    ],
    ['secretstore://aws/a%20b%2Fc%3Fd%23e%26f', { ...plain, key: 'a b/c?d#e&f' }],
    ['secretstore://aws/gr%C3%BC%c3%9fe', { ...plain, key: 'grüße' }],
    ['secretstore://aws/grüße', { ...plain, key: 'grüße' }],
    ['secretstore://aws/a+b', { ...plain, key: 'a+b' }],
    ['secretstore://aws/db?version=AWSPREVIOUS', { ...plain, version: 'AWSPREVIOUS' }],
    ['secretstore://aws/db?decode=base64', { ...plain, decode: 'base64' }],
    ['secretstore://aws/db?decode=none', plain],
    ['secretstore://aws/db?optional', { ...plain, optional: true }],
    ['secretstore://aws/db?optional=true', { ...plain, optional: true }],
    ['secretstore://aws/db?optional=false', plain],
    ['secretstore://aws/db?default=', { ...plain, default: '' }],
    ['secretstore://aws/db?default=a=b+c/%26%0A?', { ...plain, default: 'a=b+c/&\n?' }],
    ['secretstore://aws/db?optional&default=x', { ...plain, optional: true, default: 'x' }],
    ['secretstore://aws/db#password', { ...plain, property: 'password' }],
    ['secretstore://aws/db?version=3#users.0.name', { ...plain, version: '3', property: 'users.0.name' }],
    ['secretstore://aws/db#users.#(name=="a b").key', { ...plain, property: 'users.#(name=="a b").key' }],
    ['secretstore://aws/db#pass?ord', { ...plain, property: 'pass?ord' }],
    ['secretstore://aws/db#{user,password}', { ...plain, property: '{user,password}' }],
    ['secretstore://aws/db#tls\\.crt', { ...plain, property: 'tls\\.crt' }],
    ['secretstore://aws/db#%23', { ...plain, property: '#' }],
    ['secretstore://aws/a$b?default=$$c', { ...plain, key: 'a$b', default: '$$c' }],
    ['secretstore://aws/%24(HOME)', { ...plain, key: '$(HOME)' }],
  ])('reads %s', (text, expected) => {
    expect(parseReference(text)).toStrictEqual(expected);
  });

  it.each<[text: string, message: string, hint: string]>([
    ['postgres://db', 'this is no reference', 'Write secretstore://STORE/KEY'],
    ['SecretStore://aws/db', 'this is no reference', 'Write secretstore://STORE/KEY'],
    ['', 'this is no reference', 'Write secretstore://STORE/KEY'],
    [' secretstore://aws/db', 'reference "secretstore://aws/db" has white space around it', 'Remove'],
    ['secretstore://aws/db\n', 'reference "secretstore://aws/db" has white space around it', 'Remove'],
    ['secretstore://', 'reference "secretstore://" names neither store nor key', 'secretstore:///KEY'],
    ['secretstore://aws', 'reference "secretstore://aws" names a store but no key', 'secretstore:///KEY'],
    ['secretstore://aws/', 'reference "secretstore://aws/" names a store but no key', 'secretstore:///KEY'],
    ['secretstore://aws//', 'reference "secretstore://aws//" names a store but no key', 'secretstore:///KEY'],
    ['secretstore://aws/%2F', 'reference "secretstore://aws/%2F" names a store but no key', 'secretstore:///KEY'],
    ['secretstore:///', 'reference "secretstore:///" names a store but no key', 'secretstore:///KEY'],
    [
      'clustersecretstore:///db',
      'reference "clustersecretstore:///db" names no store',
      'clustersecretstore://STORE/KEY',
    ],
    ['secretstore://AWS/db', 'the store in this reference has a name that Kubernetes does not allow', 'lower-case'],
    ['secretstore://a%77s/db', 'the store in this reference has a name that Kubernetes does not allow', 'lower-case'],
    [
      `secretstore://${'a'.repeat(254)}/db`,
      'the store in this reference has a name that Kubernetes does not allow',
      'lower-case',
    ],
    ['secretstore://aws/a b', 'reference "secretstore://aws/a…" holds white space', '%20'],
    ['secretstore://aws/a&version=1', 'reference "secretstore://aws/a…" holds & before any ?', '%26'],
    ['secretstore://aws/a%', 'reference "secretstore://aws/a%" has a broken percent escape in its key', '%25'],
    ['secretstore://aws/a%ff', 'reference "secretstore://aws/a%ff" has a broken percent escape in its key', '%25'],
    ['secretstore://aws/a%00', 'reference "secretstore://aws/a%00" has a control character in its key', 'Remove it'],
    ['secretstore://aws/a\u0007b', 'reference "secretstore://aws/a…" holds a control or invisible character', 'Remove'],
    ['secretstore://aws/a\u200Bb', 'reference "secretstore://aws/a…" holds a control or invisible character', 'Remove'],
    ['secretstore://aws/a\uD800b', 'reference "secretstore://aws/a…" is no valid Unicode text', 'Type it again'],
    [
      'secretstore://aws/$(STAGE)/db',
      'reference "secretstore://aws/$(STAGE)/db" holds $(, but Kubernetes expands no variables inside a reference',
      'Write the name out, or %24( for a literal $(',
    ],
    [
      'secretstore://aws/${STAGE}/db',
      'reference "secretstore://aws/${STAGE}/db" holds ${, but references do not nest',
      'Write the name out, or %24{ for a literal ${',
    ],
    ['secretstore://aws/db?', 'reference "secretstore://aws/db…" has an unknown parameter after ?', 'Use version'],
    [
      'secretstore://aws/db?vresion=1',
      'reference "secretstore://aws/db…" has an unknown parameter after ?',
      'Use version, decode, optional or default, and write & inside a value as %26',
    ],
    ['secretstore://aws/db?optional&optional', 'reference "secretstore://aws/db…" has optional twice', 'Keep one'],
    ['secretstore://aws/db?optional=1', 'reference "secretstore://aws/db…" has an optional that is', 'without a value'],
    ['secretstore://aws/db?version', 'reference "secretstore://aws/db…" has a version without a value', 'version=V'],
    ['secretstore://aws/db?version=', 'reference "secretstore://aws/db…" has a version without a value', 'version=V'],
    ['secretstore://aws/db?decode=hex', 'reference "secretstore://aws/db…" has an unknown decode', 'decode=base64'],
    ['secretstore://aws/db?default', 'reference "secretstore://aws/db…" has a default without a value', 'default='],
    ['secretstore://aws/db?default=%00', 'reference "secretstore://aws/db…" has a control character', 'Remove it'],
    ['secretstore://aws/db?prefix=A_', 'reference "secretstore://aws/db…" has a prefix, which only', 'Use version'],
    ['secretstore://aws/db#', 'reference "secretstore://aws/db#" has nothing after #', 'Name a property'],
    ['secretstore://aws/db#%zz', 'reference "secretstore://aws/db#%zz" has a broken percent escape', '%25'],
    [
      'secretstore://aws/db#password?optional',
      'reference "secretstore://aws/db#password…" has parameters after #',
      'secretstore://STORE/KEY?optional#PROPERTY',
    ],
    [
      `secretstore://aws/${'k'.repeat(4097)}`,
      `reference "${'secretstore://aws/'.padEnd(80, 'k')}…" has a key longer than 4096 characters`,
      'Shorten it',
    ],
  ])('refuses %j', (text, message, hint) => {
    expect(() => parseReference(text)).toThrow(
      expect.objectContaining({
        code: 'REF_INVALID',
        message: expect.stringContaining(message),
        hint: expect.stringContaining(hint),
      }),
    );
  });

  it.each([
    'secretstore://aws/db?default=hunter2&x',
    'secretstore://aws/db?x&default=hunter2',
    'secretstore://aws/db&default=hunter2',
    'secretstore://aws/db#p?default=hunter2',
    'secretstore://aws/db%3Fdefault%3Dhunter2%',
    'secretstore://app:hunter2@db/key',
    'secretstore://aws/db hunter2',
    ' hunter2',
    'hunter2',
  ])('never quotes the secret-looking part of %s', (text) => {
    expect(thrownBy(() => parseReference(text))).toMatchObject({
      code: 'REF_INVALID',
      line: expect.not.stringContaining('hunter2'),
    });
  });

  it('throws nothing but REF_INVALID, whatever it is fed', () => {
    const fragments = [
      'secretstore://',
      'clustersecretstore://',
      'aws',
      '/',
      'a',
      '?',
      '&',
      '=',
      '#',
      '%',
      '%41',
      '%00',
      '%C3',
      'version=1',
      'decode=base64',
      'optional',
      'default=x',
      '{',
      '}',
      '$',
      '(',
      ')',
      ' ',
      '\n',
      '\uD800',
      '\u200B',
    ]; // prettier-ignore

    fc.assert(
      fc.property(fc.oneof(fc.string({ unit: 'binary' }), textOf(fragments)), (text) => {
        const errors = [thrownBy(() => parseReference(text)), thrownBy(() => parseEnvFromReference(text))];

        expect(errors.filter((error) => error !== undefined).map(codeOf)).not.toContain('unexpected');
      }),
      { numRuns: 1000 },
    );
  });

  it('reads its own canonical text back', () => {
    fc.assert(
      fc.property(arbitraryReference, (reference) => {
        expect(parseReference(formatReference(reference))).toStrictEqual(reference);
      }),
    );
  });
});

describe('parseEnvFromReference', () => {
  it.each<[text: string, prefix: string]>([
    ['secretstore://aws/db', ''],
    ['secretstore://aws/db?prefix=DB_', 'DB_'],
    ['secretstore://aws/db?optional&prefix=DB_#app', 'DB_'],
  ])('reads the prefix of %s', (text, prefix) => {
    expect(parseEnvFromReference(text)).toMatchObject({ prefix, reference: { key: 'db' } });
  });

  it.each<[text: string, message: string]>([
    ['secretstore://aws/db?prefix', 'has a prefix that cannot begin a variable'],
    ['secretstore://aws/db?prefix=', 'has a prefix that cannot begin a variable'],
    ['secretstore://aws/db?prefix=1A', 'has a prefix that cannot begin a variable'],
    ['secretstore://aws/db?prefix=A%20B', 'has a prefix that cannot begin a variable'],
    ['secretstore://aws/db?default=x', 'has a default, which env-from does not take'],
  ])('refuses %s', (text, message) => {
    expect(() => parseEnvFromReference(text)).toThrow(
      expect.objectContaining({ code: 'REF_INVALID', message: expect.stringContaining(message) }),
    );
  });
});

describe('isReference', () => {
  it.each<[text: string, expected: boolean]>([
    ['secretstore://aws/db', true],
    ['clustersecretstore://aws/db', true],
    ['secretstore://', true],
    ['SecretStore://aws/db', false],
    ['secretstore:/aws/db', false],
    ['see secretstore://aws/db', false],
    ['', false],
  ])('says of %j: %s', (text, expected) => {
    expect(isReference(text)).toBe(expected);
  });
});

function thrownBy(act: () => unknown): unknown {
  try {
    act();
    return undefined;
  } catch (error) {
    return error;
  }
}

function codeOf(error: unknown): string {
  return error instanceof LatchkeyError && error.code === 'REF_INVALID' ? error.code : 'unexpected';
}
