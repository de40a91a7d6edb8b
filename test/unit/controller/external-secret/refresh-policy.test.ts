import { describe, expect, it } from 'vitest';
import {
  isRefreshDue,
  type LastRefresh,
  nextRefresh,
} from '../../../../src/controller/external-secret/refresh-policy.ts';
import { parsedDefinition } from '../../../support/external-secret-scene.ts';

const NOW = new Date('2026-11-22T05:00:00Z');

function minutesAgo(minutes: number): Date {
  return new Date(NOW.getTime() - minutes * 60_000);
}

function last(refresh: Partial<LastRefresh> = {}): LastRefresh {
  return { version: '1-a', at: minutesAgo(1), isStoreChanged: false, ...refresh };
}

const NEVER = last({ version: '', at: undefined });
const EDITED = last({ version: '1-b' });
const OLD = last({ at: minutesAgo(61) });
const AHEAD = last({ at: minutesAgo(-5) });
const STORE = last({ isStoreChanged: true });

describe('whether a refresh is due', () => {
  it.each([
    ['Periodic', { never: true, fresh: false, edited: true, old: true, ahead: true, store: true }],
    ['OnChange', { never: true, fresh: false, edited: true, old: false, ahead: false, store: true }],
    ['CreatedOnce', { never: true, fresh: false, edited: false, old: false, ahead: false, store: false }],
  ])('%s', (refreshPolicy, due) => {
    const definition = parsedDefinition({ refreshPolicy });
    const isDue = (refresh: LastRefresh) => isRefreshDue(definition, '1-a', refresh, NOW);

    const found = {
      never: isDue(NEVER),
      fresh: isDue(last()),
      edited: isDue(EDITED),
      old: isDue(OLD),
      ahead: isDue(AHEAD),
      store: isDue(STORE),
    };

    expect(found).toEqual(due);
  });

  it.each([
    ['before the first time', NEVER, true],
    ['after an edit', EDITED, false],
    ['when it is old', OLD, false],
    ['after its store changed', STORE, false],
  ])('with refreshInterval 0 %s', (_when, refresh, isDue) => {
    expect(isRefreshDue(parsedDefinition({ refreshInterval: '0s' }), '1-a', refresh, NOW)).toBe(isDue);
  });

  it.each([
    ['never synced', NEVER, true],
    ['edited', EDITED, true],
    ['old', OLD, false],
  ])('outside of its sync window, a definition that is %s', (_what, refresh, isDue) => {
    const syncWindows = { kind: 'allow', windows: [{ schedule: '0 22 * * *', duration: '1h' }] };

    expect(isRefreshDue(parsedDefinition({ syncWindows }), '1-a', refresh, NOW)).toBe(isDue);
  });

  it('goes by the time that was planned, where there is one', () => {
    const early = last({ at: minutesAgo(55), dueAt: minutesAgo(1) });

    expect(isRefreshDue(parsedDefinition(), '1-a', early, NOW)).toBe(true);
  });
});

describe('the next refresh', () => {
  it.each([
    [0, 60],
    [0.5, 57],
    [1, 54],
  ])('is spread over a tenth of the interval (%d)', (random, minutes) => {
    expect(nextRefresh(parsedDefinition(), NOW, () => random)).toEqual(minutesAgo(-minutes));
  });

  it.each([{ refreshInterval: '0s' }, { refreshPolicy: 'OnChange' }, { refreshPolicy: 'CreatedOnce' }])(
    'never comes by itself with %j',
    (spec) => {
      expect(nextRefresh(parsedDefinition(spec), NOW, () => 0)).toBeUndefined();
    },
  );
});
