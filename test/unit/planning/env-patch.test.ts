import { describe, expect, it } from 'vitest';
import { containerPatch, type VariableEdit } from '../../../src/planning/env-patch.ts';
import { type ContainerView, viewPod } from '../../../src/planning/pod-view.ts';
import type { Variable } from '../../../src/planning/variable.ts';
import { aContainer, aPod } from '../../support/a-pod.ts';
import { aReference } from '../../support/a-store.ts';
import { envOf, patched } from '../../support/plan-scene.ts';

const CONTENT: Variable['content'] = { kind: 'secret', template: [aReference('db')] };

function viewOf(pod: ReturnType<typeof aPod>): ContainerView {
  const [container] = viewPod(pod).containers;
  if (container === undefined) throw new Error('the Pod has no container');
  return container;
}

function edit(container: ContainerView, name: string, at: Variable['at'], ...helpers: readonly string[]): VariableEdit {
  const entries = [...helpers, name].map((entry) => ({ name: entry, value: 'new' }));
  return { variable: { container, name, at, content: CONTENT, where: '' }, entries };
}

describe('containerPatch', () => {
  it('is empty where nothing changes', () => {
    expect(containerPatch(viewOf(aPod()), [], [])).toEqual([]);
  });

  it('brings several edits of one container into place, in whatever order they come', () => {
    const pod = aPod({ containers: [aContainer({ A: 'a', B: 'b', C: 'c' })] });
    const container = viewOf(pod);
    const edits = [
      edit(container, 'END', 'end', 'E1'),
      edit(container, 'A', 0, 'A1', 'A2'),
      edit(container, 'FIRST', 'front'),
      edit(container, 'C', 2, 'C1'),
      edit(container, 'SECOND', 'front'),
      edit(container, 'LAST', 'end'),
    ];

    const after = patched(pod, containerPatch(container, edits, []));

    expect(envOf(after).map((entry) => Object.values(entry).join(' '))).toEqual([
      'FIRST new',
      'SECOND new',
      'A1 new',
      'A2 new',
      'A new',
      'B b',
      'C1 new',
      'C new',
      'E1 new',
      'END new',
      'LAST new',
    ]);
  });

  it.each([
    ['another container in its place', aPod({ containers: [aContainer({ A: 'a' }, { name: 'sidecar' })] })],
    ['another variable in its place', aPod({ containers: [aContainer({ INSERTED: 'x', A: 'a' })] })],
  ])('does not fit a Pod with %s', (_title, other) => {
    const container = viewOf(aPod({ containers: [aContainer({ A: 'a' })] }));

    const patch = containerPatch(container, [edit(container, 'A', 0)], []);

    expect(() => patched(other, patch)).toThrow(/TEST_OPERATION_FAILED|Test operation failed/);
  });

  it('points an existing source to another Secret only where it still names the old one', () => {
    const pod = aPod({
      containers: [aContainer(undefined, { envFrom: [{ prefix: 'P_', secretRef: { name: 'old' } }] })],
    });
    const container = viewOf(pod);
    const envFrom = { container, at: 0, reference: aReference('all'), prefix: '', where: '' };
    const other = aPod({ containers: [aContainer(undefined, { envFrom: [{ secretRef: { name: 'moved' } }] })] });

    const patch = containerPatch(container, [], [{ envFrom, secretName: 'new', optional: false }]);

    expect(patched(pod, patch).spec.containers[0]?.envFrom).toEqual([{ prefix: 'P_', secretRef: { name: 'new' } }]);
    expect(() => patched(other, patch)).toThrow(/TEST_OPERATION_FAILED|Test operation failed/);
  });
});
