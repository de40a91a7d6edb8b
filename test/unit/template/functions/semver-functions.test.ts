import { describe, expect, it } from 'vitest';
import { SEMVER_FUNCTIONS } from '../../../../src/template/functions/semver-functions.ts';
import { GoInt, GoStruct, type GoValue } from '../../../../src/template/value.ts';
import { callerOf } from './evaluation.ts';

const call = callerOf(SEMVER_FUNCTIONS);

function semver(text: string): GoStruct {
  const value = call('semver', [text]);
  if (!(value instanceof GoStruct)) throw new Error('no version');
  return value;
}

// What each gives was seen from Go.
describe('versions in templates', () => {
  it.each([
    ['1.2.3-alpha.1+build', '1.2.3-alpha.1+build'],
    ['v1.2', '1.2.0'],
    ['1', '1.0.0'],
    ['01.02.3', '1.2.3'],
    ['1.2-beta', '1.2.0-beta'],
  ])('reads %s as %s', (text, expected) => {
    const { type, text: printed } = semver(text);

    expect([type, printed]).toEqual(['*semver.Version', expected]);
  });

  it.each(['', 'V1', ' 1', '1.2.3.4', '1.2.3-', '1.2.3-01', '1.2.3-a..b', '9'.repeat(40)])('refuses %j', (text) => {
    expect(() => semver(text)).toThrow(/^invalid version$/);
  });

  it.each<[method: string, text: string, expected: GoValue]>([
    ['Major', '1.2.3', new GoInt(1, 'uint64')],
    ['Minor', '1.2.3', new GoInt(2, 'uint64')],
    ['Patch', '1.2.3', new GoInt(3, 'uint64')],
    ['Prerelease', '1.2.3-a.1+m', 'a.1'],
    ['Metadata', '1.2.3-a.1+m.2', 'm.2'],
    ['Original', 'v1.2', 'v1.2'],
    ['String', 'v1.2', '1.2.0'],
  ])('%s of %s', (method, text, expected) => {
    const value = semver(text).methods.get(method)?.([]);

    expect(value).toEqual(expected);
  });

  it.each([
    ['IncMajor', '1.2.3-a', '2.0.0'],
    ['IncMinor', '1.2.3+m', '1.3.0'],
    ['IncPatch', '1.2.3', '1.2.4'],
    ['IncPatch', '1.2.3-a', '1.2.3'],
  ])('%s of %s is %s', (method, text, expected) => {
    const next = semver(text).methods.get(method)?.([]);

    expect(next).toHaveProperty('text', expected);
  });

  it.each([
    ['1.2.3', '1.10.0', -1],
    ['1.2.3', '1.2.3+build', 0],
    ['1.2.3-10', '1.2.3-9', 1],
    ['1.2.3-a', '1.2.3-9', 1],
    ['1.2.3-a', '1.2.3-a.b', -1],
    ['1.2.3', '1.2.3-a', 1],
  ])('compares %s with %s', (one, other, expected) => {
    const order = semver(one).methods.get('Compare')?.([semver(other)]);

    expect(order).toEqual(new GoInt(expected));
  });
});

describe('constraints of versions', () => {
  const VERSIONS = ['0.0.3', '0.2.3', '0.2.5', '1.2.3-alpha', '1.2.3', '1.2.4', '1.3.0', '2.0.0-rc1', '2.0.0', '3.1.4'];

  it.each([
    ['1.2.3', ['1.2.3']],
    ['1.2', ['1.2.3', '1.2.4']],
    ['=1', ['1.2.3', '1.2.4', '1.3.0']],
    ['*', ['0.0.3', '0.2.3', '0.2.5', '1.2.3', '1.2.4', '1.3.0', '2.0.0', '3.1.4']],
    ['!=1.2', ['0.0.3', '0.2.3', '0.2.5', '1.3.0', '2.0.0', '3.1.4']],
    ['!=1.2.3-alpha', ['0.0.3', '0.2.3', '0.2.5', '1.2.3', '1.2.4', '1.3.0', '2.0.0-rc1', '2.0.0', '3.1.4']],
    ['>1', ['2.0.0', '3.1.4']],
    ['>1.2', ['1.3.0', '2.0.0', '3.1.4']],
    ['<1.2.3-beta', ['0.0.3', '0.2.3', '0.2.5', '1.2.3-alpha']],
    ['<=1.2', ['0.0.3', '0.2.3', '0.2.5', '1.2.3', '1.2.4']],
    ['=>1.3.0', ['1.3.0', '2.0.0', '3.1.4']],
    ['>=1.2, <2', ['1.2.3', '1.2.4', '1.3.0']],
    ['>=1.2 <2', ['1.2.3', '1.2.4', '1.3.0']],
    ['<0.1 || >3', ['0.0.3']],
    ['1.2 - 2', ['1.2.3', '1.2.4', '1.3.0', '2.0.0']],
    ['~1.2.3', ['1.2.3', '1.2.4']],
    ['~>1', ['1.2.3', '1.2.4', '1.3.0']],
    ['~0.0.0', ['0.0.3', '0.2.3', '0.2.5', '1.2.3', '1.2.4', '1.3.0', '2.0.0', '3.1.4']],
    ['^1.2.4', ['1.2.4', '1.3.0']],
    ['^0.2.3', ['0.2.3', '0.2.5']],
    ['^0.0.3', ['0.0.3']],
    ['^0', ['0.0.3', '0.2.3', '0.2.5']],
  ])('%s takes %j', (constraint, expected) => {
    const taken = VERSIONS.filter((version) => call('semverCompare', [constraint, version]));

    expect(taken).toEqual(expected);
  });

  it.each([
    '',
    'a',
    '==1',
    '!1',
    '1.2.3.4',
    '>=1 ||',
    '1,,2',
    '1.2.3-01',
    '> ',
    `1${' x'.repeat(400)}!`,
    '1'.repeat(2000),
  ])('refuses %.30j', (constraint) => {
    expect(() => call('semverCompare', [constraint, '1.0.0'])).toThrow(/^invalid version constraint$/);
  });
});
