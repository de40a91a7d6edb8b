import { describe, expect, it } from 'vitest';
import { LatchkeyError } from '../../../src/errors.ts';
import { nameStore, recordedProblems, type StoreContext } from '../../../src/planning/check-store.ts';
import type { Reference } from '../../../src/references/reference.ts';
import type { Store } from '../../../src/stores/store.ts';
import { aReference, aServiceAccount, aStore, needs } from '../../support/a-store.ts';
import { aNamespace, storesOf } from '../../support/plan-scene.ts';

function context(...stores: readonly Store[]): StoreContext {
  return {
    namespace: aNamespace(),
    serviceAccount: aServiceAccount(),
    stores: storesOf(...stores),
    controllerClass: 'latchkey',
    defaultStore: undefined,
  };
}

function refusal(reference: Reference, ...stores: readonly Store[]): string {
  try {
    nameStore(reference, context(...stores));
    return 'allowed';
  } catch (error) {
    return error instanceof LatchkeyError ? error.line : 'unexpected';
  }
}

const TO_TEAM = aReference('db', { store: { kind: 'ClusterSecretStore', name: 'team' } });
const team = { kind: 'ClusterSecretStore', name: 'team' } as const;
const ofOps = needs({ who: 'serviceAccount', serviceAccount: { name: 'eso', namespace: 'ops' } });

describe('nameStore', () => {
  it('puts the default store in, and leaves a named one', () => {
    const stores = context();
    const named = aReference('db');

    expect(nameStore(named, stores)).toBe(named);
    expect(
      nameStore(aReference('db', { store: { kind: 'default' } }), { ...stores, defaultStore: named.store }),
    ).toEqual(named);
  });

  it.each<[string, string, Reference, readonly Store[]]>([
    [
      'does not exist',
      'SecretStore "aws-prod" does not exist in namespace "payments". Create it, or correct the name. [STORE_NOT_FOUND]',
      aReference('db'),
      [aStore({ name: 'elsewhere' })],
    ],
    [
      'is misspelled',
      'SecretStore "aws-prod" does not exist in namespace "payments". Did you mean "aws-prd"? [STORE_NOT_FOUND]',
      aReference('db'),
      [aStore({ name: 'aws-prd' })],
    ],
    [
      'is of the other kind',
      'there is no SecretStore "aws-prod", but a ClusterSecretStore of that name. Write clustersecretstore://aws-prod/…. [STORE_NOT_FOUND]',
      aReference('db'),
      [aStore({ kind: 'ClusterSecretStore' })],
    ],
    [
      'is of another controller class',
      'SecretStore "aws-prod" belongs to the controller class "eso". Use a store without spec.controller, or one with "latchkey". [STORE_NOT_ALLOWED]',
      aReference('db'),
      [{ ...aStore(), controller: 'eso' }],
    ],
    [
      'is closed to the namespace',
      'ClusterSecretStore "team" is not open to namespace "payments". Ask its owner to add the namespace to spec.conditions. [STORE_NOT_ALLOWED]',
      TO_TEAM,
      [{ ...aStore(team), allowsNamespace: () => false }],
    ],
    [
      'has mistakes',
      'SecretStore "aws-prod" has mistakes: spec.provider: is required. Correct the store. [STORE_INVALID]',
      aReference('db'),
      [{ ...aStore(), problems: ['spec.provider: is required'] }],
    ],
    [
      'is read with the identity of another namespace',
      'ClusterSecretStore "team" is read with an identity of another namespace and is not open to Pods. Its owner can open it with the annotation latchkey.dev/pods: allowed. [STORE_NOT_ALLOWED]',
      TO_TEAM,
      [aStore({ ...team, needs: ofOps })],
    ],
  ])('refuses a store that %s', (_title, line, reference, stores) => {
    expect(refusal(reference, ...stores)).toBe(line);
  });

  it('tells a namespace nothing of mistakes in a store that is closed to it', () => {
    const store = { ...aStore(team), allowsNamespace: () => false, problems: ['spec.provider.vault.server: hunter2'] };

    expect(refusal(TO_TEAM, store)).not.toContain('hunter2');
  });

  it.each<[string, Store]>([
    ['of our class', { ...aStore(), controller: 'latchkey' }],
    ['of no class', aStore()],
  ])('allows a store %s', (_title, store) => {
    expect(refusal(aReference('db'), store)).toBe('allowed');
  });

  it('allows a store of another namespace that its owner opened to Pods', () => {
    expect(refusal(TO_TEAM, aStore({ ...team, needs: ofOps, podsAllowed: true }))).toBe('allowed');
  });

  it('asks for the annotations of the Pod only where the store is read as the Pod', () => {
    const problem = new LatchkeyError('IDENTITY_REJECTED', 'no role');
    const asPod = aStore({ needs: needs({ check: () => problem }) });
    const asOther = aStore({
      needs: needs({ who: 'serviceAccount', serviceAccount: { name: 'x' }, check: () => problem }),
    });

    expect(refusal(aReference('db'), asPod)).toBe('no role. [IDENTITY_REJECTED]');
    expect(refusal(aReference('db'), asOther)).toBe('allowed');
  });
});

describe('recordedProblems', () => {
  it('names what forbids each key and the map of a recorded Secret', () => {
    const keys = {
      A: { template: ['x', aReference('a')], places: [] },
      B: { template: [aReference('b', { store: { kind: 'SecretStore', name: 'gone' } })], places: [] },
    };

    const problems = recordedProblems({ keys, map: { reference: TO_TEAM, places: [] } }, context());

    expect(problems.map(({ code }) => code)).toEqual(['STORE_NOT_FOUND', 'STORE_NOT_FOUND']);
    expect(recordedProblems({ keys: { A: keys.A } }, context())).toEqual([]);
  });
});
