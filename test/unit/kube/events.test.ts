import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { KubeError, type KubeRequest } from '../../../src/kube/client.ts';
import { createEventRecorder, type KubeEvent } from '../../../src/kube/events.ts';
import { createMemoryCluster, type MemoryClusterOptions } from '../../../src/kube/memory/memory-cluster.ts';
import { createFakeClock } from '../../support/fake-clock.ts';

const POD = { apiVersion: 'v1', kind: 'Pod', name: 'api-0', namespace: 'payments', uid: 'uid-1' };

function anEvent(overrides: Partial<KubeEvent> = {}): KubeEvent {
  return {
    regarding: POD,
    type: 'Warning',
    reason: 'SecretFetchFailed',
    action: 'Fill',
    message: 'store is closed',
    ...overrides,
  };
}

function setUp(options: MemoryClusterOptions = {}) {
  const requests: KubeRequest[] = [];
  const clock = createFakeClock();
  const kube = createMemoryCluster([{ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'payments' } }], {
    ...options,
    onRequest: (request) => {
      requests.push(request);
      return options.onRequest?.(request);
    },
  });
  const recorder = createEventRecorder(kube, {
    component: 'latchkey.dev/controller',
    instance: 'latchkey-0',
    log: pino({ level: 'silent' }),
    clock,
  });
  return { kube, recorder, clock, requests, events: () => kube.objects('events.k8s.io/v1', 'Event') };
}

describe('createEventRecorder', () => {
  it('records an Event beside the object that it is about', async () => {
    const { recorder, events } = setUp();

    recorder.event(anEvent());
    await recorder.flush();

    expect(events()).toMatchObject([
      {
        metadata: { namespace: 'payments', name: expect.stringMatching(/^api-0\.[0-9a-f]{16}$/) },
        eventTime: '2026-11-22T05:00:00.000000Z',
        reportingController: 'latchkey.dev/controller',
        reportingInstance: 'latchkey-0',
        regarding: POD,
        type: 'Warning',
        reason: 'SecretFetchFailed',
        action: 'Fill',
        note: 'store is closed',
      },
    ]);
  });

  it('counts repetitions within ten minutes on the first Event', async () => {
    const { recorder, clock, events } = setUp();

    recorder.event(anEvent());
    recorder.event(anEvent());
    await clock.advance(60_000);
    recorder.event(anEvent());
    await recorder.flush();

    expect(events()).toMatchObject([{ series: { count: 3, lastObservedTime: '2026-11-22T05:01:00.000000Z' } }]);
  });

  it('begins another Event after ten minutes, or for another message', async () => {
    const { recorder, clock, events } = setUp();

    recorder.event(anEvent());
    recorder.event(anEvent({ message: 'another' }));
    await recorder.flush();
    await clock.advance(10 * 60_000);
    recorder.event(anEvent());
    await recorder.flush();

    expect(events()).toHaveLength(3);
  });

  it('begins anew when the Event to count on has expired', async () => {
    const { kube, recorder, events } = setUp();
    recorder.event(anEvent());
    await recorder.flush();
    const [first] = events();
    await kube.request({
      method: 'DELETE',
      path: `/apis/events.k8s.io/v1/namespaces/payments/events/${first?.metadata.name}`,
    });

    recorder.event(anEvent());
    await recorder.flush();

    expect(events()).toHaveLength(1);
  });

  it('puts Events of cluster-wide objects into default', async () => {
    const { kube, recorder, events } = setUp();
    kube.seed({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'default' } });

    recorder.event(anEvent({ regarding: { apiVersion: 'x/v1', kind: 'ClusterSecretStore', name: 'aws', uid: 'u' } }));
    await recorder.flush();

    expect(events()).toMatchObject([{ metadata: { namespace: 'default' } }]);
  });

  it('cuts a message at 1 kB between characters', async () => {
    const { recorder, events } = setUp();

    recorder.event(anEvent({ message: 'é'.repeat(2000) }));
    await recorder.flush();

    const note = String(events()[0]?.['note']);
    expect(Buffer.byteLength(note)).toBeLessThanOrEqual(1024);
    expect(note).toMatch(/^é+…$/);
  });

  it('drops what exceeds the rate, and goes on when time has passed', async () => {
    const { recorder, clock, requests } = setUp();

    for (let n = 0; n < 80; n += 1) recorder.event(anEvent({ message: `message ${n}` }));
    await recorder.flush();
    const burst = requests.length;
    await clock.advance(2000);
    for (let n = 0; n < 80; n += 1) recorder.event(anEvent({ message: `later ${n}` }));
    await recorder.flush();

    expect([burst, requests.length]).toEqual([50, 60]);
  });

  it('never throws, and records again once the API server answers', async () => {
    let isBroken = true;
    const { recorder, events } = setUp({
      onRequest: () => {
        if (isBroken) throw new KubeError(403, 'Forbidden', 'no');
      },
    });

    recorder.event(anEvent());
    await recorder.flush();
    isBroken = false;
    recorder.event(anEvent());
    await recorder.flush();

    expect(events()).toHaveLength(1);
  });
});
