import { describe, expect, it } from 'vitest';
import { ownedKeys, readManagedFields, takenOver } from '../../../src/kube/managed-fields.ts';

const OURS = {
  manager: 'latchkey',
  operation: 'Apply',
  fieldsV1: { 'f:data': { '.': {}, 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
};
const THEIRS = {
  manager: 'theirs',
  operation: 'Update',
  fieldsV1: { 'f:data': { 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:y': {} } }, 'f:type': {} },
};
const OTHERS = { manager: 'others', operation: 'Update', fieldsV1: { 'f:data': { 'f:c': {} } } };

describe('managed fields', () => {
  it('say which keys of a map a manager owns', () => {
    const [entry] = readManagedFields({ managedFields: [OURS] });

    expect(entry && ownedKeys(entry, 'data')).toEqual(['a']);
    expect(entry && ownedKeys(entry, 'stringData')).toEqual([]);
  });

  it.each([undefined, 'text', [null, { manager: 1 }]])('are read from %j without a mistake', (managedFields) => {
    expect(readManagedFields({ managedFields }).flatMap((entry) => ownedKeys(entry, 'data'))).toEqual([]);
  });

  it("become the applier's own, and others stay as they are", () => {
    const all = readManagedFields({ managedFields: [OURS, THEIRS, OTHERS] });

    expect(takenOver(all, 'latchkey', ({ manager }) => manager === 'theirs')).toEqual([
      OTHERS,
      {
        manager: 'latchkey',
        operation: 'Apply',
        apiVersion: 'v1',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:data': { '.': {}, 'f:a': {}, 'f:b': {} },
          'f:metadata': { 'f:labels': { 'f:x': {}, 'f:y': {} } },
          'f:type': {},
        },
      },
    ]);
  });

  it('have nothing to take over where nobody owned anything before', () => {
    expect(takenOver(readManagedFields({ managedFields: [OURS, OTHERS] }), 'latchkey', () => false)).toBeUndefined();
  });
});
