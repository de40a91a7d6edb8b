import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import type { PropertyRule } from '../../../src/providers/provider.ts';
import { selectProperty } from '../../../src/resolve/property.ts';
import { SecretValue } from '../../../src/secret-value.ts';

const RULES: readonly PropertyRule[] = ['literal-first', 'path-first', 'vault', 'path', 'data-key'];

const GOLDEN =
  '{"a":{"b":"c","n":5432,"f":1.50,"big":12345678901234567890,"exp":1e3,"t":true,"z":null,"e":{},"l":[1,"x",{"k":"v"}],' +
  '"o":{ "x" : 1 }},"a.b":"lit","friends":[{"first":"Dale","age":44},{"first":"Roger","age":68},{"first":"Jane","age":47}],' +
  '"k*y":"star","path/with/slash":"s","sp ace":"x","q?m":"qm","pipe|x":"p","hash#":"h","neg":-0,"negf":-1.5e-3}';

function select(document: string, property: string, rule: PropertyRule): string | undefined {
  try {
    return selectProperty(SecretValue.fromText(document), property, rule, { key: 'prod/db' }).exposeText();
  } catch (error) {
    if (LatchkeyError.from(error).code === 'PROPERTY_NOT_FOUND') return undefined;
    throw error;
  }
}

function refusal(document: string, property: string, rule: PropertyRule = 'literal-first'): LatchkeyError {
  try {
    selectProperty(SecretValue.fromText(document), property, rule, { key: 'prod/db' });
  } catch (error) {
    return LatchkeyError.from(error);
  }
  throw new Error('nothing was refused');
}

