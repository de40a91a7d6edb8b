import { describe, expect, it } from 'vitest';
import { classifyStores, classOfDefinition } from '../../../src/stores/definition-class.ts';
import { aStore, needs } from '../../support/a-store.ts';

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

describe('classifyStores', () => {
  it('tells which stores there are, which are missing, and whether Pods have to read them', () => {
    const pods = aStore({ name: 'pods', needs: needs({ who: 'pod' }) });
    const own = aStore({ name: 'own', needs: needs({ who: 'credentials' }) });
    const index = {
      get: (_kind: unknown, _namespace: string, name: string) => [pods, own].find((one) => one.name === name),
    };
    const named = ['own', 'absent', 'pods'].map((name) => ({ kind: 'SecretStore', name }) as const);
    const settings = { controllerClass: 'latchkey', claimUnclassed: true };

    const all = classifyStores(named, 'payments', index, settings);
    const ownOnly = classifyStores(named.slice(0, 1), 'payments', index, settings);

    expect(all).toEqual({ whose: 'ours', found: [own, pods], missing: [named[1]], areReadByPods: true });
    expect(ownOnly).toEqual({ whose: 'ours', found: [own], missing: [], areReadByPods: false });
  });
});
