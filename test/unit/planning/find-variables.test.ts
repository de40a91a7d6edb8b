import { describe, expect, it } from 'vitest';
import { findVariables } from '../../../src/planning/find-variables.ts';
import { viewPod } from '../../../src/planning/pod-view.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aReference } from '../../support/a-store.ts';

const FOREIGN = [
  {
    name: 'lk-a',
    owner: 'object',
    keys: { DB: { template: [aReference('db')], places: [] } },
  },
  { name: 'lk-b', owner: 'object', keys: {}, map: { reference: aReference('all'), places: [] } },
] as const;

function secretKeyRef(name: string, key: string) {
  return { name: 'A', valueFrom: { secretKeyRef: { name, key } } };
}

function found(container: Parameters<typeof aContainer>, foreign: Parameters<typeof findVariables>[1] = FOREIGN) {
  return findVariables(viewPod(aPod({ containers: [aContainer(...container)] })).containers, foreign);
}

describe('findVariables', () => {
  it.each([
    ['a plain value', { name: 'A', value: 'x' }],
    ['an empty value', { name: 'A', value: '' }],
    ['neither value nor valueFrom', { name: 'A' }],
    ['a Secret of somebody else', secretKeyRef('own', 'DB')],
    ['a key that the recorded Secret has not', secretKeyRef('lk-a', 'toString')],
    ['a field', { name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }],
  ])('finds nothing in %s', (_title, entry) => {
    expect(found([[entry]])).toEqual({ variables: [], envFrom: [], problems: [] });
  });

  it('gives a key of a recorded Secret its reference back', () => {
    expect(found([[{ name: 'X' }, secretKeyRef('lk-a', 'DB')]]).variables).toEqual([
      expect.objectContaining({ name: 'A', at: 1, content: { kind: 'secret', template: [aReference('db')] } }),
    ]);
  });

  it('gives a source of a recorded Secret its reference back', () => {
    const envFrom = [{ configMapRef: { name: 'c' } }, { prefix: 'P_', secretRef: { name: 'lk-b' } }];

    expect(found([undefined, { envFrom }]).envFrom).toEqual([
      expect.objectContaining({ at: 1, reference: aReference('all'), where: 'container "api", envFrom[1]' }),
    ]);
  });

  it('names every mistake with its place and goes on', () => {
    const { problems, variables } = found([
      { A: 'secretstore://', B: 'secretstore://aws-prod/b', C: '${secretstore:/x}' },
    ]);

    expect(problems.map(({ where, code }) => [where, code])).toEqual([
      ['container "api", env A', 'REF_INVALID'],
      ['container "api", env C', 'REF_INVALID'],
    ]);
    expect(variables.map(({ name }) => name)).toEqual(['B']);
  });
});
