import { describe, expect, it } from 'vitest';
import { createMetrics } from '../../../src/metrics.ts';
import { createAccessLog } from '../../../src/server/access-log.ts';
import { captureLog } from '../../support/captured-log.ts';

const ENVELOPE = {
  uid: 'u-1',
  review: {},
  request: {
    uid: 'u-1',
    kind: { kind: 'Pod' },
    namespace: 'payments',
    name: 'api-0',
    operation: 'CREATE',
    object: { spec: { containers: [{ env: [{ value: 'hunter2' }] }] } },
  },
};

describe('access log', () => {
  it('writes one line a review and counts it', async () => {
    const captured = captureLog();
    const metrics = createMetrics();
    const record = createAccessLog({ log: captured.log, metrics, accessLog: true });

    record(ENVELOPE, { decision: 'denied', codes: ['STORE_NOT_FOUND', 'REF_INVALID'] }, 1.23456);

    expect(captured.lines).toEqual([
      expect.objectContaining({
        uid: 'u-1',
        namespace: 'payments',
        kind: 'Pod',
        name: 'api-0',
        operation: 'CREATE',
        dryRun: false,
        decision: 'denied',
        codes: ['STORE_NOT_FOUND', 'REF_INVALID'],
        durationMs: 1.23,
      }),
    ]);
    expect(captured.text()).not.toContain('hunter2');
    const { text } = await metrics.render();
    expect(text).toContain('latchkey_admission_reviews_total{decision="denied",code="STORE_NOT_FOUND"} 1');
    expect(text).toContain('latchkey_admission_duration_seconds_count{decision="denied"} 1');
  });

  it('only counts where it is switched off', async () => {
    const captured = captureLog();
    const metrics = createMetrics();
    const record = createAccessLog({ log: captured.log, metrics, accessLog: false });

    record(ENVELOPE, { decision: 'unchanged', codes: [] }, 1);

    expect(captured.lines).toEqual([]);
    expect((await metrics.render()).text).toContain('latchkey_admission_reviews_total{decision="unchanged",code=""} 1');
  });
});
