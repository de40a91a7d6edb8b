import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { checkSecretKeys } from '../../../src/externalsecrets/check-keys.ts';
import { convertKeys } from '../../../src/externalsecrets/convert-keys.ts';
import type { DataFromEntry, Rewrite } from '../../../src/externalsecrets/definition.ts';
import { shapeEntry } from '../../../src/externalsecrets/shape-entry.ts';
import type { TemplateEngine } from '../../../src/externalsecrets/template-engine.ts';
import { SecretValue } from '../../../src/secret-value.ts';

const upperCase: TemplateEngine = {
  render: (_name, text, root) => SecretValue.fromText(text + root.get('value')?.exposeText().toUpperCase()),
};

function contentOf(texts: Readonly<Record<string, string>>) {
  return new Map(Object.entries(texts).map(([key, text]) => [key, SecretValue.fromText(text)]));
}

function textsOf(content: ReadonlyMap<string, SecretValue>) {
  return Object.fromEntries(Array.from(content, ([key, value]) => [key, value.exposeText()]));
}

function shape(texts: Readonly<Record<string, string>>, rewrite: readonly Rewrite[], entry = EXTRACT) {
  return textsOf(shapeEntry({ ...entry, rewrite }, contentOf(texts), upperCase));
}

function lineOf(work: () => unknown): string {
  try {
    return `no error, but ${JSON.stringify(work())}`;
  } catch (thrown) {
    return LatchkeyError.from(thrown).line;
  }
}

const HANDLING = { decode: 'none', conversion: 'Default', refusesNullBytes: false } as const;
const EXTRACT: DataFromEntry = {
  kind: 'extract',
  remoteRef: { key: 'k', property: undefined, version: undefined, metadata: false, ...HANDLING },
  store: { kind: 'SecretStore', name: 's' },
  rewrite: [],
};
const MERGE = {
  kind: 'merge',
  strategy: 'Extract',
  into: '',
  conflictPolicy: 'Error',
  priority: [],
  priorityPolicy: 'Strict',
} as const;

describe('converting keys', () => {
  it.each([
    ['a/b c', 'Default', 'a_b_c'],
    ['a/b c', 'Unicode', 'a_U002f_b_U0020_c'],
    ['-._aZ09', 'Default', '-._aZ09'],
    ['größe', 'Default', 'größe'], // letters of any script pass, as in External Secrets
    ['Ⅷ', 'Default', 'Ⅷ'],
    ['a\u{1F511}b', 'Default', 'a_b'],
    ['a\u{1F511}b', 'Unicode', 'a_U1f511_b'],
    ['€', 'Unicode', '_U20ac_'],
    ['', 'Default', ''],
  ] as const)('makes %s, by %s, %s', (name, conversion, expected) => {
    const converted = convertKeys(contentOf({ [name]: 'x' }), conversion);

    expect([...converted.keys()]).toEqual([expected]);
  });

  it('refuses names that become one key', () => {
    const line = lineOf(() => convertKeys(contentOf({ 'a/b': '1', 'a b': '2' }), 'Default'));

    expect(line).toContain('secret name collision during conversion: a_b');
  });
});

