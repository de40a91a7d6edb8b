import fastJsonPatch from 'fast-json-patch';
import { describe, expect, it } from 'vitest';
import { jsonPatched, mergePatched, strategicMergePatched } from '../../../../src/kube/memory/patches.ts';

describe('mergePatched', () => {
  // From the appendix of RFC 7386.
  it.each([
    [{ a: 'b' }, { a: 'c' }, { a: 'c' }],
    [{ a: 'b' }, { b: 'c' }, { a: 'b', b: 'c' }],
    [{ a: 'b' }, { a: null }, {}],
    [{ a: ['b'] }, { a: 'c' }, { a: 'c' }],
    [{ a: { b: 'c' } }, { a: { b: 'd', c: null } }, { a: { b: 'd' } }],
    [{ a: [{ b: 'c' }] }, { a: [1] }, { a: [1] }],
    [{ a: 'foo' }, 'bar', 'bar'],
    [[1, 2], { a: 'b', c: null }, { a: 'b' }],
    [{}, { a: { bb: { ccc: null } } }, { a: { bb: {} } }],
  ])('makes of %j with %j', (target, patch, result) => {
    expect(mergePatched(target, patch)).toEqual(result);
  });
});

describe('strategicMergePatched', () => {
  it('merges named lists of a Pod by name, and adds what is new where the API server does', () => {
    const pod = { spec: { containers: [{ name: 'a', image: 'x', env: [{ name: 'A', value: '1' }] }, { name: 'b' }] } };
    const patch = { spec: { containers: [{ name: 'a', env: [{ name: 'B', value: '2' }] }, { name: 'c' }] } };

    expect(strategicMergePatched(pod, patch)).toEqual({
      spec: {
        containers: [
          {
            name: 'a',
            image: 'x',
            env: [
              { name: 'B', value: '2' },
              { name: 'A', value: '1' },
            ],
          },
          { name: 'c' },
          { name: 'b' },
        ],
      },
    });
  });

  it('replaces lists without a key', () => {
    expect(strategicMergePatched({ spec: { args: ['a', 'b'] } }, { spec: { args: ['c'] } })).toEqual({
      spec: { args: ['c'] },
    });
  });

  it.each([
    ['an item without its key', { metadata: { ownerReferences: [{ name: 'x' }] } }, 400],
    ['a directive that it does not know', { spec: { $retainKeys: ['a'] } }, 501],
    ['another $patch', { metadata: { ownerReferences: [{ uid: 'x', $patch: 'replace' }] } }, 501],
  ])('refuses %s', (_, patch, status) => {
    expect(() => strategicMergePatched({}, patch)).toThrow(expect.objectContaining({ status }));
  });
});

describe('jsonPatched', () => {
  const pod = { metadata: { labels: { 'a/b': 'c' } }, spec: { gates: [{ name: 'x' }, { name: 'y' }], list: [1] } };

  it.each([
    [[{ op: 'add', path: '/metadata/labels/d', value: 'e' }]],
    [[{ op: 'add', path: '/spec/list/-', value: 2 }]],
    [[{ op: 'add', path: '/spec/list/0', value: 0 }]],
    [[{ op: 'replace', path: '/metadata/labels/a~1b', value: 'z' }]],
    [
      [
        { op: 'test', path: '/spec/gates/1/name', value: 'y' },
        { op: 'remove', path: '/spec/gates/1' },
      ],
    ],
    [[{ op: 'remove', path: '/metadata/labels' }]],
  ] as const)('does what another library does with %j', (operations) => {
    const expected = fastJsonPatch.applyPatch(structuredClone(pod), structuredClone([...operations])).newDocument;

    expect(jsonPatched(pod, operations)).toEqual(expected);
  });

  it.each([
    ['a failing test', [{ op: 'test', path: '/spec/list/0', value: 7 }], 422],
    ['a path to nothing', [{ op: 'remove', path: '/spec/nothing' }], 422],
    ['an index outside', [{ op: 'add', path: '/spec/list/3', value: 1 }], 422],
    ['an operation it does not know', [{ op: 'move', path: '/spec', from: '/x' }], 501],
    ['something else than a list', {}, 400],
  ])('refuses %s', (_, operations, status) => {
    expect(() => jsonPatched(pod, operations)).toThrow(expect.objectContaining({ status }));
  });
});
