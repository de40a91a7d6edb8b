import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createWorkQueue, type WorkQueueOptions } from '../../../src/controller/work-queue.ts';
import { LatchkeyError } from '../../../src/errors.ts';
import { createFakeClock, settle } from '../../support/fake-clock.ts';

function setUp(run: WorkQueueOptions['run'], options: Partial<WorkQueueOptions> = {}) {
  const clock = createFakeClock();
  const runs: string[] = [];
  const queue = createWorkQueue({
    run: (key, signal) => {
      runs.push(`${key} ${clock.now()}`);
      return run(key, signal);
    },
    concurrency: 2,
    log: pino({ level: 'silent' }),
    clock,
    random: () => 0.5,
    ...options,
  });
  return { queue, clock, runs };
}

function done(): Promise<void> {
  return Promise.resolve();
}

describe('createWorkQueue', () => {
  it('runs a key once however often it is added while it waits', async () => {
    const { queue, runs } = setUp(done);

    for (const key of ['a', 'b', 'a', 'c', 'a']) queue.add(key);
    await settle();

    expect(runs).toEqual(['a 0', 'b 0', 'c 0']);
  });

  it('runs a key again, and never twice at once, when it was added while it ran', async () => {
    let active = 0;
    let most = 0;
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const { queue, runs } = setUp(async () => {
      active += 1;
      most = Math.max(most, active);
      await gates[runs.length - 1]?.promise;
      active -= 1;
    });

    queue.add('a');
    await settle();
    queue.add('a');
    queue.add('a');
    await settle();
    expect(runs).toHaveLength(1);
    gates[0]?.resolve();
    await settle();
    gates[1]?.resolve();
    await settle();

    expect(runs).toHaveLength(2);
    expect(most).toBe(1);
  });

  it('lets a run add its own key', async () => {
    const { queue, runs } = setUp(async (key) => {
      if (runs.length < 3) queue.add(key);
    });

    queue.add('a');
    await settle();

    expect(runs).toHaveLength(3);
  });

  it('keeps to its number of places', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, runs } = setUp(() => gate.promise);

    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    await settle();
    expect(runs).toHaveLength(2);
    expect(queue.size()).toBe(4);
    gate.resolve();
    await settle();

    expect(runs).toHaveLength(4);
    expect(queue.size()).toBe(0);
  });

  it('waits longer after each failure of a key, and forgets them after a success', async () => {
    let isBroken = true;
    const { queue, clock, runs } = setUp(async () => {
      if (isBroken) throw new Error('broken');
    });

    queue.add('a');
    await clock.advance(4000);
    isBroken = false;
    await clock.advance(4000);
    isBroken = true;
    queue.add('a');
    await clock.advance(500);

    expect(runs).toEqual(['a 0', 'a 500', 'a 1500', 'a 3500', 'a 7500', 'a 8000', 'a 8500']);
  });

  it('waits as long as the other side asked', async () => {
    const { queue, clock, runs } = setUp(async () => {
      throw new LatchkeyError('PROVIDER_THROTTLED', 'slow down', { retryAfterMs: 30_000 });
    });

    queue.add('a');
    await clock.advance(30_000);

    expect(runs).toEqual(['a 0', 'a 30000']);
  });

  it('runs a delayed key at the earliest of its times, and not again when it was added before', async () => {
    const { queue, clock, runs } = setUp(done);

    queue.addAfter('a', 5000);
    queue.addAfter('a', 1000);
    queue.addAfter('a', 3000);
    queue.addAfter('b', 2000);
    queue.add('b');
    await clock.advance(10_000);

    expect(runs).toEqual(['b 0', 'a 1000']);
  });

  it('looks again when a run says so', async () => {
    const { queue, clock, runs } = setUp(async () => (runs.length < 2 ? { again: 60_000 } : undefined));

    queue.add('a');
    await clock.advance(180_000);

    expect(runs).toEqual(['a 0', 'a 60000']);
  });

  it('shows progress while it is idle or moves, and none while it stands still', async () => {
    const gate = Promise.withResolvers<void>();
    const { queue, clock } = setUp((key) => (key === 'stuck' ? gate.promise : done()), { concurrency: 1 });

    await clock.advance(1000);
    const idle = queue.lastProgressAt();
    queue.add('stuck');
    queue.add('other');
    await clock.advance(60_000);
    const stuck = queue.lastProgressAt();
    gate.resolve();
    await clock.advance(1000);

    expect([idle, stuck, queue.lastProgressAt()]).toEqual([1000, 1000, 62_000]);
  });

  it('lets what runs come to its end when it stops, and starts nothing more', async () => {
    const gate = Promise.withResolvers<void>();
    const ended: string[] = [];
    const { queue, clock, runs } = setUp(async (key) => {
      await gate.promise;
      ended.push(key);
    });
    for (const key of ['a', 'b', 'c']) queue.add(key);
    queue.addAfter('d', 100);
    await settle();

    const stopped = queue.stop();
    queue.add('e');
    await clock.advance(1000);
    gate.resolve();
    await stopped;
    await clock.advance(1000);

    expect(ended).toEqual(['a', 'b']);
    expect(runs).toHaveLength(2);
  });

  it('tells a run that does not end to stop', async () => {
    const { queue, clock } = setUp(
      (_, signal) =>
        new Promise((_resolve, reject) => {
          signal.addEventListener('abort', () => reject(new Error('aborted')));
        }),
    );
    queue.add('a');
    await settle();

    const stopped = queue.stop(5000);
    await clock.advance(5000);

    await expect(stopped).resolves.toBeUndefined();
  });
});
