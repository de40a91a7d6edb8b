import { describe, expect, it } from 'vitest';
import { withReady } from '../../../src/controller/ready-condition.ts';

const NOW = new Date('2026-11-22T05:00:00.123Z');
const VALID = { status: 'True', reason: 'Valid', message: 'store validated' } as const;
const FAILED = { status: 'False', reason: 'ValidationFailed', message: 'no answer' } as const;

function ready(fields: object) {
  return { type: 'Ready', lastTransitionTime: '2026-01-01T00:00:00Z', ...fields };
}

describe('withReady', () => {
  it.each([[undefined], [{}], [{ conditions: null }], [{ conditions: 'none' }]])(
    'begins with the status %j',
    (status) => {
      expect(withReady(status, VALID, NOW)).toEqual({
        capabilities: 'ReadOnly',
        conditions: [{ type: 'Ready', ...VALID, lastTransitionTime: '2026-11-22T05:00:00Z' }],
      });
    },
  );

  it('has nothing to write where it says so already', () => {
    const status = { capabilities: 'ReadOnly', conditions: [ready(VALID)] };

    expect(withReady(status, VALID, NOW)).toBeUndefined();
  });

  it('moves the transition time with the status', () => {
    const status = { capabilities: 'ReadOnly', conditions: [ready(VALID)] };

    expect(withReady(status, FAILED, NOW)).toMatchObject({
      conditions: [{ ...FAILED, lastTransitionTime: '2026-11-22T05:00:00Z' }],
    });
  });

  it('keeps the transition time when only the message changes', () => {
    const status = { capabilities: 'ReadOnly', conditions: [ready({ ...FAILED, message: 'refused' })] };

    expect(withReady(status, FAILED, NOW)).toMatchObject({
      conditions: [{ ...FAILED, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    });
  });

  it('leaves the conditions of others where they are', () => {
    const other = { type: 'Audited', status: 'True' };
    const status = { conditions: [ready(VALID), other] };

    expect(withReady(status, FAILED, NOW)).toMatchObject({ conditions: [{ type: 'Ready' }, other] });
  });

  it('corrects capabilities', () => {
    const status = { capabilities: 'ReadWrite', conditions: [ready(VALID)] };

    expect(withReady(status, VALID, NOW)).toEqual({ capabilities: 'ReadOnly', conditions: [ready(VALID)] });
  });
});
