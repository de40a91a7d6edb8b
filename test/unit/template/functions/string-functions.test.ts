import { describe, expect, it } from 'vitest';
import { CUT_FUNCTIONS } from '../../../../src/template/functions/cut-functions.ts';
import { SPLIT_FUNCTIONS } from '../../../../src/template/functions/split-functions.ts';
import { STRING_FUNCTIONS } from '../../../../src/template/functions/string-functions.ts';
import { GoInt, GoList, GoMap, type GoValue } from '../../../../src/template/value.ts';
import { bytes, callerOf } from './evaluation.ts';

const call = callerOf({ ...CUT_FUNCTIONS, ...SPLIT_FUNCTIONS, ...STRING_FUNCTIONS });

/** Numbers of a row are ints, texts are UTF-8. */
function toArguments(row: readonly (string | number | boolean | null)[]): GoValue[] {
  return row.map((cell) => {
    if (typeof cell === 'number') return new GoInt(cell);
    return typeof cell === 'string' ? bytes(cell) : cell;
  });
}

describe('functions of strings', () => {
  it.each<[string, (string | number | boolean | null)[], string | boolean]>([
    ['hello', [], 'Hello!'],
    ['abbrev', [5, 'hello world'], 'he...'],
    ['abbrev', [3, 'hello'], 'hello'],
    ['abbrev', [5, 'hello'], 'hello'],
    ['abbrevboth', [5, 10, '1234 5678 9123'], '...5678...'],
    ['abbrevboth', [1, 3, '1234 5678 9123'], '1234 5678 9123'],
    ['abbrevboth', [1, 6, '1234 5678 9123'], '1234 5678 9123'],
    ['abbrevboth', [20, 10, '1234 5678 9123 5678'], '...23 5678'],
    ['abbrevboth', [-1, 10, '1234 5678 9123 5678'], '1234 56...'],
    ['abbrevboth', [9, 4, ''], ''],
    ['trunc', [3, 'hello'], 'hel'],
    ['trunc', [-3, 'hello'], 'llo'],
    ['trunc', [-5, 'hello'], 'hello'],
    ['trunc', [0, 'hello'], ''],
    ['trunc', [9, 'hello'], 'hello'],
    ['trim', ['\u00a0\u0085 x y\ufeff \n'], 'x y\ufeff'],
    ['trim', [' \t'], ''],
    ['trimAll', ['$é', 'é$5é.$'], '5é.'],
    ['trimAll', ['日', '日本日'], '本'],
    ['trimAll', ['x', 'é'], 'é'],
    ['trimall', ['', ' a '], ' a '],
    ['trimPrefix', ['-', '--a-'], '-a-'],
    ['trimSuffix', ['-', '-a--'], '-a-'],
    ['trimSuffix', ['', 'a'], 'a'],
    ['nospace', [' h e\tl\u00a0l o'], 'helÂlo'],
    ['nospace', ['é'], 'é'],
    ['initials', ['First  Try'], 'FT'],
    ['initials', ['élan été'], 'ÃÃ'],
    ['substr', [1, 3, 'hello'], 'el'],
    ['substr', [-1, 3, 'hello'], 'hel'],
    ['substr', [2, -1, 'hello'], 'llo'],
    ['substr', [2, 99, 'hello'], 'llo'],
    ['repeat', [3, 'ab'], 'ababab'],
    ['repeat', [0, 'ab'], ''],
    ['contains', ['ell', 'hello'], true],
    ['hasPrefix', ['ell', 'hello'], false],
    ['hasSuffix', ['llo', 'hello'], true],
    ['replace', ['l', 'LL', 'hello'], 'heLLLLo'],
    ['replace', ['', '-', 'abé'], '-a-b-é-'],
    ['replace', ['x', '$1$&', 'axb'], 'a$1$&b'],
    ['plural', ['one', 'many', 1], 'one'],
    ['plural', ['one', 'many', 0], 'many'],
    ['indent', [2, 'a\nb\n'], '  a\n  b\n  '],
    ['nindent', [1, 'a'], '\n a'],
    ['wrap', [5, 'Hello World, this'], 'Hello\nWorld,\nthis'],
    ['wrap', [5, 'abcdefgh'], 'abcdefgh'],
    ['wrap', [5, 'abcdefgh ij'], 'abcdefgh\nij'],
    ['wrap', [0, 'a b c'], 'a\nb\nc'],
    ['wrap', [3, '    a bcd  efgh'], 'a\nbcd\nefgh'],
    ['wrap', [5, 'abcd efgh      '], 'abcd\nefgh \n    '],
    ['wrapWith', [5, '\t', 'Hello Wonderful'], 'Hello\tWonde\trful'],
    ['wrapWith', [3, '|', 'abcdefg hi'], 'abc|def|g|hi'],
    ['wrapWith', [3, '', 'abcdef'], 'abc\ndef'],
    ['quote', ['a"\t\u2028\u007f', null, 1, true], String.raw`"a\"\t\u2028\x7f" "1" "true"`],
    ['squote', [1, null, "a'b"], "'1' 'a'b'"],
    ['cat', [1, null, 'a'], '1 a'],
    ['cat', [], ''],
    ['cat', ['%d', 'x'], '%d x'],
    ['join', [',', 5], '5'],
    ['join', [',', null], ''],
    ['toString', [null], '<nil>'],
  ])('%s of %j is %j', (name, row, expected) => {
    const result = call(name, toArguments(row));

    expect(result).toBe(typeof expected === 'string' ? bytes(expected) : expected);
  });

  it('quotes bytes that are no UTF-8 so that they can be read back', () => {
    const quoted = call('quote', ['a\xff']);

    expect(quoted).toBe(String.raw`"a\xff"`);
  });

  it('trims without changing bytes that are no UTF-8', () => {
    const trimmed = call('trim', [' \xff \xfe\x80 ']);

    expect(trimmed).toBe('\xff \xfe\x80');
  });

  it('trims every byte that is no UTF-8 where the cutset has one', () => {
    const trimmed = call('trimAll', ['\xff', '\x80\xc3\0z\xc3\xa9\x80\xfe']);

    expect(trimmed).toBe('\0z\xc3\xa9');
  });
});

