import { describe, expect, it } from 'vitest';
import { REGEX_FUNCTIONS } from '../../../../src/template/functions/regex-functions.ts';
import { TemplateError } from '../../../../src/template/template-error.ts';
import { GoInt, GoList, type GoValue } from '../../../../src/template/value.ts';
import { anEvaluation, bytes, callerOf } from './evaluation.ts';

const call = callerOf(REGEX_FUNCTIONS);

function limitedTo(most: number): (steps: number) => void {
  let left = most;
  return (steps) => {
    left -= steps;
    if (left < 0) throw new TemplateError('enough');
  };
}

function textsOf(value: GoValue): readonly GoValue[] {
  return value instanceof GoList ? value.items : [value];
}

// What each gives was seen from Go.
describe('regular expressions in templates', () => {
  it.each([
    ['a(.)', 'value', '<$1>', 'v<l>ue'],
    ['a(x*)b', '-ab-axxb-', '${1}W', '-W-xxW-'],
    ['a(x*)b', '-ab-axxb-', '$1W', '---'],
    ['(?P<k>a)(x)?', '-ab-axxb-', '[$k|${k}|$2|$kx]', '-[a|a||]b-[a|a|x|]xb-'],
    ['', 'abc', '-', '-a-b-c-'],
    ['x*', 'abxc', '-', '-a-b-c-'],
    ['', 'é€x', '-', '-é-€-x-'],
    ['', '', '-', '-'],
    ['a', 'banana', '$$ $ $- ${', 'b$ $ $- ${n$ $ $- ${n$ $ $- ${'],
    ['(?m)^', 'a\nb', '> ', '> a\n> b'],
    ['constructor', 'constructor', '${constructor}$__proto__', ''],
  ])('replaces %j in %j by %j', (source, text, replacement, expected) => {
    const replaced = call('regexReplaceAll', [source, text, replacement].map(bytes));

    expect(replaced).toBe(bytes(expected));
  });

  it.each([
    ['.', '\xff\xc3\xa9', '-', '--'],
    ['x*', '\xff\xfe\xc3\xa9', '-', '-\xff-\xfe-\xc3\xa9-'],
    ['a', 'a\xff', '\xfe', '\xfe\xff'],
  ])('takes a byte that is no UTF-8 for a rune of its own: %j in %j by %j', (source, text, replacement, expected) => {
    const replaced = call('mustRegexReplaceAll', [source, text, replacement]);

    expect(replaced).toBe(expected);
  });

  it('replaces literally', () => {
    const replaced = call('regexReplaceAllLiteral', ['a(x*)b', '-ab-', '${1}']);

    expect(replaced).toBe('-${1}-');
  });

  it.each<[string, string, number, readonly string[]]>([
    ['[2468]', '123456789', -1, ['2', '4', '6', '8']],
    ['[0-9]', '123', 2, ['1', '2']],
    ['[0-9]', '123', 0, []],
    ['a*', 'baac', -1, ['', 'aa', '']],
    ['^a', 'aaa', -1, ['a']],
    ['\\pL+', '12éà3z', -1, ['éà', 'z']],
  ])('finds all of %j in %j, at most %d', (source, text, limit, expected) => {
    const found = call('regexFindAll', [bytes(source), bytes(text), new GoInt(limit)]);

    expect(textsOf(found)).toEqual(expected.map(bytes));
  });

  it.each<[string, string, number, readonly string[]]>([
    ['z+', 'pizza', -1, ['pi', 'a']],
    ['z+', 'pizza', 0, []],
    ['z+', 'pizza', 1, ['pizza']],
    ['z', 'pizza', 2, ['pi', 'za']],
    ['z', '', -1, ['']],
    ['', '', -1, []],
    ['', 'abc', -1, ['a', 'b', 'c']],
    ['z*', 'azbz', -1, ['a', 'b', '']],
    [',', 'a,b,', -1, ['a', 'b', '']],
    ['^', 'abc', -1, ['abc']],
  ])('splits by %j: %j, at most %d', (source, text, limit, expected) => {
    const parts = call('regexSplit', [source, text, new GoInt(limit)]);

    expect(textsOf(parts)).toEqual(expected);
  });

  it.each([
    ['regexFind', ['[a-z][1-9]', 'abcd1234'], 'd1'],
    ['regexFind', ['z', 'abc'], ''],
    ['mustRegexFind', ['a|ab', 'ab'], 'a'],
    ['regexMatch', ['^[a-z]+@[a-z.]+$', 'test@acme.com'], true],
    ['regexMatch', ['(', '('], false],
    ['mustRegexMatch', ['b', 'abc'], true],
    ['regexQuoteMeta', ['1.2 [a]{b}(c)|^$+*?\\-/'], '1\\.2 \\[a\\]\\{b\\}\\(c\\)\\|\\^\\$\\+\\*\\?\\\\-/'],
  ])('%s of %j is %j', (name, args, expected) => {
    const result = call(name, args);

    expect(result).toBe(expected);
  });

  it.each(['(', 'a{1001}', 'a(?=b)', '\xff', 'a'.repeat(5000)])(
    'refuses an expression that Go has not: %.20j',
    (source) => {
      expect(() => call('regexFind', [source, 'x'])).toThrow(/^invalid regular expression$/);
    },
  );

  it.each([
    ['regexReplaceAll', ['(.*x)|a', 'a'.repeat(20_000), 'b']],
    ['regexReplaceAll', ['a', 'a'.repeat(2000), '$0'.repeat(2000)]],
    ['regexReplaceAllLiteral', ['', 'a'.repeat(2000), 'b'.repeat(1_000_000)]],
    ['regexFindAll', ['(?:a?){1000}a{1000}|b', 'ab'.repeat(50_000), new GoInt(-1)]],
  ])('counts what %s costs before it is done', (name, args) => {
    const evaluation = anEvaluation({ spend: limitedTo(100_000) });

    expect(() => call(name, args, evaluation)).toThrow('enough');
  });
});