describe('selectProperty', () => {
  // measured with External Secrets' rule for AWS
  it.each([
    ['a.b', 'lit'],
    ['a.n', '5432'],
    ['a.f', '1.5'],
    ['a.big', '12345678901234567890'],
    ['a.exp', '1000'],
    ['a.t', 'true'],
    ['a.z', ''],
    ['a.e', '{}'],
    ['a.o', '{ "x" : 1 }'],
    ['a.l', '[1,"x",{"k":"v"}]'],
    ['a.l.#', '3'],
    ['a.l.1', 'x'],
    ['a.l.2.k', 'v'],
    ['friends.#', '3'],
    ['friends.#.first', '["Dale","Roger","Jane"]'],
    ['friends.1.first', 'Roger'],
    ['friends.-1', undefined],
    ['friends.#(age>45).first', 'Roger'],
    ['friends.#(age>45)#.first', '["Roger","Jane"]'],
    ['friends|@reverse|0.first', 'Jane'],
    ['k*y', 'star'],
    ['k?y', 'star'],
    ['k\\*y', 'star'],
    ['pipe|x', undefined],
    ['pipe\\|x', 'p'],
    ['path/with/slash', 's'],
    ['sp ace', 'x'],
    ['q?m', 'qm'],
    ['hash#', 'h'],
    ['neg', '-0'],
    ['negf', '-0.0015'],
    ['missing', undefined],
    ['', undefined],
    ['@this.a.b', 'c'],
    ['a.@keys', '["b","n","f","big","exp","t","z","e","l","o"]'],
    ['a.@values.0', 'c'],
    ['[a.b,neg]', '["lit",-0]'],
    ['!"static"', 'static'],
  ])('selects %j from the golden document', (property, expected) => {
    expect(select(GOLDEN, property, 'literal-first')).toBe(expected);
  });

  it.each([
    ['{"a":1', 'a', '1'],
    ['{"a":"b"} trailing', 'a', 'b'],
    ['{"l":[]}', 'l.0', undefined],
    ['{"l":[]}', 'l.#', '0'],
    ['just text', 'a', undefined],
    ['"text"', 'a', undefined],
    ['a: b', 'a', undefined],
  ])('does not validate %j', (document, property, expected) => {
    expect(select(document, property, 'literal-first')).toBe(expected);
  });

  const BOTH = '{"tls.crt":"literal","tls":{"crt":"nested"}}';
  it.each([
    ['literal-first', BOTH, 'tls.crt', 'literal'],
    ['literal-first', '{".dockerconfigjson":"x"}', '.dockerconfigjson', 'x'],
    ['path-first', BOTH, 'tls.crt', 'nested'],
    ['path-first', '{"tls.crt":"literal"}', 'tls.crt', 'literal'],
    ['vault', BOTH, 'tls.crt', 'literal'],
    ['vault', BOTH, 'tls|crt', 'nested'],
    ['vault', '{"a|b":"literal","a":{"b":"nested"}}', 'a|b', 'literal'],
    ['path', BOTH, 'tls.crt', 'nested'],
    ['data-key', '{"tls.crt":"literal","tls":"{\\"crt\\":\\"nested\\"}"}', 'tls.crt', 'literal'],
    ['data-key', '{"tls":"{\\"crt\\":{\\"pem\\":\\"nested\\"}}"}', 'tls.crt.pem', 'nested'],
    ['data-key', '{"config.json":"{\\"a\\":1}"}', 'config.json.a', undefined],
    ['data-key', '{"a":"{\\"\\":1}"}', 'a.', undefined],
    ['data-key', '{"ab":"x"}', 'a*', undefined],
  ] as const)('looks up by the rule %s in %s', (rule, document, property, expected) => {
    expect(select(document, property, rule)).toBe(expected);
  });

  // what the provider reads is Go's JSON: sorted, compact, HTML escaped
  const VAULT =
    '{"b":true,"big":12345678901234567890,"e":1.50,"l":["x","y"],"o":{"a":"\\u003c\\u0026","z":1e3},"s":"\\u003c\\u2028","z":null}';
  it.each([
    ['s', '<\u2028'],
    ['e', '1.50'],
    ['big', '12345678901234567890'],
    ['b', 'true'],
    ['l', '["x","y"]'],
    ['o', '{"a":"\\u003c\\u0026","z":1e3}'],
    ['z', ''],
    ['o.a', '<&'],
    ['o.z', '1000'],
    ['l.1', 'y'],
  ])("converts Vault's %j as External Secrets does", (property, expected) => {
    expect(select(VAULT, property, 'vault')).toBe(expected);
  });

  it('keeps bytes that are not UTF-8', () => {
    const value = new SecretValue(Buffer.from('7b2261223a22fffe227d', 'hex'));

    const selected = selectProperty(value, 'a', 'data-key', { key: 'k' });

    expect(Buffer.from(selected.expose()).toString('hex')).toBe('fffe');
  });

  it.each(RULES)('reports a missing property by the rule %s, with what there is', (rule) => {
    const { line } = refusal('{"user":"u","password":"hunter2"}', 'pasword', rule);

    const code = rule === 'path' ? 'SECRET_NOT_FOUND' : 'PROPERTY_NOT_FOUND';
    expect(line).toBe(
      `secret "prod/db" has no property "pasword"; it has 2: password, user. Did you mean "password"? [${code}]`,
    );
  });

  it.each(['hunter2', '"hunter2"', '{"hunter2', 'hunter2: x', '7', ''])(
    'quotes nothing of the plain value %j',
    (text) => {
      const { line } = refusal(text, 'user');

      expect(line).toBe(
        'secret "prod/db" is not a JSON object, so it has no property "user". ' +
          'Remove the property (the part after "#") to use the whole value. [PROPERTY_NOT_FOUND]',
      );
    },
  );

  it.each([
    ['many', JSON.stringify(Object.fromEntries(Array.from({ length: 11 }, (_, index) => [`n${index}`, 1])))],
    ['strange', '{"hunter2 is my password":1}'],
    ['long', `{"${'a'.repeat(41)}":1}`],
    ['no', '{}'],
    ['numbered', '["hunter2"]'],
  ])('lists no names where there are %s ones', (_, document) => {
    const { line } = refusal(document, 'user');

    expect(line).toBe(
      'secret "prod/db" has no property "user". Correct the property, the part after "#". [PROPERTY_NOT_FOUND]',
    );
  });

  it('shortens a long property in its message', () => {
    expect(refusal('{"a":1}', 'x'.repeat(5000)).line.length).toBeLessThan(250);
  });

  it('does not pass a property that costs too much off as a missing one', () => {
    const { code } = refusal('{"a":1}', Array(100).fill('[@this,@this]').join('|'));

    expect(code).toBe('REF_INVALID');
  });
});

describe('docs/property.md', () => {
  const text = readFileSync(new URL('../../../docs/property.md', import.meta.url), 'utf8');
  const document = /```json\n(.*?)```/s.exec(text)?.[1] ?? '';
  const table = /\| property \| value \| \|\n(.*?)\n\n/s.exec(text)?.[1] ?? '';
  const examples = table
    .replaceAll('\\|', '\0')
    .split('\n')
    .slice(1)
    .map((row) => row.split('|').map((cell) => cell.trim().replaceAll('`', '').replaceAll('\0', '|')))
    .map(([, property = '', value = '']) => [property, value] as const);

  it.each(examples)('is right that %s is %s', (property, value) => {
    expect(select(document, property, 'path')).toBe(value);
  });

  it('has examples', () => {
    expect(examples.length).toBeGreaterThan(10);
  });
});
