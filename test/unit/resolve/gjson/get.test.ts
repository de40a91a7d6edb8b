import { array, assert, constantFrom, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../../src/errors.ts';
import { Budget } from '../../../../src/resolve/gjson/budget.ts';
import { get } from '../../../../src/resolve/gjson/get.ts';
import { textOf } from '../../../../src/resolve/gjson/value.ts';
import { GOLDEN_ANSWERS, MALFORMED_ANSWERS, NESTED_ANSWERS } from './answers.ts';
import { GENERATED_ANSWERS } from './generated-answers.ts';

function ask(document: string, path: string): string | null {
  const bytes = Buffer.from(document, 'utf8').toString('latin1');
  const found = get(bytes, Buffer.from(path, 'utf8').toString('latin1'), new Budget(bytes.length));
  return found === undefined ? null : Buffer.from(textOf(found), 'latin1').toString('utf8');
}

describe('gjson', () => {
  it.each([...GOLDEN_ANSWERS, ...NESTED_ANSWERS])('answers %j as the original does', (path, document, answer) => {
    expect(ask(document, path)).toBe(answer);
  });

  it.each(MALFORMED_ANSWERS)(
    'answers %j to a document that is no JSON as the original does: %j',
    (path, document, answer) => {
      expect(ask(document, path)).toBe(answer);
    },
  );

  it.each(GENERATED_ANSWERS)('agrees with the original on %j in %j', (path, document, answer) => {
    expect(ask(document, path)).toBe(answer);
  });

  it('keeps bytes that are not UTF-8', () => {
    const found = get('{"a":"\xff\xfe"}', 'a', new Budget(10));

    expect(found && textOf(found)).toBe('\xff\xfe');
  });

  it('refuses what it does not do, rather than to answer otherwise', () => {
    expect(() => ask('{"b":1,"a":2}', '@pretty:{"sortKeys":true}')).toThrow('@pretty takes no options');
  });
});

const SIGNS = Array.from('{}[]()"\\#@!.|:,*?~%<>= 0');

describe('gjson given hostile input', () => {
  const deepArray = '['.repeat(100_000) + ']'.repeat(100_000);
  const deepObject = '{"a":'.repeat(100_000) + '1' + '}'.repeat(100_000);
  const longKey = JSON.stringify({ ['a'.repeat(100_000)]: 1 });

  it('finds its way in a document nested 100,000 levels deep', () => {
    expect(ask(deepArray, '0.0.0')).toHaveLength(200_000 - 6);
    expect(ask(deepObject, 'b')).toBeNull();
    expect(ask(deepArray, '@valid|#')).toBe('1');
  });

  it.each([
    ['a path of many levels', deepArray, Array(5000).fill('0').join('.')],
    ['a multipath inside a multipath, and so on', '{"a":1}', '{'.repeat(50_000) + 'a' + '}'.repeat(50_000)],
    ['steps that double the text', '{"a":1}', Array(100).fill('[@this,@this]').join('|')],
    ['quoting of quotes', '{"a":"\\\\"}', Array(100).fill('@tostr').join('|')],
    ['a walk over all levels', deepObject, '@pretty'],
    ['a search in all levels', deepArray, '@dig:a'],
    ['all levels made flat', deepArray, '@flatten:{"deep":true}'],
    ['a long path for each of many elements', `[${'[0],'.repeat(10_000)}0]`, `#.#(${'a'.repeat(50_000)})`],
  ])('gives up on %s', (_, document, path) => {
    expect(() => ask(document, path)).toThrow(expect.objectContaining({ code: 'REF_INVALID' }));
  });

  it.each([
    ['stars and letters', longKey, `${'*a'.repeat(2000)}b`],
    ['stars alone', longKey, `${'*'.repeat(100_000)}b`],
    ['open brackets', '{"a":1}', '['.repeat(100_000)],
    ['open queries', '[[1]]', '#('.repeat(100_000)],
    ['nested queries', '[[1]]', '#('.repeat(50_000) + ')'.repeat(50_000)],
    ['dots', '{"a":1}', '.'.repeat(100_000)],
    ['pipes', '[1]', '0|'.repeat(100_000)],
    ['blanks in a query', '[1]', `#(x${' '.repeat(100_000)}y)`],
    ['backslashes', `"${'\\'.repeat(1_000_000)}`, 'a'],
    ['digits that are no number', `[${'9'.repeat(1_000_000)}x]`, '#(==1)'],
  ])('finds nothing, and soon, with a path or document of %s', (_, document, path) => {
    expect(ask(document, path) ?? '[]').toBe('[]');
  });

  it('throws nothing but LatchkeyError, whatever it is given', () => {
    const pieces = ['@this', '@flatten', '@dig:', '@join', '#(', ')#', '"a":', 'true', '1e9', '\\u00e9', 'a', 'é'];
    const text = array(constantFrom(...pieces, ...SIGNS)).map((parts) => parts.join(''));

    assert(
      property(text, text, (document, path) => {
        expect(codeOf(() => ask(document, path))).toBeOneOf([undefined, 'REF_INVALID']);
      }),
      { numRuns: 3000 },
    );
  });
});

function codeOf(action: () => unknown): string | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    return error instanceof LatchkeyError ? error.code : 'a foreign error';
  }
}
