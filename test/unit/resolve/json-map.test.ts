import { assert, dictionary, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { jsonToMap } from '../../../src/resolve/json-map.ts';
import { SecretValue } from '../../../src/secret-value.ts';

function toMap(document: string | Uint8Array): Record<string, string> {
  const value = typeof document === 'string' ? SecretValue.fromText(document) : new SecretValue(document);
  const map = jsonToMap(value, { key: 'prod/db' });
  return Object.fromEntries([...map].map(([name, part]) => [name, Buffer.from(part.expose()).toString('utf8')]));
}

describe('jsonToMap', () => {
  it('decodes text and keeps all else as it stands in the source', () => {
    const map = toMap(
      ' {"s":"a\\"\\u00e9\\n","n":5432,"f":1.50,"big":12345678901234567890,"t":true,"z":null,"o":{ "x" : [1, 2] },"l":[ ]} ',
    );

    expect(map).toEqual({
      s: 'a"é\n',
      n: '5432',
      f: '1.50',
      big: '12345678901234567890',
      t: 'true',
      z: '',
      o: '{ "x" : [1, 2] }',
      l: '[ ]',
    });
  });

  it.each([
    ['{}', {}],
    ['{"a":1,"a":2}', { a: '2' }],
    ['{"":"x"}', { '': 'x' }],
    ['{"\\u00e9":"x","é":"y"}', { é: 'y' }],
    ['{"a":"\\ud83d\\ude00"}', { a: '😀' }],
    ['{"a":"\\ud83d"}', { a: '\uFFFD' }],
    ['{"a":"}"}', { a: '}' }],
  ])('reads %s', (document, expected) => {
    expect(toMap(document)).toEqual(expected);
  });

  it('keeps a member named __proto__', () => {
    const map = jsonToMap(SecretValue.fromText('{"__proto__":"x"}'), { key: 'k' });

    expect([...map.keys()]).toEqual(['__proto__']);
  });

  it.each(['hunter2', '"hunter2"', '["hunter2"]', '7', 'null', '', '{"a":1', '{"a":1} x', "{'a':1}", '{"a":01}'])(
    'refuses %j without quoting it',
    (document) => {
      expect(refusal(() => toMap(document))).toBe(
        'secret "prod/db" is not a JSON object, so it cannot be taken apart. ' +
          'Store a JSON object, or refer to the whole value instead. [VALUE_INVALID]',
      );
    },
  );

  it('agrees with JSON.parse on objects of text', () => {
    assert(
      property(dictionary(string(), string()), (object) => {
        expect(toMap(JSON.stringify(object))).toEqual({ ...object });
      }),
    );
  });
});

function refusal(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return LatchkeyError.from(error).line;
  }
}
