import { describe, expect, it } from 'vitest';
import { PATH_FUNCTIONS } from '../../../../src/template/functions/path-functions.ts';
import { callerOf } from './evaluation.ts';

const call = callerOf(PATH_FUNCTIONS);

describe('functions of paths', () => {
  it.each<[path: string, base: string, clean: string, dir: string, ext: string, isAbs: boolean]>([
    ['', '.', '.', '.', '', false],
    ['/', '/', '/', '/', '', true],
    ['///', '/', '/', '/', '', true],
    ['a', 'a', 'a', '.', '', false],
    ['a/', 'a', 'a', 'a', '', false],
    ['a/b.txt', 'b.txt', 'a/b.txt', 'a', '.txt', false],
    ['/a//b/../c.tar.gz', 'c.tar.gz', '/a/c.tar.gz', '/a', '.gz', true],
    ['../../a', 'a', '../../a', '../..', '', false],
    ['/../a', 'a', '/a', '/', '', true],
    ['a/..', '..', '.', 'a', '.', false],
    ['./a', 'a', 'a', '.', '', false],
    ['a.d/b', 'b', 'a.d/b', 'a.d', '', false],
    ['.profile', '.profile', '.profile', '.', '.profile', false],
    ['a.', 'a.', 'a.', '.', '.', false],
  ])('reads "%s"', (path, ...expected) => {
    const portable = ['base', 'clean', 'dir', 'ext', 'isAbs'].map((name) => call(name, [path]));
    const local = ['osBase', 'osClean', 'osDir', 'osExt', 'osIsAbs'].map((name) => call(name, [path]));

    expect(portable).toEqual(expected);
    expect(local).toEqual(expected);
  });

  it.each(Object.keys(PATH_FUNCTIONS))('%s counts the size of its path', (name) => {
    expect(() => call(name, ['../'.repeat(10_000_000)])).toThrow('too many steps');
  });
});
