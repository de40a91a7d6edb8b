import { describe, expect, it } from 'vitest';
import { classOfDefinition } from '../../../src/stores/definition-class.ts';
import { aStore } from '../../support/a-store.ts';

const STORES = new Map(['', 'latchkey', 'other'].map((controller) => [controller, { ...aStore(), controller }]));
const INDEX = { get: (_kind: unknown, _namespace: string, name: string) => STORES.get(name === 'none' ? '' : name) };

function classOf(names: readonly string[], claimUnclassed: boolean) {
  const named = names.map((name) => ({ kind: 'SecretStore', name }) as const);
  return classOfDefinition(named, 'payments', INDEX, { controllerClass: 'latchkey', claimUnclassed });
}

describe('classOfDefinition', () => {
  it.each([
    [['latchkey'], 'ours', 'ours'],
    [['other'], 'foreign', 'foreign'],
    [['none'], 'ours', 'foreign'],
    [['absent'], 'ours', 'unknown'],
    [[], 'ours', 'unknown'],
    [['latchkey', 'absent'], 'ours', 'unknown'],
    [['latchkey', 'other'], 'foreign', 'foreign'],
    [['absent', 'other'], 'foreign', 'foreign'],
  ])('of stores %j is %s where those without a class are ours, else %s', (names, claiming, beside) => {
    expect(classOf(names, true)).toBe(claiming);
    expect(classOf(names, false)).toBe(beside);
  });
});
