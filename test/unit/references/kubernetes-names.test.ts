import { describe, expect, it } from 'vitest';
import { isDnsLabel, isDnsSubdomain, isVariableName } from '../../../src/references/kubernetes-names.ts';

describe('names that Kubernetes allows', () => {
  it.each<[text: string, label: boolean, subdomain: boolean]>([
    ['api', true, true],
    ['a', true, true],
    ['0-a', true, true],
    ['a.b-c.d', false, true],
    ['a'.repeat(63), true, true],
    ['a'.repeat(64), false, true],
    ['a'.repeat(254), false, false],
    ['', false, false],
    ['-a', false, false],
    ['a-', false, false],
    ['a..b', false, false],
    ['a.-b', false, false],
    ['A', false, false],
    ['a_b', false, false],
    ['a\n', false, false],
  ])('for objects: %j', (text, label, subdomain) => {
    expect([isDnsLabel(text), isDnsSubdomain(text)]).toEqual([label, subdomain]);
  });

  it.each<[text: string, expected: boolean]>([
    ['DB_PASSWORD', true],
    ['__proto__', true],
    ['a.b-c', true],
    ['.hidden', true],
    ['', false],
    ['.', false],
    ['..', false],
    ['..a', false],
    ['1A', false],
    ['A B', false],
    ['A=', false],
    ['A\n', false],
  ])('for variables: %j', (text, expected) => {
    expect(isVariableName(text)).toBe(expected);
  });
});