describe('functions between a text and a list', () => {
  it.each<[string, GoValue[], GoValue]>([
    ['splitList', [',', 'a,b,'], new GoList(['a', 'b', ''], 'string')],
    ['splitList', [',', ''], new GoList([''], 'string')],
    ['splitList', ['', ''], new GoList([], 'string')],
    ['splitList', ['', bytes('aé')], new GoList(['a', bytes('é')], 'string')],
    [
      'split',
      [',', 'a,b'],
      new GoMap(
        [
          ['_0', 'a'],
          ['_1', 'b'],
        ],
        'string',
      ),
    ],
    [
      'splitn',
      [',', new GoInt(2), 'a,b,c'],
      new GoMap(
        [
          ['_0', 'a'],
          ['_1', 'b,c'],
        ],
        'string',
      ),
    ],
    ['splitn', [',', new GoInt(0), 'a,b'], new GoMap([], 'string')],
    [
      'splitn',
      [',', new GoInt(-1), 'a,b'],
      new GoMap(
        [
          ['_0', 'a'],
          ['_1', 'b'],
        ],
        'string',
      ),
    ],
    [
      'splitn',
      ['', new GoInt(2), 'abc'],
      new GoMap(
        [
          ['_0', 'a'],
          ['_1', 'bc'],
        ],
        'string',
      ),
    ],
    ['toStrings', [new GoList([new GoInt(1), null, 'a'])], new GoList(['1', 'a'], 'string')],
    ['toStrings', [new GoMap([['a', new GoInt(1)]])], new GoList(['map[a:1]'], 'string')],
    ['toStrings', [null], new GoList([], 'string')],
    ['join', ['-', new GoList([new GoInt(1), null, 'a'])], '1-a'],
    [
      'sortAlpha',
      [new GoList(['b', new GoInt(1), 'A', bytes('é')])],
      new GoList(['1', 'A', 'b', bytes('é')], 'string'),
    ],
    ['sortAlpha', [new GoInt(5)], new GoList(['5'], 'string')],
    ['sortAlpha', [null], new GoList(['<nil>'], 'string')],
  ])('%s is the list or text that Go makes (%#)', (name, args, expected) => {
    const result = call(name, args);

    expect(result).toEqual(expected);
  });
});

describe('what functions of strings refuse', () => {
  it.each<[string, GoValue[], string]>([
    ['repeat', [new GoInt(-1), 'a'], 'strings: negative Repeat count'],
    ['indent', [new GoInt(-1), 'a'], 'strings: negative Repeat count'],
    ['substr', [new GoInt(3), new GoInt(1), 'hello'], 'slice bounds out of range'],
    ['substr', [new GoInt(-1), new GoInt(9), 'hello'], 'slice bounds out of range'],
    ['substr', [new GoInt(9), new GoInt(-1), 'hello'], 'slice bounds out of range'],
    ['substr', [new GoInt(-1), new GoInt(-1), 'hello'], 'slice bounds out of range'],
  ])('%s is an error (%#)', (name, args, message) => {
    expect(() => call(name, args)).toThrow(message);
  });

  it.each<[string, GoValue[]]>([
    ['repeat', [new GoInt(1e9), 'ab']],
    ['repeat', [new GoInt(2n ** 63n - 1n), 'ab']],
    ['indent', [new GoInt(1e9), 'a']],
    ['nindent', [new GoInt(1e5), '\n'.repeat(1e5)]],
    ['replace', ['', 'x'.repeat(1e5), 'a'.repeat(1e5)]],
    ['replace', ['a', 'x'.repeat(1e5), 'a'.repeat(1e5)]],
    ['wrapWith', [new GoInt(1), 'x'.repeat(1e5), 'a'.repeat(1e5)]],
    ['join', ['x'.repeat(1e5), new GoList(Array(1e5).fill('a'))]],
    ['splitList', ['', 'a'.repeat(3e6)]],
  ])('%s makes no more than a template may (%#)', (name, args) => {
    expect(() => call(name, args)).toThrow('too many steps');
  });
});