describe('checking keys', () => {
  it('drops empty ones and keeps the rest', () => {
    expect(shape({ '': 'x', a: 'y' }, [])).toEqual({ a: 'y' });
  });

  it('refuses one that is too long', () => {
    const line = lineOf(() => shape({ ['a'.repeat(254)]: 'x' }, []));

    expect(line).toContain('key has length 254 but max is 253');
    expect(line).not.toContain('a'.repeat(100));
  });

  it.each(['größe', 'a b', '.', '..', '..x', '', 'a'.repeat(254)])('refuses %s in the Secret itself', (key) => {
    const line = lineOf(() => checkSecretKeys(contentOf({ [key]: 'x' })));

    expect(line).toMatch(/^a Secret cannot have the key ".*\[VALUE_INVALID\]$/);
  });

  it.each(['a', '.hidden', 'tls.crt', 'A-Z_0.9', '-', 'a'.repeat(253)])('lets %s into the Secret', (key) => {
    expect(() => checkSecretKeys(contentOf({ [key]: 'x' }))).not.toThrow();
  });
});

describe('rewriting keys', () => {
  it('carries out the operations in order', () => {
    const rewritten = shape({ 'db/user': '1', 'db/port': '2' }, [
      { kind: 'regexp', source: '^db/(.*)$', target: 'pg_$1' },
      { kind: 'regexp', source: '_', target: '-' },
      { kind: 'transform', template: 'X.' },
    ]);

    expect(rewritten).toEqual({ 'X.PG-USER': '1', 'X.PG-PORT': '2' });
  });

  it('lets many keys go at once', () => {
    expect(shape({ a: '1', b: '2', c: '3' }, [{ kind: 'regexp', source: '[ab]', target: '' }])).toEqual({ c: '3' });
  });

  it('says which operation made two keys one', () => {
    const line = lineOf(() =>
      shape({ a: '1', b: '2' }, [
        { kind: 'regexp', source: 'x', target: 'y' },
        { kind: 'transform', template: '' },
        { kind: 'regexp', source: '.', target: 'c' },
      ]),
    );

    expect(line).toMatch(/^rewrite\[2\]: the keys "A" and "B" both become "c"/);
  });

  it('leaves generated values undecoded and their keys unconverted', () => {
    const generator: DataFromEntry = {
      kind: 'generator',
      generator: { apiVersion: '', kind: '', name: '' },
      rewrite: [],
    };

    expect(lineOf(() => shape({ 'a b': 'x' }, [], generator))).toContain('key has invalid character');
  });
});

describe('merging', () => {
  it.each([
    [
      'takes all values apart, as text',
      {},
      { a: '{"x":"1","n":1.50,"big":12345678901234567890}', b: '{"t":true,"z":null,"o":{"k":"<"}}' },
      { x: '1', n: '1.5', big: '12345678901234567890', t: 'true', z: '', o: '{"k":"\\u003c"}' },
    ],
    [
      'lets later keys win',
      { conflictPolicy: 'Ignore' },
      { b: '{"x":"b"}', a: '{"x":"a","y":"a"}' },
      { x: 'b', y: 'a' },
    ],
    [
      'lets keys of the priority win, the last of them over all',
      { conflictPolicy: 'Ignore', priority: ['b', 'a'] },
      { a: '{"x":"a"}', b: '{"x":"b"}', c: '{"x":"c"}' },
      { x: 'a' },
    ],
    [
      'stores the merged object beside the others',
      { strategy: 'JSON', into: 'all' },
      { b: '{"z":1,"a":{"d":"&","c":[1, 2]}}', a: '{"y":"é"}' },
      { b: '{"z":1,"a":{"d":"&","c":[1, 2]}}', a: '{"y":"é"}', all: '{"a":{"c":[1,2],"d":"&"},"y":"é","z":1}' },
    ],
    [
      'passes over what is not there, where it may',
      { priority: ['gone', 'a'], priorityPolicy: 'IgnoreNotFound' },
      { a: '{"x":"1"}' },
      { x: '1' },
    ],
    ['takes null for an empty object', {}, { a: 'null', b: '{"x":"1"}' }, { x: '1' }],
    [
      'knows no inherited names',
      {},
      { a: '{"__proto__":"p","constructor":"c"}' },
      { ['__proto__']: 'p', constructor: 'c' },
    ],
  ] as const)('%s', (_, settings, texts, expected) => {
    const merged = shape(texts, [{ ...MERGE, ...settings }]);

    expect(new Map(Object.entries(merged))).toEqual(new Map(Object.entries(expected)));
  });

  it.each([
    ['conflicts', {}, { a: '{"x":1,"y":2}', b: '{"y":1,"x":2}' }, 'merge failed with conflicts: y, x'],
    [
      'a priority that is not there',
      { priority: ['gone'] },
      { a: '{}' },
      'merge failed with key "gone" not found in input map',
    ],
    ['a value that is no JSON', {}, { a: 'hunter2' }, 'merge failed: the value of "a" is no JSON object'],
    ['a value that is a list', {}, { a: '[1]' }, 'merge failed: the value of "a" is no JSON object'],
  ])('refuses %s', (_, settings, texts, expected) => {
    const line = lineOf(() => shape(texts, [{ ...MERGE, ...settings }]));

    expect(line).toContain(expected);
    expect(line).not.toContain('hunter2');
  });
});

describe('decoding', () => {
  const strict = { ...EXTRACT, remoteRef: { ...EXTRACT.remoteRef, decode: 'base64', refusesNullBytes: true } } as const;

  it('decodes every value, under its final key', () => {
    expect(shape({ a: 'aGk=', b: 'eW8=' }, [], strict)).toEqual({ a: 'hi', b: 'yo' });
  });

  it('refuses NUL bytes where they must not be, after decoding', () => {
    const line = lineOf(() => shape({ a: Buffer.from('x\0y').toString('base64') }, [], strict));

    expect(line).toBe(
      'the value of "a" holds a NUL byte, which nullBytePolicy refuses. Correct the value, or set nullBytePolicy: Ignore. [VALUE_INVALID]',
    );
  });
});
