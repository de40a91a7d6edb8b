import { RE2JS } from 're2js';
import { describe, expect, it } from 'vitest';
import { literalPrefix } from '../../../src/providers/literal-prefix.ts';

describe('literalPrefix', () => {
  it.each([
    ['^prod/db-.*', 'prod/db-', 'prod/db-1'],
    ['^prod/db$', 'prod/db', 'prod/db'],
    [String.raw`^a\.b\-c\\d`, String.raw`a.b-c\d`, String.raw`a.b-c\d`],
    ['^dbs*', 'db', 'db'],
    ['^dbs?', 'db', 'db'],
    ['^dbs{0,1}', 'db', 'db'],
    [String.raw`^db\.?x`, 'db', 'dbx'],
    ['^dbs+', 'dbs', 'dbss'],
    ['^db(s|t)', '', 'dbt'],
    ['^db|cache', '', 'cache'],
    ['^(?i)db', '', 'DB'],
    ['(?m)^db', '', 'a\ndb'],
    [String.raw`^\Qdb\E`, '', 'db'],
    [String.raw`^\d`, '', '1'],
    ['^[ab]c', '', 'bc'],
    ['db', '', 'a-db'],
    ['^', '', 'db'],
    ['^ü🔑x*', 'ü🔑', 'ü🔑'],
  ])('of %s is %j', (regexp, prefix, name) => {
    expect(literalPrefix(regexp)).toBe(prefix);
    expect({ matches: RE2JS.compile(regexp).matcher(name).find(), begins: name.startsWith(prefix) }).toEqual({
      matches: true,
      begins: true,
    });
  });

  it('of no expression is empty', () => {
    expect(literalPrefix()).toBe('');
  });
});
