import { describe, expect, it } from 'vitest';
import { CASE_FUNCTIONS } from '../../../../src/template/functions/case-functions.ts';
import { bytes, callerOf } from './evaluation.ts';

const call = callerOf(CASE_FUNCTIONS);

describe('functions that change letters', () => {
  it.each([
    ['upper', 'straße ﬁ ǆ ᾳ ᾀ ŉ', 'STRAßE ﬁ Ǆ ᾼ ᾈ ŉ'],
    ['lower', 'İSTANBUL ΑΣ', 'istanbul ασ'],
    ['title', 'hello wOrld_x a-b é1a ǆ "x', 'Hello WOrld_x A-B É1a ǅ "X'],
    ['title', 'ა', 'ა'],
    ['untitle', 'First Éa BC', 'first éa bC'],
    ['swapcase', 'This Is A.Test é ǅ', 'tHIS iS a.tEST É ǆ'],
    ['swapcase', 'aB', 'Ab'],
    ['camelcase', '', ''],
    ['camelcase', '_', '__'],
    ['camelcase', 'http_server', 'HttpServer'],
    ['camelcase', 'HTTP_SERVER', 'HttpServer'],
    ['camelcase', 'HTTPServer', 'Httpserver'],
    ['camelcase', 'a__b_', 'A_B_'],
    ['camelcase', '_complex__case_', '_Complex_Case_'],
    ['camelcase', 'fooBar  baz-x', 'FooBar BazX'],
    ['camelcase', 'éa_ébÉÉ', 'ÉaÉbÉÉ'],
    ['camelcase', 'a\0b_c', 'A\0bC'],
    ['snakecase', 'FirstName', 'first_name'],
    ['snakecase', 'HTTPServer', 'http_server'],
    ['snakecase', 'http2xx', 'http_2xx'],
    ['snakecase', 'HTTP20xOK', 'http_20x_ok'],
    ['snakecase', 'Duration2m3s', 'duration_2m3s'],
    ['snakecase', 'Bld4Floor3rd', 'bld4_floor_3rd'],
    ['snakecase', 'a.B-c  D', 'a.b_c__d'],
    ['snakecase', '-', '_'],
    ['snakecase', 'x.-y', 'x.-y'],
    ['snakecase', '日本語ABC', '日本語_abc'],
    ['snakecase', '12ab34CD', '12ab34_cd'],
    ['snakecase', 'A1B', 'a1_b'],
    ['snakecase', 'a1b', 'a_1b'],
    ['snakecase', '$foo+Bar', '$_foo_+_bar'],
    ['snakecase', 'ǅa', 'ǅa'],
    ['snakecase', 'aé1ÉB', 'aé1_éb'],
    ['snakecase', '', ''],
    ['kebabcase', 'NoHTTPS now_x', 'no-https-now-x'],
    ['kebabcase', 'ABc', 'a-bc'],
    ['kebabcase', 'Ab__C', 'ab--c'],
  ])('%s of "%s" is "%s"', (name, text, expected) => {
    const changed = call(name, [bytes(text)]);

    expect(changed).toBe(bytes(expected));
  });

  it.each(['upper', 'lower', 'title', 'untitle', 'swapcase', 'camelcase'])(
    '%s puts a replacement character for each byte that is no UTF-8, as Go does',
    (name) => {
      const changed = call(name, ['\xff\0\xe2\x82']);

      expect(changed).toBe(bytes('\ufffd\0\ufffd\ufffd'));
    },
  );

  it.each(Object.keys(CASE_FUNCTIONS))('%s counts the size of its text', (name) => {
    const text = 'Ab_1-'.repeat(10_000_000);

    expect(() => call(name, [text])).toThrow('too many steps');
  });
});
