import { describe, expect, it } from 'vitest';
import { mayRefresh } from '../../../../src/controller/external-secret/sync-windows.ts';

const HOUR = 3_600_000;
const EVENING = { schedule: '0 22 * * *', durationMs: 2 * HOUR };
const UNREADABLE = { schedule: 'not-a-cron', durationMs: 2 * HOUR };

describe('sync windows', () => {
  it.each([
    ['when it opens', '2026-06-01T22:00:00.000Z', true],
    ['inside', '2026-06-01T22:30:00.000Z', true],
    ['when it closes', '2026-06-02T00:00:00.000Z', true],
    ['a millisecond later', '2026-06-02T00:00:00.001Z', false],
    ['a millisecond before it opens', '2026-06-01T21:59:59.999Z', false],
    ['between two days', '2026-06-02T03:00:00.000Z', false],
    ['the day after', '2026-06-02T22:30:00.000Z', true],
  ])('of the kind allow permit, and of the kind deny refuse, %s', (_when, at, isInside) => {
    const allow = mayRefresh({ kind: 'allow', windows: [EVENING] }, new Date(at));
    const deny = mayRefresh({ kind: 'deny', windows: [EVENING] }, new Date(at));

    expect([allow, deny]).toEqual([isInside, !isInside]);
  });

  it.each([
    ['@daily', HOUR, '2026-06-01T00:30:00Z', true],
    ['@daily', HOUR, '2026-06-01T01:30:00Z', false],
    ['@hourly', 60_000, '2026-06-01T07:00:30Z', true],
    ['@every 1h', 2 * HOUR, '2026-06-01T07:00:30Z', true],
    ['@every 3h', 2 * HOUR, '2026-06-01T07:00:30Z', false],
    ['0 9 * * 1-5', HOUR, '2026-06-01T09:30:00Z', true],
    ['0 9 * * 1-5', HOUR, '2026-06-06T09:30:00Z', false],
    ['0 0 9 * * *', HOUR, '2026-06-01T09:30:00Z', false],
  ])('with the schedule %s for %d ms at %s', (schedule, durationMs, at, isOpen) => {
    expect(mayRefresh({ kind: 'allow', windows: [{ schedule, durationMs }] }, new Date(at))).toBe(isOpen);
  });

  it.each([
    ['without any', undefined, true],
    ['with an empty list', { kind: 'allow', windows: [] } as const, true],
    ['with an unreadable one to allow', { kind: 'allow', windows: [UNREADABLE] } as const, false],
    ['with an unreadable one to deny', { kind: 'deny', windows: [UNREADABLE] } as const, true],
    ['with a readable one beside it', { kind: 'allow', windows: [UNREADABLE, EVENING] } as const, true],
  ])('%s', (_what, windows, isPermitted) => {
    expect(mayRefresh(windows, new Date('2026-06-01T23:00:00Z'))).toBe(isPermitted);
  });
});
