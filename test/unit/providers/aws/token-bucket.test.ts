import { describe, expect, it } from 'vitest';
import { createTokenBuckets, type Quota } from '../../../../src/providers/aws/token-bucket.ts';
import { createFakeClock, settle } from '../../../support/fake-clock.ts';

const QUOTA: Quota = { name: 'ssm:GetParameter', perSecond: 40 };
const CALL = { signal: new AbortController().signal };

function createScene() {
  const clock = createFakeClock();
  const buckets = createTokenBuckets({ now: () => clock.now(), sleep: (ms, signal) => clock.sleep(ms, signal) });
  return { clock, buckets };
}

describe('createTokenBuckets', () => {
  it('lets through what the quota allows, and the rest in turn', async () => {
    const { clock, buckets } = createScene();
    let through = 0;
    for (let index = 0; index < 60; index += 1) void buckets.take('a', QUOTA, CALL).then(() => (through += 1));
    const counts: number[] = [];

    await settle();
    for (let step = 0; step < 5; step += 1) {
      counts.push(through);
      await clock.advance(250);
    }

    expect(counts).toEqual([11, 21, 31, 41, 51]);
  });

  it('counts each account and each quota for itself', async () => {
    const { clock, buckets } = createScene();
    for (let index = 0; index < 60; index += 1) void buckets.take('a', QUOTA, CALL);

    await buckets.take('b', QUOTA, CALL);
    await buckets.take('a', { ...QUOTA, name: 'ssm:DescribeParameters' }, CALL);

    expect(clock.now()).toBe(0);
  });

  it('refuses what would wait for long, with the time to wait', async () => {
    const { buckets } = createScene();
    const slow: Quota = { name: 'slow', perSecond: 1 };
    const waiting = Array.from({ length: 4 }, () => buckets.take('a', slow, CALL));

    const refused = buckets.take('a', slow, CALL);

    await expect(refused).rejects.toMatchObject({ code: 'PROVIDER_THROTTLED', retryAfterMs: 3750 });
    expect(waiting).toHaveLength(4);
  });

  it('ends a wait at the deadline', async () => {
    const { buckets } = createScene();
    const deadline = new AbortController();
    const slow: Quota = { name: 'slow', perSecond: 1 };
    await buckets.take('a', slow, CALL);

    const waiting = buckets.take('a', slow, { signal: deadline.signal });
    deadline.abort();

    await expect(waiting).rejects.toMatchObject({ code: 'PROVIDER_TIMEOUT' });
  });
});
