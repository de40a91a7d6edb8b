import { describe, expect, it } from 'vitest';
import { compileGoRegexp } from '../../src/go-regexp.ts';

describe('replacing as Go does', () => {
  it.each([
    ['/', 'a/b/c', '_', 'a_b_c'],
    ['^(.*)-(.*)$', 'db-password', '$2.$1', 'password.db'],
    ['^(.*)-(.*)$', 'db-password', '${2}x${1}', 'passwordxdb'],
    ['^(?P<first>.*)-(.*)$', 'db-password', '${first}_${2}', 'db_password'],
    ['(a)', 'a', '$1_x', ''], // the group "1_x", which does not exist
    ['(a)', 'a', '$01', ''],
    ['(a)', 'a', '$3', ''],
    ['(a)|(b)', 'ab', '[$1$2]', '[a][b]'],
    ['(a)', 'a', '$$1', '$1'],
    ['(a)', 'a', '${1', '${1'],
    ['(a)', 'a', '$', '$'],
    ['(a)', 'a', '${no-name}', '${no-name}'],
    ['a', 'a', '\\1', '\\1'],
    ['a*', 'baaac', 'X', 'XbXcX'],
    ['x*', 'axb', 'X', 'XaXbX'],
    ['', 'abc', '-', '-a-b-c-'],
    ['(?i)DB', 'db-Db', 'x', 'x-x'],
    ['é', 'café', 'e', 'cafe'],
    ['nothing', 'abc', 'x', 'abc'],
  ])('replaces %s in %s with %s', (source, text, template, expected) => {
    const replaced = compileGoRegexp(source).replaceAll(text, template);

    expect(replaced).toBe(expected);
  });

  it('matches anywhere in a text', () => {
    const pattern = compileGoRegexp('b');

    expect([pattern.test('abc'), pattern.test('xyz')]).toEqual([true, false]);
  });

  it.each(['(', '(?=a)', '(a)\\1'])('refuses %s, which Go does not know', (source) => {
    expect(() => compileGoRegexp(source)).toThrow(/error parsing regexp/);
  });
});
