import { describe, expect, it } from 'vitest';
import { describeUnread, Fields, isMapping } from '../../src/fields.ts';

function read<T>(value: unknown, reader: (fields: Fields) => T) {
  const fields = Fields.of(value, 'spec');
  const result = reader(fields);
  return { result, problems: fields.problems.map(({ path, message }) => `${path} ${message}`) };
}

describe('Fields', () => {
  it.each<[string, (fields: Fields) => unknown, unknown, unknown, readonly string[]]>([
    ['text', (f) => f.text('a'), 'x', 'x', []],
    ['a missing text', (f) => f.text('a', { example: 'eu' }), undefined, '', ['spec.a is required, such as "eu"']],
    ['an empty text', (f) => f.text('a'), '', '', ['spec.a must be a string']],
    ['a number as text', (f) => f.text('a', { example: 'eu' }), 7, '', ['spec.a must be a string such as "eu"']],
    ['text of another pattern', (f) => f.text('a', { pattern: /^b/ }), 'x', '', ['spec.a must be a string']],
    ['no optional text', (f) => f.optionalText('a'), undefined, undefined, []],
    ['null as no optional text', (f) => f.optionalText('a'), null, undefined, []],
    ['one of several', (f) => f.oneOf('a', ['x', 'y'], 'y'), 'x', 'x', []],
    ['the fallback of several', (f) => f.oneOf('a', ['x', 'y'], 'y'), undefined, 'y', []],
    ['none of several', (f) => f.oneOf('a', ['x', 'y'], 'y'), 'z', 'y', ['spec.a must be one of x, y']],
    ['a boolean', (f) => f.boolean('a', false), true, true, []],
    ['no boolean', (f) => f.boolean('a', true), undefined, true, []],
    ['a text as boolean', (f) => f.boolean('a', false), 'true', false, ['spec.a must be true or false']],
    ['an integer', (f) => f.integer('a', { min: 1 }), 1, 1, []],
    [
      'an integer out of range',
      (f) => f.integer('a', { min: 1, max: 5 }),
      6,
      undefined,
      ['spec.a must be a whole number from 1 to 5'],
    ],
    [
      'a fraction',
      (f) => f.integer('a', { min: 0, max: 5 }),
      1.5,
      undefined,
      ['spec.a must be a whole number from 0 to 5'],
    ],
    ['texts', (f) => f.texts('a'), ['x', 'y'], ['x', 'y'], []],
    ['no texts', (f) => f.texts('a'), undefined, [], []],
    ['texts with a number', (f) => f.texts('a'), ['x', 7], [], ['spec.a must be a list of strings']],
    ['a mapping of texts', (f) => f.textMap('a'), { x: 'y' }, { x: 'y' }, []],
    ['a mapping with a number', (f) => f.textMap('a'), { x: 7 }, {}, ['spec.a must be a mapping of strings']],
    ['what is no list', (f) => f.list('a'), {}, [], ['spec.a must be a list']],
    ['what is no object', (f) => f.object('a')?.keys(), [], [], ['spec.a must be a mapping']],
    ['no object', (f) => f.object('a'), null, undefined, []],
  ])('reads %s', (_title, reader, value, result, problems) => {
    expect(read(value === undefined ? {} : { a: value }, reader)).toEqual({ result, problems });
  });

  it('tells what nobody has asked for, with its address and what was meant', () => {
    const fields = Fields.of(
      { server: 'x', pth: 'y', auth: [{ role: 'a', extra: 1 }], free: { a: 1 }, all: { b: 2 } },
      'spec',
    );

    fields.text('server');
    fields.optionalText('path');
    fields.list('auth').forEach((entry) => entry.text('role'));
    fields.raw('free');
    fields.object('all')?.keys();

    expect(fields.unread()).toEqual([
      { path: 'spec.pth', meant: 'path' },
      { path: 'spec.auth[0].extra', meant: undefined },
    ]);
    expect(fields.unread().map(describeUnread)).toEqual([
      'spec.pth: is unknown, or has no effect here; did you mean path?',
      'spec.auth[0].extra: is unknown, or has no effect here',
    ]);
  });

  it('gathers the mistakes of nested readers under one root, each with its path', () => {
    const { problems } = read({ a: { b: [{ c: 1 }, 'no mapping'] } }, (fields) => {
      fields
        .object('a')
        ?.list('b')
        .forEach((item) => item.text('c'));
      fields.problem('x', 'is odd');
      fields.problem('', 'is odd too');
    });

    expect(problems).toEqual([
      'spec.a.b[1] must be a mapping',
      'spec.a.b[0].c must be a string',
      'spec.a.b[1].c is required',
      'spec.x is odd',
      'spec is odd too',
    ]);
  });

  it('finds no inherited names', () => {
    const { result, problems } = read({}, (fields) => [
      fields.has('constructor'),
      fields.raw('toString'),
      fields.optionalText('__proto__'),
    ]);

    expect(result).toEqual([false, undefined, undefined]);
    expect(problems).toEqual([]);
  });

  it('finds such names where they stand', () => {
    const value: unknown = JSON.parse('{"__proto__": "x", "constructor": "y"}');

    expect(read(value, (fields) => [fields.text('__proto__'), fields.text('constructor')]).result).toEqual(['x', 'y']);
  });

  it.each([undefined, null, 'text', 7, []])('takes %j for an empty mapping, with a problem', (value) => {
    expect(read(value, (fields) => fields.keys())).toEqual({ result: [], problems: ['spec must be a mapping'] });
  });
});

describe('isMapping', () => {
  it.each([
    [{}, true],
    [Object.create(null), true],
    [[], false],
    [null, false],
    ['x', false],
    [undefined, false],
  ])('says of %j: %j', (value, is) => {
    expect(isMapping(value)).toBe(is);
  });
});
