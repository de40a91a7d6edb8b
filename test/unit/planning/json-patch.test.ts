import * as fc from 'fast-check';
import fastJsonPatch from 'fast-json-patch';
import { expect, it } from 'vitest';
import { pointer } from '../../../src/planning/json-patch.ts';

it.each([
  [['metadata', 'annotations', 'latchkey.dev/plan'], '/metadata/annotations/latchkey.dev~1plan'],
  [['a~b', 'c~1d', ''], '/a~0b/c~01d/'],
  [['spec', 'containers', 0, 'env', '-'], '/spec/containers/0/env/-'],
  [[], ''],
])('writes %j as %s', (segments, text) => {
  expect(pointer(...segments)).toBe(text);
});

it('finds what stands under any name', () => {
  fc.assert(
    fc.property(fc.string(), fc.string(), (outer, inner) => {
      fc.pre(outer !== '__proto__' && inner !== '__proto__');
      const document = { [outer]: { [inner]: 'found' } };

      expect(fastJsonPatch.getValueByPointer(document, pointer(outer, inner))).toBe('found');
    }),
  );
});
